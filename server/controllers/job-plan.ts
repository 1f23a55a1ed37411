// What a Job does next: pods to make and to stop, pods that are counted, its status, how it ends.
import { isIndexed, jobEnd, type Job, type JobStatus } from '../../shared/kubernetes/batch.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isPodActive, isPodReady, type Pod } from '../../shared/kubernetes/pod.ts'
import { formatIndexes } from '../../shared/indexes.ts'
import { matcherOf } from '../../shared/selectors.ts'
import type { JobEnding } from './job-conditions.ts'
import {
  endingOf,
  endOfJob,
  markEnd,
  markSuspended,
  markTarget,
  succeeding,
} from './job-conditions.ts'
import type { JobCount } from './job-count.ts'
import { countPods, noteEnded, successesOf } from './job-count.ts'
import { reasonToEnd } from './job-ending.ts'
import { isTerminating, isTracked } from './job-pods.ts'
import type { Backoff, PodSlot } from './job-slots.ts'
import { JOB_BACKOFF, planSlots } from './job-slots.ts'
import { timeText } from '../machinery/clock.ts'
import { claim } from './owned.ts'

export interface JobPlan {
  adopt: Pod[]
  release: Pod[]
  create: PodSlot[]
  /** Pods that run although the Job is to end: what becomes of them counts. */
  remove: Pod[]
  /** Pods that are too many: they are let go first and count for nothing (deleteJobPods). */
  withdraw: Pod[]
  /** The status to store before finalizers are removed; `active` does not know of `create` yet. */
  status: JobStatus
  /** Pods whose finalizer may go once the status is stored. */
  free: Pod[]
  /** What to say once the status is stored. */
  says: { type: 'Normal' | 'Warning'; reason: string; message: string }[]
  /** The Job has outlived its time after the end. */
  expired: boolean
  /** When to look again though nothing changes, ms from now. */
  againInMs: number | undefined
}

/**
 * Plans from what is stored and in view; carrying it out and planning again comes to rest.
 * @param candidates pods the Job controls, and pods of its namespace that nobody does
 * @param now ms since epoch
 */
export function planJob(
  job: Job,
  candidates: readonly Pod[],
  now: number,
  backoff: Backoff = JOB_BACKOFF,
): JobPlan {
  const matches = matcherOf(job.spec.selector ?? {})
  const { own, adopt, release } = claim(job.metadata.uid, matches, candidates, isPodActive)
  if (jobEnd(job)) return restPlan(job, own, now)
  const claimed = isBeingDeleted(job) ? { adopt: [], release: [] } : { adopt, release }
  return { ...runningPlan(job, own, now, backoff), ...claimed }
}

/** A Job that has ended does nothing but, if it says so, go. */
function restPlan(job: Job, own: readonly Pod[], now: number): JobPlan {
  const { ttlSecondsAfterFinished: ttl } = job.spec
  const wait = ttl === undefined ? undefined : (endOfJob(job) ?? now) + ttl * 1000 - now
  const expired = wait !== undefined && wait <= 0 && !isBeingDeleted(job)
  return {
    adopt: [],
    release: [],
    create: [],
    remove: [],
    withdraw: [],
    status: job.status ?? {},
    free: own.filter(isTracked),
    says: [],
    expired,
    againInMs: wait !== undefined && wait > 0 ? wait : undefined,
  }
}

type RunningPlan = Omit<JobPlan, 'adopt' | 'release'>

function runningPlan(job: Job, own: readonly Pod[], now: number, backoff: Backoff): RunningPlan {
  const status: JobStatus = { ...job.status }
  const count = countPods(job, own)
  const active = own.filter(isPodActive)
  noteEnded(job, own, count, 'no')
  if (!job.spec.suspend) status.startTime ??= timeText(now)
  const startedAt = status.startTime === undefined ? undefined : Date.parse(status.startTime)
  const decided = endingOf(job) ?? reasonToEnd(job, own, count, startedAt, now)
  const slots =
    decided || isBeingDeleted(job)
      ? { create: [], remove: [], waitMs: undefined }
      : planSlots(job, own, count, now, backoff)
  const remaining = active.length - slots.remove.length + slots.create.length
  const ending = decided ?? completion(job, count, remaining)
  const plan: RunningPlan = {
    create: slots.create,
    remove: decided ? active : [],
    withdraw: slots.remove,
    status,
    free: [],
    says: [],
    expired: false,
    againInMs: earliest(slots.waitMs, deadlineIn(job, startedAt, now)),
  }
  if (ending) finish(job, own, count, ending, plan, now)
  else if (!isBeingDeleted(job)) suspendOrResume(job, plan, now)
  writeCounts(job, own, count, plan)
  plan.free = [...new Set(count.free)]
  // More ended than can be named at once, or held ones that are not counted yet: there is another round.
  if (count.more) plan.againInMs = 0
  return plan
}

/** Enough have succeeded and nothing runs. Without a number, one success is the end of the work. */
function completion(job: Job, count: JobCount, remaining: number): JobEnding | undefined {
  if (remaining > 0 || job.spec.suspend || isBeingDeleted(job)) return undefined
  const successes = successesOf(job, count)
  const { completions } = job.spec
  const enough = completions === undefined ? successes > 0 : successes >= completions
  if (!enough) return undefined
  return succeeding('CompletionsReached', 'Reached expected number of succeeded pods')
}

function finish(
  job: Job,
  own: readonly Pod[],
  count: JobCount,
  ending: JobEnding,
  { status, says }: RunningPlan,
  now: number,
): void {
  markTarget(status, ending, now)
  noteEnded(job, own, count, ending.end === 'Failed' ? 'failed' : 'succeeded')
  // The last word is said when every pod has ended and is counted.
  const open = own.some((pod) => isTracked(pod) || isPodActive(pod) || isTerminating(pod))
  if (open || count.uncounted.succeeded.length + count.uncounted.failed.length > 0) return
  markEnd(status, ending, now)
  if (ending.end === 'Failed') {
    says.push({ type: 'Warning', reason: ending.reason, message: ending.message })
    return
  }
  const { completions } = job.spec
  if (completions !== undefined && successesOf(job, count) > completions) {
    const message = 'Too many succeeded pods running after completion count reached'
    says.push({ type: 'Warning', reason: 'TooManySucceededPods', message })
  }
  says.push({ type: 'Normal', reason: 'Completed', message: 'Job completed' })
}

function suspendOrResume({ spec }: Job, { status, says }: RunningPlan, now: number): void {
  const suspended = spec.suspend ?? false
  if (!markSuspended(status, suspended, now)) return
  if (suspended) says.push({ type: 'Normal', reason: 'Suspended', message: 'Job suspended' })
  else {
    // The time a Job was suspended does not count against its deadline.
    status.startTime = timeText(now)
    says.push({ type: 'Normal', reason: 'Resumed', message: 'Job resumed' })
  }
}

function writeCounts(
  job: Job,
  own: readonly Pod[],
  count: JobCount,
  { status, remove, withdraw }: RunningPlan,
): void {
  const removed = new Set([...remove, ...withdraw])
  const active = own.filter((pod) => isPodActive(pod) && !removed.has(pod))
  set(status, 'active', active.length)
  status.ready = active.filter(isPodReady).length
  status.terminating = own.filter(isTerminating).length + removed.size
  set(status, 'succeeded', isIndexed(job) ? count.succeededIndexes.size : count.succeeded)
  set(status, 'failed', count.failed)
  const { succeeded, failed } = count.uncounted
  status.uncountedTerminatedPods = {
    ...(succeeded.length > 0 && { succeeded }),
    ...(failed.length > 0 && { failed }),
  }
  if (!isIndexed(job)) return
  if (count.succeededIndexes.size > 0) {
    status.completedIndexes = formatIndexes(count.succeededIndexes)
  }
  if (job.spec.backoffLimitPerIndex !== undefined) {
    status.failedIndexes = formatIndexes(count.failedIndexes)
  }
}

/** Zero is said by saying nothing. */
function set(status: JobStatus, field: 'active' | 'succeeded' | 'failed', value: number): void {
  if (value > 0) status[field] = value
  else delete status[field]
}

function deadlineIn({ spec }: Job, startedAt: number | undefined, now: number): number | undefined {
  const { activeDeadlineSeconds: seconds, suspend } = spec
  if (seconds === undefined || suspend || startedAt === undefined) return undefined
  return Math.max(0, startedAt + seconds * 1000 - now)
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}
