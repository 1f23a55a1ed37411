import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { controllerOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { DELETION_COST_ANNOTATION, podsToDelete } from './deletion-order.ts'
import type { ReplicaOwner } from './replica-plan.ts'
import { tallyOf } from './pod-tally.ts'
import { planFromCounts, planReplicas, replicaStatus, talliedBy } from './replica-plan.ts'
import type { ReplicaFailure } from './replica-plan.ts'
import type { PodOptions } from './testing/objects.ts'
import { makePod, namesOf, T0 } from './testing/objects.ts'

const makeOwner = (replicas: number, more: Partial<ReplicaOwner> = {}): ReplicaOwner => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'set', namespace: 'default', uid: 'set', generation: 2 },
  replicas,
  minReadySeconds: 0,
  selector: { matchLabels: { app: 'web' } },
  template: { metadata: { labels: { app: 'web', tier: 'front' } }, spec: { containers: [] } },
  status: undefined,
  ...more,
})
const none = (): Pod[] => []
const statusOf = (owner: ReplicaOwner, pods: readonly Pod[], failure: ReplicaFailure | undefined) =>
  replicaStatus(owner, tallyOf(pods, talliedBy(owner)), () => pods, failure, T0)
const own = (options: PodOptions = {}): Pod => makePod({ owner: 'set', ...options })

describe('which pods go first', () => {
  const now = T0 + 3_600_000
  const cases: [string, PodOptions, PodOptions][] = [
    ['unassigned before assigned', { node: '' }, {}],
    ['pending before unknown', { phase: 'Pending' }, { phase: 'Unknown' }],
    ['unknown before running', { phase: 'Unknown' }, {}],
    ['not ready before ready', { ready: false }, {}],
    ['cheaper before dearer', { annotations: { [DELETION_COST_ANNOTATION]: '-5' } }, {}],
    ['ready for a shorter time', { readySince: now - 10_000 }, { readySince: now - 1_000_000 }],
    ['more restarts', { restarts: 3 }, { restarts: 1 }],
    ['younger', { created: now - 10_000 }, { created: now - 1_000_000 }],
  ]
  test.each(cases)('%s', (_, first, second) => {
    const [a, b] = [own({ name: 'zz', ...first }), own({ name: 'aa', ...second })]
    expect(namesOf(podsToDelete([b, a], 1, [], now))).toEqual(['zz'])
  })

  test('from the node that holds more pods of the same Deployment', () => {
    const crowded = own({ name: 'zz', node: 'node-2' })
    const lonely = own({ name: 'aa', node: 'node-1' })
    const related = [crowded, lonely, makePod({ owner: 'other', node: 'node-2' })]
    expect(namesOf(podsToDelete([lonely, crowded], 1, related, now))).toEqual(['zz'])
  })

  test('an unreadable cost counts as none', () => {
    const strange = own({ name: 'zz', annotations: { [DELETION_COST_ANNOTATION]: '+5' } })
    const dear = own({ name: 'aa', annotations: { [DELETION_COST_ANNOTATION]: '1' } })
    expect(namesOf(podsToDelete([dear, strange], 1, [], now))).toEqual(['zz'])
  })
})

describe('planReplicas', () => {
  test('makes what is missing; finished and leaving pods do not count', () => {
    const pods = [own(), own({ phase: 'Failed' }), own({ deleting: true })]
    expect(planReplicas(makeOwner(3), pods, none, T0)).toMatchObject({ create: 2, remove: [] })
  })

  test('adopts pods of nobody, lets go of pods whose labels left', () => {
    const pods = [
      makePod({ name: 'orphan' }),
      makePod({ name: 'stranger', labels: { app: 'db' } }),
      own({ name: 'relabelled', labels: { app: 'db' } }),
      makePod({ name: 'others', owner: 'other' }),
    ]
    const plan = planReplicas(makeOwner(2), pods, none, T0)
    expect(namesOf(plan.adopt)).toEqual(['orphan'])
    expect(namesOf(plan.release)).toEqual(['relabelled'])
    expect(plan.create).toBe(1)
  })

  test('an owner on its way out does nothing', () => {
    const owner = makeOwner(3)
    owner.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    expect(planReplicas(owner, [makePod()], none, T0)).toEqual({
      adopt: [],
      release: [],
      create: 0,
      remove: [],
    })
  })

  const anyPod = fc.record({
    owner: fc.constantFrom('set', 'other', ''),
    labels: fc.constantFrom({ app: 'web' }, { app: 'db' }),
    phase: fc.constantFrom('Pending' as const, 'Running' as const, 'Failed' as const),
    ready: fc.boolean(),
    deleting: fc.boolean(),
    node: fc.constantFrom('', 'node-1', 'node-2'),
  })

  test('carried out, it leaves nothing to do and the right number of pods', () => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 20 }), fc.nat(15), (options, replicas) => {
        const owner = makeOwner(replicas)
        const after = carryOut(owner, options.map(makePod))
        const again = planReplicas(owner, after, none, T0)
        expect(again).toEqual({ adopt: [], release: [], create: 0, remove: [] })
        const controlled = after.filter((pod) => controllerOf(pod)?.uid === 'set')
        expect(statusOf(owner, controlled, undefined).status.replicas).toBe(replicas)
      }),
    )
  })
})

test('counts alone give the same plan, wherever they give one', () => {
  const anyPod = fc.record({
    owner: fc.constantFrom('set', 'set', 'set', 'other'),
    labels: fc.constantFrom({ app: 'web' }, { app: 'web', tier: 'front' }),
    phase: fc.constantFrom('Pending' as const, 'Running' as const, 'Failed' as const),
    deleting: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(anyPod, { maxLength: 20 }), fc.nat(25), (options, replicas) => {
      const owner = makeOwner(replicas)
      const pods = options.map(makePod)
      const controlled = pods.filter((pod) => controllerOf(pod)?.uid === 'set')
      const quick = planFromCounts(owner, tallyOf(controlled, talliedBy(owner)), 0)
      const whole = planReplicas(owner, pods, none, T0)
      expect(quick ?? whole).toEqual(whole)
      expect(quick === undefined).toBe(whole.remove.length > 0)
    }),
  )
})

test('counts are not enough when pods of nobody, or that no longer match, are about', () => {
  const owner = makeOwner(1)
  const strange = tallyOf([own({ labels: { app: 'db' } })], talliedBy(owner))
  expect(planFromCounts(owner, strange, 0)).toBeUndefined()
  expect(planFromCounts(owner, tallyOf([], talliedBy(owner)), 1)).toBeUndefined()
})

/** The pods there are after the plan for them was carried out. */
function carryOut(owner: ReplicaOwner, pods: Pod[]): Pod[] {
  const plan = planReplicas(owner, pods, none, T0)
  const kept = pods.filter((pod) => !plan.remove.includes(pod) && !plan.release.includes(pod))
  const adopted = kept.map((pod) =>
    plan.adopt.includes(pod) ? makePod({ owner: 'set', node: pod.spec.nodeName ?? '' }) : pod,
  )
  return [...adopted, ...Array.from({ length: plan.create }, () => own({ phase: 'Pending' }))]
}

describe('replicaStatus', () => {
  test('counts active, fully labelled, ready, available and leaving pods', () => {
    const owner = makeOwner(5, { minReadySeconds: 10 })
    const pods = [
      own({ labels: { app: 'web', tier: 'front' }, readySince: T0 - 60_000 }),
      own({ readySince: T0 - 4000 }),
      own({ ready: false }),
      own({ deleting: true }),
      own({ phase: 'Succeeded' }),
    ]
    expect(statusOf(owner, pods, undefined)).toEqual({
      status: {
        replicas: 3,
        fullyLabeledReplicas: 1,
        readyReplicas: 2,
        availableReplicas: 1,
        terminatingReplicas: 1,
        observedGeneration: 2,
      },
      againInMs: 6000,
    })
  })

  test('a failed creation is a condition, and goes when creation works again', () => {
    const failure = { reason: 'FailedCreate' as const, message: 'quota' }
    const { status } = statusOf(makeOwner(1), [], failure)
    expect(status.conditions).toEqual([
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: 'quota',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ])
    const healed = statusOf(makeOwner(1, { status }), [own()], undefined)
    expect(healed.status.conditions).toBeUndefined()
  })
})
