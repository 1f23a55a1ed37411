// How many of a Job's pods have succeeded and failed, exactly once each (job_controller.go trackJobStatusAndRemoveFinalizers).
// A pod that ended is kept by a finalizer until its uid stands in the status; it is counted when the finalizer is gone. So
// whatever is interrupted, no pod is forgotten and none is counted twice.
import { isIndexed, type Job } from '../../shared/kubernetes/batch.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isPodTerminal, type Pod } from '../../shared/kubernetes/pod.ts'
import { parseIndexes } from '../../shared/indexes.ts'
import { failuresBefore, hasFailed, hasSucceeded, indexOf, isTracked, judge } from './job-pods.ts'

/** Uids held in the status at most, so that the object stays small. */
const MOST_UNCOUNTED = 500

export interface JobCount {
  /** Pods that ended and were counted: their finalizers are gone. */
  succeeded: number
  failed: number
  /** Ended, still held: they count as well, and are named in the status. */
  uncounted: { succeeded: string[]; failed: string[] }
  succeededIndexes: Set<number>
  failedIndexes: Set<number>
  /** Ended pods whose finalizer may go as soon as the status that names them is stored. */
  free: Pod[]
  /** Failed pods that are held back until their index has a new pod, by index: they know how often it failed. */
  delayed: Map<number, Pod>
  /** True when more pods have ended than the status can name at a time. */
  more: boolean
}

/** All that have failed, held or not. */
export function failuresOf({ failed, uncounted }: JobCount): number {
  return failed + uncounted.failed.length
}

/** All that have succeeded; of an Indexed Job, its indexes. */
export function successesOf(job: Job, count: JobCount): number {
  if (isIndexed(job)) return count.succeededIndexes.size
  return count.succeeded + count.uncounted.succeeded.length
}

/** Counts from the stored status and the pods in view. */
export function countPods(job: Job, pods: readonly Pod[]): JobCount {
  const count = fromStatus(job, pods)
  noteIndexes(job, pods, count)
  if (job.spec.backoffLimitPerIndex !== undefined) delayFailures(job, pods, count)
  return count
}

/** Second half of counting a pod: its finalizer is gone, so its uid becomes a number. */
function fromStatus({ spec, status }: Job, pods: readonly Pod[]): JobCount {
  const held = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid ?? ''))
  const { succeeded = [], failed = [] } = status?.uncountedTerminatedPods ?? {}
  const still = {
    succeeded: succeeded.filter((uid) => held.has(uid)),
    failed: failed.filter((uid) => held.has(uid)),
  }
  const limit = spec.completions ?? 0
  return {
    succeeded: (status?.succeeded ?? 0) + succeeded.length - still.succeeded.length,
    failed: (status?.failed ?? 0) + failed.length - still.failed.length,
    uncounted: still,
    succeededIndexes: indexesBelow(status?.completedIndexes, limit),
    failedIndexes: indexesBelow(status?.failedIndexes, limit),
    free: [],
    delayed: new Map(),
    more: false,
  }
}

/** Stored indexes; those that an elastic Job no longer has are dropped. */
function indexesBelow(text: string | undefined, limit: number): Set<number> {
  try {
    const all = parseIndexes(text, Number.MAX_SAFE_INTEGER)
    return new Set([...all].filter((index) => index < limit))
  } catch {
    return new Set()
  }
}

function noteIndexes(job: Job, pods: readonly Pod[], count: JobCount): void {
  if (!isIndexed(job)) return
  const { completions = 0, backoffLimitPerIndex: limit } = job.spec
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index === undefined || index >= completions || !isTracked(pod)) continue
    if (hasSucceeded(pod)) count.succeededIndexes.add(index)
    else if (limit !== undefined && hasFailed(pod, job) && isLast(job, pod, limit)) {
      count.failedIndexes.add(index)
    }
  }
  for (const index of count.succeededIndexes) count.failedIndexes.delete(index)
}

/** Whether the index fails with this pod: its limit is reached, or a rule says so. */
function isLast(job: Job, pod: Pod, limit: number): boolean {
  const verdict = judge(job, pod)
  if (verdict?.action === 'FailIndex') return true
  if (verdict?.action === 'Ignore') return false
  return failuresBefore(pod) >= limit
}

/** The last failed pod of each index that is to be tried again and has no newer pod. */
function delayFailures(job: Job, pods: readonly Pod[], count: JobCount): void {
  const newer = new Set<number>()
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index === undefined || !isTracked(pod)) continue
    if (count.succeededIndexes.has(index) || count.failedIndexes.has(index)) continue
    if (!hasFailed(pod, job)) {
      if (!isBeingDeleted(pod)) newer.add(index)
      continue
    }
    const known = count.delayed.get(index)
    if (!known || failuresBefore(pod) >= failuresBefore(known)) count.delayed.set(index, pod)
  }
  for (const index of newer) count.delayed.delete(index)
}

/**
 * First half: takes note of pods that ended since, in `count.uncounted`, and says whose finalizers may go.
 * @param over the Job is finishing: what still runs is being stopped, and counts as failed unless it succeeded
 */
export function noteEnded(
  job: Job,
  pods: readonly Pod[],
  count: JobCount,
  over: 'no' | 'failed' | 'succeeded',
): void {
  const known = new Set([...count.uncounted.succeeded, ...count.uncounted.failed])
  const delayed = new Set(count.delayed.values())
  for (const pod of pods) {
    if (!isTracked(pod)) continue
    const failed = hasFailed(pod, job)
    if (!failed && !isPodTerminal(pod) && !isBeingDeleted(job) && over === 'no') continue
    if (over === 'no' && delayed.has(pod) && !isBeingDeleted(job)) {
      // It counts, and stays for what it knows.
      if (!known.has(pod.metadata.uid ?? '')) note(job, pod, count, failed)
      continue
    }
    const { succeeded, failed: failures } = count.uncounted
    if (succeeded.length + failures.length >= MOST_UNCOUNTED) {
      count.more = true
      return
    }
    if (!known.has(pod.metadata.uid ?? '')) note(job, pod, count, failed || over === 'failed')
    count.free.push(pod)
  }
}

function note(job: Job, pod: Pod, { uncounted }: JobCount, failed: boolean): void {
  const uid = pod.metadata.uid ?? ''
  const index = indexOf(pod)
  // The indexes say how many succeeded; pods of indexes there are not count for nothing.
  const counts = !isIndexed(job) || (index !== undefined && index < (job.spec.completions ?? 0))
  if (hasSucceeded(pod)) {
    if (!isIndexed(job)) uncounted.succeeded.push(uid)
  } else if (failed && counts && judge(job, pod)?.action !== 'Ignore') uncounted.failed.push(uid)
}
