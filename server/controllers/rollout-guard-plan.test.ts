import { describe, expect, test } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import {
  PAUSE_ON_FAILURE_ANNOTATION,
  PAUSED_REVISION_ANNOTATION,
  READY_DEADLINE_ANNOTATION,
} from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, DeploymentSpec, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { createSet } from './deployment-history.ts'
import type { GuardPlan } from './rollout-guard-plan.ts'
import { planGuard } from './rollout-guard-plan.ts'
import { makeDeployment, makePod, stored, T0 } from './testing/objects.ts'
import { timeText } from '../machinery/clock.ts'

const old = stored(createSet(makeDeployment({}, 'nginx:v1'), 1, 3))
const next = stored(createSet(makeDeployment({}, 'nginx:v2'), 2, 1), T0 + 1000)

function updating(
  annotations: Record<string, string> = {},
  spec: Partial<DeploymentSpec> = {},
  reason = 'ReplicaSetUpdated',
): Deployment {
  const made = makeDeployment(spec, 'nginx:v2')
  const all = { [PAUSE_ON_FAILURE_ANNOTATION]: 'true', ...annotations }
  return {
    ...made,
    metadata: { ...made.metadata, annotations: all },
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Progressing', status: 'True', reason }],
    },
  }
}

const waiting = (name: string, reason: string, exitCode?: number): Pod => {
  const pod = makePod({ name, ready: false })
  const [status] = pod.status!.containerStatuses!
  const lastState = exitCode === undefined ? {} : { terminated: { exitCode } }
  const broken = { ...status!, state: { waiting: { reason } }, lastState }
  const conditions = [
    { type: 'PodScheduled', status: 'True' as const, lastTransitionTime: timeText(T0) },
  ]
  return { ...pod, status: { ...pod.status!, conditions, containerStatuses: [broken] } }
}
const starting = (name: string): Pod => waiting(name, 'ContainerCreating')

function plan(
  deployment: Deployment,
  newPods: readonly Pod[],
  { now = T0, sets = [old, next] }: { now?: number; sets?: ReplicaSet[] } = {},
): GuardPlan {
  const oldPods = [makePod(), makePod(), makePod()]
  return planGuard({
    deployment,
    sets,
    podsOf: (set) => (set.metadata.name === next.metadata.name ? newPods : oldPods),
    now,
  })
}

describe('a rollout pauses itself', () => {
  test.each([
    ['a crash loop', waiting('bad', 'CrashLoopBackOff', 1), 'is crash-looping (exit 1)'],
    ['an image that is not there', waiting('bad', 'ErrImagePull'), 'cannot start (ErrImagePull)'],
    [
      'a missing ConfigMap',
      waiting('bad', 'CreateContainerConfigError'),
      'cannot start (CreateContainerConfigError)',
    ],
  ])('for %s', (_what, pod, words) => {
    expect(plan(updating(), [pod])).toEqual({
      do: 'pause',
      revision: '2',
      because: `1 of 1 pods of ReplicaSet "${next.metadata.name}" ${words}. 3 of 3 older pods still serve.`,
      pods: ['bad'],
    })
  })

  test('when a pod is not ready in time, and looks again just then', () => {
    const deployment = updating({ [READY_DEADLINE_ANNOTATION]: '5' })
    expect(plan(deployment, [starting('late')], { now: T0 + 2000 })).toEqual({
      do: 'nothing',
      againInMs: 3000,
    })
    expect(plan(deployment, [starting('late')], { now: T0 + 5000 })).toMatchObject({
      do: 'pause',
      pods: ['late'],
    })
    const exceeded = updating({}, {}, 'ProgressDeadlineExceeded')
    expect(plan(exceeded, [starting('late')])).toMatchObject({ do: 'pause' })
  })
})

describe('it does not when', () => {
  const bad = waiting('bad', 'CrashLoopBackOff', 1)
  const unannotated = updating({ [PAUSE_ON_FAILURE_ANNOTATION]: 'false' })
  test.each<[string, GuardPlan]>([
    ['nobody asked for it', plan(unannotated, [bad])],
    ['pods only start', plan(updating(), [starting('a')])],
    ['somebody paused it already', plan(updating({}, { paused: true }), [bad])],
    ['there is nothing to go back to', plan(updating(), [bad], { sets: [next] })],
    ['somebody said to proceed', plan(updating({ [PAUSED_REVISION_ANNOTATION]: '2' }), [bad])],
    ['a pod fits on no node', plan(updating(), [makePod({ ready: false, node: '' })])],
    [
      'the rollout has succeeded before',
      plan(updating({}, {}, 'NewReplicaSetAvailable'), [bad], {
        sets: [{ ...old, spec: { ...old.spec, replicas: 0 } }, next],
      }),
    ],
  ])('%s', (_when, planned) => {
    expect(planned).toEqual({ do: 'nothing' })
  })
})

test('another template ends the pause; once it runs, what happened is forgotten', () => {
  const marked = { [PAUSED_REVISION_ANNOTATION]: '1' }
  expect(plan(updating(marked, { paused: true }), [])).toEqual({ do: 'resume' })
  expect(plan(updating(marked), [])).toEqual({ do: 'forget' })
})
