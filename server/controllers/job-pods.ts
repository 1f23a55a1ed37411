// How a Job reads its pods: which have ended, which counts as failed, what a failure policy says of it.
import {
  COMPLETION_INDEX,
  JOB_TRACKING,
  type Job,
  type PodFailureRule,
} from '../../shared/kubernetes/batch.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isPodTerminal, type ContainerStatus, type Pod } from '../../shared/kubernetes/pod.ts'

/** How often its index had failed before this pod: where back-off limits are per index. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count'

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(JOB_TRACKING) ?? false
}

/** The index a pod works on; undefined when it has none that makes sense. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Failures of the index before this pod. */
export function failuresBefore({ metadata }: Pod): number {
  const text = metadata.annotations?.[INDEX_FAILURES] ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

/** Whether only pods that have ended are replaced, not those that are ending. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed'
}

export function hasSucceeded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded'
}

/**
 * Failed pods, and pods that are going before they have ended: orphans might never reach a phase (isPodFailed). Where only
 * failed pods are replaced their phase is waited for, which a pod that never had a node cannot reach.
 */
export function hasFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true
  if (hasSucceeded(pod) || !isBeingDeleted(pod)) return false
  return !replacesOnlyFailed(job) || !pod.spec.nodeName
}

/** When the pod ended, ms since epoch: its last container's end, or when it was asked to go. */
export function endedAt(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) =>
    Date.parse(state?.terminated?.finishedAt ?? ''),
  )
  const known = ends.filter(Number.isFinite)
  if (known.length > 0) return Math.max(...known)
  return Date.parse(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp ?? '') || 0
}

/** What the first matching rule says of a failed pod; undefined when none matches, so that it counts as failed. */
export interface Verdict {
  action: PodFailureRule['action']
  /** What is said when the Job fails for it. */
  message: string
}

/** What the Job's failure policy makes of a pod in phase Failed (matchPodFailurePolicy). */
export function judge(job: Job, pod: Pod): Verdict | undefined {
  if (pod.status?.phase !== 'Failed') return undefined
  for (const [i, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const why = exitCodeReason(rule, pod) ?? conditionReason(rule, pod)
    if (why === undefined) continue
    if (rule.action === 'FailIndex' && job.spec.backoffLimitPerIndex === undefined) continue
    return { action: rule.action, message: `${why} matching ${rule.action} rule at index ${i}` }
  }
  return undefined
}

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`

function exitCodeReason({ onExitCodes }: PodFailureRule, pod: Pod): string | undefined {
  if (!onExitCodes) return undefined
  const { containerName, operator, values = [] } = onExitCodes
  const statuses: ContainerStatus[] = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ]
  const found = statuses.find(({ name, state }) => {
    const code = state?.terminated?.exitCode
    if (code === undefined || code === 0) return false
    if (containerName !== undefined && containerName !== name) return false
    return values.includes(code) === (operator === 'In')
  })
  if (!found) return undefined
  const code = found.state?.terminated?.exitCode
  return `Container ${found.name} for pod ${nameOf(pod)} failed with exit code ${code}`
}

function conditionReason({ onPodConditions = [] }: PodFailureRule, pod: Pod): string | undefined {
  const conditions = pod.status?.conditions ?? []
  const found = onPodConditions.find(({ type, status = 'True' }) =>
    conditions.some((condition) => condition.type === type && condition.status === status),
  )
  return found && `Pod ${nameOf(pod)} has condition ${found.type}`
}

/** Restarts of a pod's containers on its node: what counts against the limit where containers are restarted. */
export function restartsOf({ status }: Pod): number {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
}

/** Pods that are going but have not ended. */
export function isTerminating(pod: Pod): boolean {
  return isBeingDeleted(pod) && !isPodTerminal(pod)
}
