import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { Question } from './replica-calculator.ts'
import { replicasFor, replicasForObject } from './replica-calculator.ts'

const NOW = Date.parse('2030-01-01T01:00:00Z')
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString()
const timing = {
  tolerance: { up: 0.1, down: 0.1 },
  cpuInitializationMs: 300_000,
  initialReadinessMs: 30_000,
}

type State = 'ready' | 'unready' | 'starting' | 'pending' | 'failed' | 'deleting'

function pod(name: string, state: State): Pod {
  const old = state !== 'starting'
  const ready = state === 'ready' || state === 'deleting' || state === 'failed'
  return {
    metadata: { name, ...(state === 'deleting' && { deletionTimestamp: at(1) }) },
    spec: { containers: [] },
    status: {
      phase: state === 'pending' ? 'Pending' : state === 'failed' ? 'Failed' : 'Running',
      startTime: at(old ? 3000 : 60),
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: at(old ? 2995 : 58),
        },
      ],
    },
  }
}

/** Pods of these states; `uses` are percent of a request of 1000, null is not measured. */
function ask(states: State[], uses: (number | null)[], more: Partial<Question> = {}): number {
  const pods = states.map((state, i) => pod(`p${i}`, state))
  const measures = new Map(
    uses.flatMap((use, i) =>
      use === null ? [] : [[`p${i}`, { value: use * 10, at: NOW, windowMs: 10_000 }] as const],
    ),
  )
  const requests = new Map(pods.map(({ metadata }) => [metadata.name ?? '', 1000]))
  return replicasFor({
    pods,
    measures,
    isCpu: true,
    target: { type: 'utilization', percent: 30, requests },
    currentReplicas: states.length,
    timing,
    now: NOW,
    ...more,
  }).replicas
}

const ready = (count: number): State[] => Array<State>(count).fill('ready')

// The cases that pkg/controller/podautoscaler/replica_calculator_test.go names, by what they are about.
describe('replicas by utilization of the request', () => {
  test.each<[string, State[], (number | null)[], number]>([
    ['more load than the target asks for more', ready(3), [30, 50, 70], 5],
    ['less asks for fewer', ready(5), [10, 10, 10, 10, 10], 2],
    ['within a tenth nothing changes', ready(3), [31, 32, 33], 3],
    [
      'pods that are not ready are taken to use nothing',
      ['ready', 'ready', 'unready'],
      [100, 100, 0],
      7,
    ],
    ['a pod that only starts does not count with its CPU', ['ready', 'starting'], [60, 100], 2],
    ['a pending pod damps growth', ['ready', 'ready', 'pending'], [60, 60, null], 4],
    ['a failed pod is ignored', ['ready', 'ready', 'failed'], [60, 60, null], 4],
    ['a pod being deleted is ignored', ['ready', 'ready', 'deleting'], [60, 60, 90], 4],
    ['a missing one counts as idle when growing', ready(3), [60, 60, null], 4],
    ['and as fully used when shrinking', ready(4), [10, 10, 10, null], 4],
    ['which never turns shrinking into growing', ready(3), [10, 10, null], 3],
  ])('%s', (_, states, uses, wanted) => {
    expect(ask(states, uses)).toBe(wanted)
  })

  it('has no answer without pods or measurements', () => {
    expect(() => ask([], [])).toThrow('no pods returned by selector')
    expect(() => ask(ready(2), [null, null])).toThrow('did not receive metrics')
    expect(() => ask(['unready'], [50])).toThrow('did not receive metrics')
  })

  it('follows the formula when everything is known: ceil(pods × use ÷ target)', () => {
    const uses = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(uses, (list) => {
        const utilization = Math.trunc(list.reduce((a, b) => a + b, 0) / list.length)
        const ratio = utilization / 30
        const wanted = ratio >= 0.9 && ratio <= 1.1 ? list.length : Math.ceil(ratio * list.length)
        expect(ask(ready(list.length), list)).toBe(wanted)
      }),
    )
  })

  it('assumptions never make a change larger than the measured pods alone would', () => {
    const state = fc.constantFrom<State>('ready', 'unready', 'pending', 'starting')
    const use = fc.option(fc.integer({ min: 0, max: 200 }))
    const pods = fc.array(fc.tuple(state, use), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(pods, (list) => {
        const states = list.map(([each]) => each)
        const uses = list.map(([, each]) => each)
        let replicas: number
        try {
          replicas = ask(states, uses)
        } catch {
          return
        }
        const known = uses.filter(
          (value, i): value is number => value !== null && states[i] === 'ready',
        )
        const ratio = known.reduce((a, b) => a + b, 0) / known.length / 30
        const most = ratio > 1.1 ? Math.ceil(ratio * list.length) : list.length
        expect(replicas).toBeLessThanOrEqual(most)
        expect(replicas).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('replicas by a number per pod', () => {
  const average = { isCpu: false, target: { type: 'average', perPod: 300 } as const }
  it('goes by the mean', () => {
    expect(ask(ready(3), [30, 50, 70], average)).toBe(5)
    expect(ask(ready(3), [31, 30, 32], average)).toBe(3)
  })
})

describe('replicas by one number about another object', () => {
  const scene = { readyPods: 3, currentReplicas: 3, timing }
  it('as a whole, or per replica', () => {
    expect(replicasForObject(20_000, { value: 15_000 }, scene).replicas).toBe(4)
    expect(replicasForObject(15_500, { value: 15_000 }, scene).replicas).toBe(3)
    expect(replicasForObject(20_000, { average: 2_000 }, scene).replicas).toBe(10)
    expect(replicasForObject(0, { average: 2_000 }, scene).replicas).toBe(0)
  })
})
