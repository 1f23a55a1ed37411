// Which pods a running Job makes and stops (job_controller.go manageJob, indexed_job_utils.go, backoff_utils.go).
import { isIndexed, type Job } from '../../shared/kubernetes/batch.ts'
import { isPodActive, type Pod } from '../../shared/kubernetes/pod.ts'
import { podsToDelete } from './deletion-order.ts'
import type { JobCount } from './job-count.ts'
import { successesOf } from './job-count.ts'
import {
  endedAt,
  failuresBefore,
  hasFailed,
  hasSucceeded,
  indexOf,
  isTerminating,
  judge,
  replacesOnlyFailed,
} from './job-pods.ts'

/** A pod to make: with its index and how often that failed before, where the Job has indexes. */
export interface PodSlot {
  index?: number
  failures?: number
}

/** How long to wait after the first failure, and at most. Milliseconds. */
export interface Backoff {
  baseMs: number
  maxMs: number
}

/** Kubernetes' DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff. */
export const JOB_BACKOFF: Backoff = { baseMs: 10_000, maxMs: 600_000 }

interface Slots {
  create: PodSlot[]
  remove: Pod[]
  /** Pods are to be made in so many ms. */
  waitMs: number | undefined
}

const after = (failures: number, { baseMs, maxMs }: Backoff): number =>
  failures <= 0 ? 0 : Math.min(maxMs, baseMs * 2 ** (failures - 1))

export function planSlots(
  job: Job,
  own: readonly Pod[],
  count: JobCount,
  now: number,
  backoff: Backoff,
): Slots {
  const active = own.filter(isPodActive)
  const wanted = job.spec.suspend ? 0 : wantedActive(job, active.length, count)
  const remove = surplus(job, active, active.length - wanted, now)
  // Never both in one round (manageJob): a doubled index is stopped before another pod is made.
  if (remove.length > 0 || job.spec.suspend) return { create: [], remove, waitMs: undefined }
  const ending = replacesOnlyFailed(job) ? own.filter(isTerminating).length : 0
  const missing = wanted - active.length - ending
  if (missing <= 0) return { create: [], remove, waitMs: undefined }
  if (job.spec.backoffLimitPerIndex !== undefined) {
    return { remove, ...slotsPerIndex(job, own, count, missing, now, backoff) }
  }
  const waitMs = Math.max(0, restUntil(job, own, backoff) - now)
  if (waitMs > 0) return { create: [], remove, waitMs }
  const create = isIndexed(job)
    ? pendingIndexes(job, own, count, missing).map((index) => ({ index }))
    : Array.from({ length: missing }, () => ({}))
  return { create, remove, waitMs: undefined }
}

function wantedActive(job: Job, active: number, count: JobCount): number {
  const { completions, parallelism = 1 } = job.spec
  const successes = successesOf(job, count)
  // A queue of work that one pod saw the end of: the others finish what they have.
  if (completions === undefined) return successes > 0 ? active : parallelism
  const open = completions - successes - count.failedIndexes.size
  return Math.max(0, Math.min(parallelism, open))
}

/** Pods that work on an index somebody else works on or that there is not, and as many more as are too many. */
function surplus(job: Job, active: readonly Pod[], atLeast: number, now: number): Pod[] {
  const doubled = isIndexed(job) ? doubledPods(job, active, now) : []
  const more = atLeast - doubled.length
  if (more <= 0) return doubled
  const others = active.filter((pod) => !doubled.includes(pod))
  return [...doubled, ...podsToDelete(others, more, active, now)]
}

function doubledPods(job: Job, active: readonly Pod[], now: number): Pod[] {
  const byIndex = new Map<number, Pod[]>()
  const wrong: Pod[] = []
  for (const pod of active) {
    const index = indexOf(pod)
    if (index === undefined || index >= (job.spec.completions ?? 0)) wrong.push(pod)
    else byIndex.set(index, [...(byIndex.get(index) ?? []), pod])
  }
  const doubled = [...byIndex.values()].flatMap((pods) =>
    podsToDelete(pods, pods.length - 1, pods, now),
  )
  return [...wrong, ...doubled]
}

/** The lowest indexes that nobody works on. */
function pendingIndexes(
  job: Job,
  own: readonly Pod[],
  count: JobCount,
  most: number,
  mayUse: (index: number) => boolean = () => true,
): number[] {
  const { completions = 0 } = job.spec
  const busy = new Set(
    own
      .filter((pod) => isPodActive(pod) || (replacesOnlyFailed(job) && isTerminating(pod)))
      .map(indexOf),
  )
  const indexes: number[] = []
  for (let index = 0; index < completions && indexes.length < most; index += 1) {
    const done = count.succeededIndexes.has(index) || count.failedIndexes.has(index)
    if (!done && !busy.has(index) && mayUse(index)) indexes.push(index)
  }
  return indexes
}

/** Each index waits for its own failures. */
function slotsPerIndex(
  job: Job,
  own: readonly Pod[],
  count: JobCount,
  missing: number,
  now: number,
  backoff: Backoff,
): Pick<Slots, 'create' | 'waitMs'> {
  const readyAt = (index: number): number => {
    const failed = count.delayed.get(index)
    return failed ? endedAt(failed) + after(failuresBefore(failed) + 1, backoff) : 0
  }
  const create = pendingIndexes(job, own, count, missing, (index) => readyAt(index) <= now)
  const waiting = [...count.delayed.keys()].map(readyAt).filter((at) => at > now)
  return {
    create: create.map((index) => ({ index, failures: failuresAt(job, count.delayed.get(index)) })),
    waitMs: waiting.length > 0 ? Math.min(...waiting) - now : undefined,
  }
}

function failuresAt(job: Job, failed: Pod | undefined): number {
  if (!failed) return 0
  return failuresBefore(failed) + (judge(job, failed)?.action === 'Ignore' ? 0 : 1)
}

/** When pods may be made again after failures in a row, ms since epoch: each doubles the wait, a success ends it. */
function restUntil(job: Job, own: readonly Pod[], backoff: Backoff): number {
  const ended = own
    .filter((pod) => hasSucceeded(pod) || (hasFailed(pod, job) && pod.status?.phase === 'Failed'))
    .sort((a, b) => endedAt(b) - endedAt(a))
  const success = ended.findIndex(hasSucceeded)
  const failures = (success < 0 ? ended : ended.slice(0, success)).filter(
    (pod) => judge(job, pod)?.action !== 'Ignore',
  )
  const [last] = failures
  return last ? endedAt(last) + after(failures.length, backoff) : 0
}
