// When a CronJob makes its next Job, and which old ones go (cronjob_controllerv2.go, cronjob/utils.go).
import { Cron } from 'croner'
import {
  cronPattern,
  jobEnd,
  type CronJob,
  type CronJobStatus,
  type Job,
} from '../../shared/kubernetes/batch.ts'
import { jobs } from '../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { ObjectReference } from '../../shared/kubernetes/network.ts'
import { controllerReference } from './objects.ts'
import { timeText } from '../machinery/clock.ts'
import { referenceOf } from './owned.ts'

/** When the Job was due, in the CronJob's time zone. */
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
/** More missed times than this are said to be too many. */
const MANY_MISSED = 100

export interface Said {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

export interface CronJobPlan {
  /** Without a Job that is still to be made. */
  status: CronJobStatus
  says: Said[]
  /** Jobs that go: replaced ones, and finished ones beyond the history limits. */
  remove: Job[]
  create: Job | undefined
  /** Goes into the status once the Job is made. */
  due: number | undefined
  againInMs: number | undefined
}

/**
 * Plans for the Jobs the CronJob controls.
 * @param now ms since epoch
 */
export function planCronJob(cronJob: CronJob, own: readonly Job[], now: number): CronJobPlan {
  const plan: CronJobPlan = {
    ...lookBack(cronJob, own),
    remove: surplusHistory(cronJob, own),
    create: undefined,
    due: undefined,
    againInMs: undefined,
  }
  if (isBeingDeleted(cronJob) || cronJob.spec.suspend) return plan
  const schedule = scheduleOf(cronJob, plan.says)
  if (!schedule) return plan
  const next = schedule.nextRun(new Date(now))
  if (next) plan.againInMs = next.getTime() - now
  const due = dueTime(cronJob, schedule, now, plan.says)
  if (due !== undefined) start(cronJob, own, due, schedule, plan)
  return plan
}

/** What became of the Jobs that ran. */
function lookBack(
  { status = {} }: CronJob,
  own: readonly Job[],
): Pick<CronJobPlan, 'status' | 'says'> {
  const says: Said[] = []
  const byUid = new Map(own.map((job) => [job.metadata.uid, job]))
  const known = status.active ?? []
  let last = status.lastSuccessfulTime
  const active = known.filter(({ uid, name }) => {
    const job = byUid.get(uid)
    const end = job && jobEnd(job)
    if (!job) says.push(normal('MissingJob', `Active job went missing: ${name}`))
    if (end) says.push(normal('SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`))
    const at = job?.status?.completionTime
    if (end === 'Complete' && at !== undefined && (last === undefined || at > last)) last = at
    return job && !end
  })
  for (const job of own) {
    if (jobEnd(job) || isBeingDeleted(job)) continue
    if (known.some(({ uid }) => uid === job.metadata.uid)) continue
    // Made, but the status that says so was never stored.
    active.push(activeReference(job))
  }
  const { active: _, ...rest } = status
  return {
    status: {
      ...rest,
      ...(active.length > 0 && { active }),
      ...(last !== undefined && { lastSuccessfulTime: last }),
    },
    says,
  }
}

export const normal = (reason: string, message: string): Said => ({
  type: 'Normal',
  reason,
  message,
})
export const warning = (reason: string, message: string): Said => ({
  type: 'Warning',
  reason,
  message,
})

/** How a Job stands in status.active. */
export function activeReference(job: Job): ObjectReference {
  return referenceOf(jobs, job)
}

function scheduleOf({ spec }: CronJob, says: Said[]): Cron | undefined {
  try {
    const zone = spec.timeZone === undefined ? {} : { timezone: spec.timeZone }
    return new Cron(cronPattern(spec.schedule), { ...zone, mode: '5-part', paused: true })
  } catch (error) {
    const why = `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${(error as Error).message}`
    says.push(warning('UnparseableSchedule', why))
    return undefined
  }
}

/** The last time that has come and has not been used; undefined when there is none, or it is too late for it. */
function dueTime(
  { spec, status, metadata }: CronJob,
  schedule: Cron,
  now: number,
  says: Said[],
): number | undefined {
  const { startingDeadlineSeconds: deadline } = spec
  const used = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '') || 0
  const since = deadline === undefined ? used : Math.max(used, now - deadline * 1000)
  // Times are looked for up to and with this moment.
  const last = schedule.previousRuns(1, new Date(now + 1))[0]?.getTime()
  if (last === undefined || last <= used) return undefined
  if (last < since) {
    const text = new Date(last).toUTCString().replace('GMT', '+0000')
    says.push(warning('MissSchedule', `Missed scheduled time to start a job: ${text}`))
    return undefined
  }
  const missed = schedule.nextRuns(MANY_MISSED + 1, new Date(since)).at(-1)
  if (missed && missed.getTime() <= now) {
    const why =
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    says.push(warning('TooManyMissedTimes', why))
  }
  return last
}

function start(
  cronJob: CronJob,
  own: readonly Job[],
  due: number,
  schedule: Cron,
  plan: CronJobPlan,
): void {
  const { active = [] } = plan.status
  const { concurrencyPolicy: policy } = cronJob.spec
  const job = jobDue(cronJob, due, schedule)
  if (own.some(({ metadata }) => metadata.name === job.metadata.name)) return
  if (policy === 'Forbid' && active.length > 0) {
    const why =
      'Not starting job because prior execution is running and concurrency policy is Forbid'
    plan.says.push(normal('JobAlreadyActive', why))
    return
  }
  if (policy === 'Replace' && active.length > 0) {
    const uids = new Set(active.map(({ uid }) => uid))
    plan.remove.push(...own.filter(({ metadata }) => uids.has(metadata.uid)))
    delete plan.status.active
  }
  plan.create = job
  plan.due = due
}

/** The Job of one time, named after it so that it is made once (getJobFromTemplate2). */
function jobDue(cronJob: CronJob, due: number, schedule: Cron): Job {
  const { metadata, spec } = cronJob
  const { labels, annotations } = spec.jobTemplate.metadata ?? {}
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${metadata.name}-${Math.floor(due / 60_000)}`,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      ...(labels && { labels }),
      annotations: { ...annotations, [SCHEDULED_AT]: zonedText(due, schedule) },
      ownerReferences: [controllerReference({ ...cronJob, apiVersion: 'batch/v1' }, 'CronJob')],
    },
    spec: spec.jobTemplate.spec,
  }
}

/** RFC 3339 in the schedule's zone: `2026-01-01T12:00:00+01:00`. */
function zonedText(at: number, { options }: Cron): string {
  const { timezone } = options
  if (timezone === undefined) return timeText(at)
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    timeZoneName: 'longOffset',
  }).formatToParts(at)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const offset = name.replace('GMT', '')
  if (offset === '' || offset === '+00:00') return timeText(at)
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  const shift = (hours * 60 + minutes) * 60_000 * (offset.startsWith('-') ? -1 : 1)
  return timeText(at + shift).replace('Z', offset)
}

/** Finished Jobs beyond what is to be kept, oldest first (cleanupFinishedJobs). */
function surplusHistory({ spec }: CronJob, own: readonly Job[]): Job[] {
  const limits = [
    ['Complete', spec.successfulJobsHistoryLimit ?? 3],
    ['Failed', spec.failedJobsHistoryLimit ?? 1],
  ] as const
  return limits.flatMap(([end, limit]) => {
    const ended = own
      .filter((job) => jobEnd(job) === end && !isBeingDeleted(job))
      .sort((a, b) => startOf(a) - startOf(b))
    return ended.slice(0, Math.max(0, ended.length - limit))
  })
}

const startOf = ({ status, metadata }: Job): number =>
  Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '') || 0
