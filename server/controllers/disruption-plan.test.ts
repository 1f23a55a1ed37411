import { expect, test } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { PodDisruptionBudget } from '../../shared/kubernetes/policy.ts'
import { planDisruption } from './disruption-plan.ts'
import { timeText } from '../machinery/clock.ts'
import { makePod, T0 } from './testing/objects.ts'

const budget = (
  spec: PodDisruptionBudget['spec'],
  disruptedPods: Record<string, string> = {},
): PodDisruptionBudget => ({
  metadata: { name: 'budget', generation: 3 },
  spec: { selector: {}, ...spec },
  status: {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    disruptedPods,
  },
})
const some = (ready: number, waiting = 0): Pod[] => [
  ...Array.from({ length: ready }, (_, i) => makePod({ name: `r${i}` })),
  ...Array.from({ length: waiting }, (_, i) => makePod({ name: `w${i}`, ready: false })),
]
const ofFive = () => ({ controller: 'web', replicas: 5 })

test.each<[string, PodDisruptionBudget['spec'], Pod[], number[]]>([
  ['a number', { minAvailable: 2 }, some(3), [1, 3, 2, 3]],
  ['a share of what is wanted', { minAvailable: '50%' }, some(4, 1), [1, 4, 3, 5]],
  ['how many may be missing', { maxUnavailable: 1 }, some(5), [1, 5, 4, 5]],
  ['none may be missing', { maxUnavailable: 0 }, some(5), [0, 5, 5, 5]],
  ['missing already', { maxUnavailable: 1 }, some(3, 2), [0, 3, 4, 5]],
  ['nobody there', { minAvailable: 0 }, [], [0, 0, 0, 0]],
  [
    'leaving pods do not count',
    { minAvailable: 1 },
    [makePod({ deleting: true }), ...some(1)],
    [0, 1, 1, 2],
  ],
])('%s', (_what, spec, pods, [allowed, healthy, desired, expected]) => {
  expect(planDisruption(budget(spec), pods, ofFive, T0).status).toMatchObject({
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    observedGeneration: 3,
    conditions: [{ type: 'DisruptionAllowed', status: allowed! > 0 ? 'True' : 'False' }],
  })
})

test('an allowed eviction counts until it is seen, or was too long ago', () => {
  const disrupted = { r0: timeText(T0), gone: timeText(T0) }
  const plan = planDisruption(budget({ minAvailable: 1 }, disrupted), some(3), ofFive, T0 + 1000)
  expect(plan).toMatchObject({
    status: { currentHealthy: 2, disruptionsAllowed: 1, disruptedPods: { r0: timeText(T0) } },
    againInMs: 119_000,
  })
  const later = planDisruption(
    budget({ minAvailable: 1 }, disrupted),
    some(3),
    ofFive,
    T0 + 120_000,
  )
  expect(later.status).not.toHaveProperty('disruptedPods')
})
