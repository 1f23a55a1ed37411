import { expect, test } from 'vitest'
import type { RolloutView } from '../../../shared/stage.ts'
import type { Totals } from './baseline.ts'
import { foldUpdate, outcomeWords } from './outcome.ts'

const steady = { toVersion: 'v1', phase: 'steady', startedAt: null } as RolloutView
const updating: RolloutView = {
  ...steady,
  fromVersion: 'v1',
  toVersion: 'v2',
  phase: 'updating',
  startedAt: 1_000,
}
const done: RolloutView = { ...updating, phase: 'steady', startedAt: null }
const totals = (answered: number, failed = 0, since: Totals['since'] = 'update'): Totals => ({
  answered,
  failed,
  since,
})

test('what was counted while it ran is told once it is over', () => {
  let update = foldUpdate({ rollout: steady, totals: totals(9, 0, 'start'), at: 900 }, null)
  expect(update).toBeNull()
  update = foldUpdate({ rollout: updating, totals: totals(0), at: 1_100 }, update)
  update = foldUpdate({ rollout: updating, totals: totals(455_010), at: 27_000 }, update)
  expect(outcomeWords(update)).toBeNull()
  update = foldUpdate({ rollout: done, totals: totals(999_999, 0, 'start'), at: 27_300 }, update)
  expect(outcomeWords(update)).toBe('v1 to v2 in 26 s, 0 of 455,010 requests failed')
})

test('scaling afterwards leaves it, another version or a look from outside does not', () => {
  const running = foldUpdate({ rollout: updating, totals: totals(7, 1), at: 3_000 }, null)
  const over = foldUpdate({ rollout: done, totals: null, at: 4_000 }, running)
  expect(outcomeWords(over)).toBe('v1 to v2 in 2 s, 1 of 8 requests failed')
  const scaling = { ...done, phase: 'scaling' } as RolloutView
  expect(foldUpdate({ rollout: scaling, totals: null, at: 5_000 }, over)).toEqual(over)
  expect(foldUpdate({ rollout: { ...done, toVersion: 'v3' }, totals: null, at: 6_000 }, over)).toBe(
    null,
  )
  expect(foldUpdate({ rollout: done, totals: totals(1, 0, 'start'), at: 7_000 }, null)).toBeNull()
})
