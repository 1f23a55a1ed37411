import { expect, test } from 'vitest'
import type { FailureRecord } from '../../shared/load.ts'
import type { PodState, PodView } from '../../shared/stage.ts'
import { createAutopsy } from './autopsy.ts'
import { noFailures } from './loadFold.ts'

function view(name: string, state: PodState): PodView {
  return {
    kind: 'pod',
    key: `default/${name}`,
    uid: name,
    name,
    role: 'server',
    node: 'node-1',
    slot: 0,
    index: 0,
    version: 'v1',
    state,
    progress: 1,
    restarts: 0,
    ip: '127.200.0.1',
    reason: null,
    since: 0,
    stopsBy: null,
  }
}

let seq = 0
function failure(part: Partial<FailureRecord>): FailureRecord {
  seq += 1
  const one = { seq, run: 'run', bot: 'bot-1', at: 1_000, cause: 'reset' as const, count: 1 }
  return { ...one, pod: 'web', version: 'v1', connectedAt: 500, ...part }
}

function rules(text: string | null) {
  const rule = { target: '127.200.0.1:80', text, probability: 0.5 }
  return [{ address: '127.96.0.1:80', mode: 'iptables' as const, rules: [rule] }]
}

test('a failure is told with what its pod was then, what it became, and what led there', () => {
  const autopsy = createAutopsy()
  autopsy.podChanged('web', view('web', 'starting'), 100)
  autopsy.podChanged('web', view('web', 'ready'), 200)
  autopsy.rulesChanged(rules('-A X -j DNAT'))
  autopsy.podChanged('web', undefined, 1_012)
  const known = failure({ count: 3 })
  autopsy.failed([known])
  // Frames repeat what they told.
  autopsy.failed([known, failure({ at: 1_001, count: 2, bot: 'bot-2' })])
  const { groups, untold } = autopsy.report({ ...noFailures(), reset: 7 })
  expect(groups).toEqual([
    {
      cause: 'reset',
      count: 5,
      first: 1_000,
      last: 1_001,
      pod: 'web',
      version: 'v1',
      node: 'node-1',
      phase: 'ready',
      phaseAtConnect: 'ready',
      aftermath: { phase: 'gone', afterMs: 12 },
      rule: '-A X -j DNAT',
      bots: 2,
    },
  ])
  expect(untold).toBe(2)
})

test('different phases are different stories, newest first', () => {
  const autopsy = createAutopsy()
  autopsy.podChanged('web', view('web', 'ready'), 200)
  autopsy.podChanged('web', view('web', 'stopping'), 2_000)
  autopsy.failed([failure({ at: 1_000 }), failure({ at: 2_500 }), failure({ at: 3_000, pod: '' })])
  const { groups } = autopsy.report({ ...noFailures(), reset: 3 })
  expect(groups.map(({ pod, phase }) => [pod, phase])).toEqual([
    [null, 'unknown'],
    ['web', 'draining'],
    ['web', 'ready'],
  ])
})

test('what is remembered has a bound', () => {
  const autopsy = createAutopsy()
  autopsy.failed(Array.from({ length: 5_000 }, (_, at) => failure({ at, pod: `web-${at}` })))
  const { groups, untold } = autopsy.report({ ...noFailures(), reset: 5_000 })
  expect(groups).toHaveLength(100)
  expect(untold).toBe(3_000)
})
