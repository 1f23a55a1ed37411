// What a Deployment says about itself: counts, and how its rollout is getting on.
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import { selfPause } from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { availableOf, rollingBudget, sizeOf, sum, wanted } from './deployment-budget.ts'
import { timeText } from '../machinery/clock.ts'

/** The condition of a rollout that paused itself; Kubernetes knows no such thing. */
const SELF_PAUSED = 'RolloutPaused'
const NO_DEADLINE = 2 ** 31 - 1

/** The sets of a Deployment; `newSet` is that of the present template. */
export interface Sets {
  newSet: ReplicaSet | undefined
  oldSets: readonly ReplicaSet[]
}

export const allOf = ({ newSet, oldSets }: Sets): ReplicaSet[] =>
  newSet ? [...oldSets, newSet] : [...oldSets]

/** Seconds a rollout may stand still, or undefined when it may forever. */
export function deadlineOf(deployment: Deployment): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds
  return seconds === undefined || seconds === NO_DEADLINE ? undefined : seconds
}

export function progressing(
  status: Condition['status'],
  reason: string,
  message: string,
  now: number,
): Condition {
  return makeCondition('Progressing', status, reason, message, now)
}

function makeCondition(
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
  now: number,
): Condition {
  const at = timeText(now)
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason, message }
}

/**
 * Puts a condition in place of the one of its type. One that says the same (status and reason) stays as it is, and the
 * time of transition moves only with the status (SetDeploymentCondition).
 */
export function withCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const held = conditionOf([...conditions], next.type)
  if (held?.status === next.status && held.reason === next.reason) return [...conditions]
  const kept = held?.status === next.status ? held.lastTransitionTime : next.lastTransitionTime
  return [...without(conditions, next.type), { ...next, ...(kept && { lastTransitionTime: kept }) }]
}

function without(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type)
}

/** Leaves zeros out, as Kubernetes' JSON does. */
function nonZero<T extends object>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>
}

function availability(enough: boolean, now: number): Condition {
  const [status, reason, message] = enough
    ? (['True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'] as const)
    : ([
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
      ] as const)
  return makeCondition('Available', status, reason, message, now)
}

/** Counts from the sets, and whether enough pods are available (calculateStatus). */
export function countStatus(
  deployment: Deployment,
  sets: Sets,
  conditions: readonly Condition[],
  now: number,
): DeploymentStatus {
  const all = allOf(sets)
  const available = sum(all, availableOf)
  const minimum = wanted(deployment) - rollingBudget(deployment).maxUnavailable
  return {
    ...nonZero({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: sum(all, (set) => set.status?.replicas ?? 0),
      updatedReplicas: sets.newSet?.status?.replicas ?? 0,
      readyReplicas: sum(all, (set) => set.status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sum(all, sizeOf) - available),
      terminatingReplicas: sum(all, (set) => set.status?.terminatingReplicas ?? 0),
      collisionCount: deployment.status?.collisionCount ?? 0,
    }),
    conditions: withCondition(conditions, availability(available >= minimum, now)),
  }
}

/** Every pod is of the present template and available (DeploymentComplete). */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const count = wanted(deployment)
  return (
    (status.updatedReplicas ?? 0) === count &&
    (status.replicas ?? 0) === count &&
    (status.availableReplicas ?? 0) === count &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

/** More new, fewer old, more ready or more available pods than before (DeploymentProgressing). */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number =>
    (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** ms from `now` until the rollout counts as stuck; undefined when it never will. Not positive: it does already. */
export function msToDeadline(
  deployment: Deployment,
  status: DeploymentStatus,
  now: number,
): number | undefined {
  const deadline = deadlineOf(deployment)
  const condition = conditionOf(status.conditions, 'Progressing')
  if (deadline === undefined || !condition || deployment.spec.paused) return undefined
  if (condition.reason === 'NewReplicaSetAvailable' || isComplete(deployment, status))
    return undefined
  if (condition.reason === 'ProgressDeadlineExceeded') return undefined
  return Date.parse(condition.lastUpdateTime ?? '') + deadline * 1000 - now
}

/** The status with its Progressing and ReplicaFailure conditions brought up to date (syncRolloutStatus). */
export function rolloutStatus(
  deployment: Deployment,
  sets: Sets,
  conditions: readonly Condition[],
  now: number,
): DeploymentStatus {
  const status = countStatus(deployment, sets, conditions, now)
  const held = status.conditions ?? []
  const progressed =
    deadlineOf(deployment) === undefined
      ? without(held, 'Progressing')
      : withProgress(deployment, sets, status, now)
  const failure = [sets.newSet, ...sets.oldSets]
    .map((set) => conditionOf(set?.status?.conditions, 'ReplicaFailure'))
    .find((condition) => condition !== undefined)
  return {
    ...status,
    conditions: failure
      ? withCondition(progressed, makeFailure(failure, now))
      : without(progressed, 'ReplicaFailure'),
  }
}

function makeFailure({ status, reason = '', message = '' }: Condition, now: number): Condition {
  return makeCondition('ReplicaFailure', status, reason, message, now)
}

function withProgress(
  deployment: Deployment,
  sets: Sets,
  status: DeploymentStatus,
  now: number,
): Condition[] {
  const held = status.conditions ?? []
  const current = conditionOf(held, 'Progressing')
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) &&
    current?.reason === 'NewReplicaSetAvailable'
  if (settled) return held
  const what = sets.newSet
    ? `ReplicaSet "${sets.newSet.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`
  if (isComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`
    return withCondition(held, progressing('True', 'NewReplicaSetAvailable', message, now))
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    return withFreshProgress(held, current, `${what} is progressing.`, now)
  }
  if ((msToDeadline(deployment, status, now) ?? 1) <= 0) {
    const message = `${what} has timed out progressing.`
    return withCondition(held, progressing('False', 'ProgressDeadlineExceeded', message, now))
  }
  return held
}

/** Every step of progress renews lastUpdateTime, which the deadline counts from. */
function withFreshProgress(
  held: readonly Condition[],
  current: Condition | undefined,
  message: string,
  now: number,
): Condition[] {
  const next = progressing('True', 'ReplicaSetUpdated', message, now)
  if (current?.status === 'True' && current.lastTransitionTime) {
    next.lastTransitionTime = current.lastTransitionTime
  }
  return [...without(held, 'Progressing'), next]
}

/** Marks the pause and the end of a pause, during which the deadline does not run (checkPausedConditions). */
export function withPause(
  deployment: Deployment,
  conditions: readonly Condition[],
  now: number,
): Condition[] {
  const reason = conditionOf([...conditions], 'Progressing')?.reason
  const marked = reason === 'DeploymentPaused'
  if (deadlineOf(deployment) === undefined || reason === 'ProgressDeadlineExceeded') {
    return [...conditions]
  }
  if (deployment.spec.paused && !marked) {
    const message = 'Deployment is paused'
    return withCondition(conditions, progressing('Unknown', 'DeploymentPaused', message, now))
  }
  if (!deployment.spec.paused && marked) {
    const message = 'Deployment is resumed'
    return withCondition(conditions, progressing('Unknown', 'DeploymentResumed', message, now))
  }
  return [...conditions]
}

/** Says why the Deployment paused itself, for as long as it is paused for that. */
export function withSelfPause(
  deployment: Deployment,
  conditions: readonly Condition[],
  now: number,
): Condition[] {
  const stopped = selfPause(deployment)
  if (!stopped) return without(conditions, SELF_PAUSED)
  const condition = makeCondition(SELF_PAUSED, 'True', 'PodsFailed', stopped.because, now)
  return withCondition(conditions, condition)
}
