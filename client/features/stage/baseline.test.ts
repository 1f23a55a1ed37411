import { expect, test } from 'vitest'
import type { LoadView } from '../../../shared/stage.ts'
import { baselineFor, totalsOf } from './baseline.ts'

const load = (at: number, answered: number, failed = 0): LoadView =>
  ({ at, since: 0, answered, failed }) as LoadView

const history = [load(1_000, 100), load(2_000, 200, 1), load(3_000, 300, 1)]

test('totals since an update began leave out what was counted before', () => {
  const baseline = baselineFor(2_500, history, undefined)
  expect(totalsOf(load(4_000, 450, 3), baseline)).toEqual({
    answered: 250,
    failed: 2,
    since: 'update',
  })
})

test('without an update, or when its beginning was not measured, they are since the start', () => {
  expect(baselineFor(null, history, undefined)).toBeUndefined()
  expect(baselineFor(-60_000, history, undefined)).toBeUndefined()
  expect(totalsOf(load(4_000, 450, 3), undefined)).toEqual({
    answered: 450,
    failed: 3,
    since: 'start',
  })
})

test('a beginning that is known stays known after the history has moved on', () => {
  const known = baselineFor(2_500, history, undefined)
  expect(baselineFor(2_500, [load(400_000, 9_000)], known)).toBe(known)
})

test('counters that began anew do not give negative totals', () => {
  const baseline = baselineFor(2_500, history, undefined)
  expect(totalsOf(load(4_000, 20), baseline)).toEqual({ answered: 20, failed: 0, since: 'start' })
})
