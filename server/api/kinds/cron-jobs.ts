import { CronPattern } from 'croner'
import { cronPattern, type CronJob, type CronJobSpec } from '../../../shared/kubernetes/batch.ts'
import { cronJobs } from '../../../shared/kubernetes/kinds.ts'
import { selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { jobSpecCauses } from './job-spec.ts'
import { invalid, notNegative, notSupported, required } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, NONE, since, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import { defaultTemplate } from './workloads.ts'

/** A Job's name is 63 letters at most, eleven of which say when it was due. */
const LONGEST_NAME = 52

/** Five fields, or a name such as @hourly (robfig/cron ParseStandard). */
function scheduleCauses(schedule: string, at: string): StatusCause[] {
  if (!schedule) return [required(at)]
  if (schedule.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    return [invalid(at, schedule, why)]
  }
  const fields = schedule.trim().split(/\s+/)
  if (!schedule.startsWith('@') && fields.length !== 5) {
    const why = `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
    return [invalid(at, schedule, why)]
  }
  if (/^@every\b/.test(schedule)) {
    return [invalid(at, schedule, '@every is not implemented by Podium')]
  }
  // What croner can do beyond robfig/cron: the last day, the nearest weekday, the n-th of a month.
  const extra = /[LW#+]/i.exec(schedule.replace(/^@\w+|[A-Z]{3}/gi, ''))?.[0]
  if (extra !== undefined) return [invalid(at, schedule, `failed to parse int from ${extra}`)]
  const why = complaintOf(
    () => new CronPattern(cronPattern(schedule), undefined, { mode: '5-part' }),
  )
  return why === undefined ? [] : [invalid(at, schedule, why.replace(/^CronPattern: /, ''))]
}

/** What `make` throws. */
function complaintOf(make: () => unknown): string | undefined {
  try {
    make()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Names of https://www.iana.org/time-zones as this machine knows them. */
function timeZoneCauses(zone: string | undefined, at: string): StatusCause[] {
  if (zone === undefined) return []
  if (zone === '') return [invalid(at, zone, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local') {
    const why =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalid(at, zone, why)]
  }
  const known = complaintOf(() => new Intl.DateTimeFormat('en', { timeZone: zone })) === undefined
  // An offset is no zone.
  return known && !/^[+-]/.test(zone) ? [] : [invalid(at, zone, `unknown time zone ${zone}`)]
}

const POLICIES = ['Allow', 'Forbid', 'Replace']

function policyCauses({ concurrencyPolicy: policy }: CronJobSpec): StatusCause[] {
  const at = 'spec.concurrencyPolicy'
  if (!policy) return [required(at)]
  return POLICIES.includes(policy) ? [] : [notSupported(at, policy, POLICIES)]
}

function templateCauses({ jobTemplate }: CronJobSpec): StatusCause[] {
  const at = 'spec.jobTemplate.spec'
  if (!jobTemplate?.spec) return [required(`${at}.template.spec.containers`)]
  const { selector, manualSelector } = jobTemplate.spec
  return [
    ...jobSpecCauses(jobTemplate.spec, at),
    ...(selector ? [invalid(`${at}.selector`, selector, '`selector` will be auto-generated')] : []),
    ...(manualSelector ? [notSupported(`${at}.manualSelector`, true, ['nil', 'false'])] : []),
  ]
}

function nameCauses({ metadata: { name = '' } }: CronJob): StatusCause[] {
  if (name.length <= LONGEST_NAME) return []
  return [invalid('metadata.name', name, `must be no more than ${LONGEST_NAME} characters`)]
}

const containersOf = ({ spec }: CronJob) => spec.jobTemplate?.spec?.template?.spec?.containers ?? []

export const cronJobStrategy: Strategy<CronJob> = {
  kind: cronJobs,
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Schedule', ({ spec }) => spec.schedule),
    text('Timezone', ({ spec }) => spec.timeZone ?? NONE),
    text('Suspend', ({ spec }) => (spec.suspend ? 'True' : 'False')),
    count('Active', ({ status }) => status?.active?.length ?? 0),
    text('Last Schedule', ({ status }, now) =>
      status?.lastScheduleTime ? since(status.lastScheduleTime, now) : NONE,
    ),
    ageColumn,
    text(
      'Containers',
      (job) =>
        containersOf(job)
          .map(({ name }) => name)
          .join(','),
      1,
    ),
    text(
      'Images',
      (job) =>
        containersOf(job)
          .map(({ image = '' }) => image)
          .join(','),
      1,
    ),
    text('Selector', ({ spec }) => selectorText(spec.jobTemplate?.spec?.selector ?? {}) || NONE, 1),
  ],
  default(cronJob) {
    cronJob.spec ??= {} as CronJobSpec
    const { spec } = cronJob
    spec.concurrencyPolicy ??= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    // The rest of a Job's defaults are filled into the Jobs that are made of it.
    defaultTemplate(spec.jobTemplate?.spec?.template)
  },
  prepareForCreate(cronJob) {
    cronJob.status = {}
  },
  validate: (cronJob) => [
    ...nameFollows(subdomain, cronJob),
    ...nameCauses(cronJob),
    ...scheduleCauses(cronJob.spec.schedule ?? '', 'spec.schedule'),
    ...notNegative('spec.startingDeadlineSeconds', cronJob.spec.startingDeadlineSeconds),
    ...timeZoneCauses(cronJob.spec.timeZone, 'spec.timeZone'),
    ...policyCauses(cronJob.spec),
    ...templateCauses(cronJob.spec),
    ...notNegative('spec.successfulJobsHistoryLimit', cronJob.spec.successfulJobsHistoryLimit),
    ...notNegative('spec.failedJobsHistoryLimit', cronJob.spec.failedJobsHistoryLimit),
  ],
}
