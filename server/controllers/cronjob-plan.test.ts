import { describe, expect, it } from 'vitest'
import type { CronJob, CronJobSpec, CronJobStatus, Job } from '../../shared/kubernetes/batch.ts'
import { planCronJob } from './cronjob-plan.ts'
import { makeJob } from './testing/jobs.ts'

const at = (text: string): number => Date.parse(text)
const MINUTE = 60_000

function cronJob(spec: Partial<CronJobSpec>, status: CronJobStatus = {}): CronJob {
  return {
    metadata: {
      name: 'report',
      namespace: 'default',
      uid: 'uid-report',
      creationTimestamp: '2026-01-01T00:00:30Z',
    },
    spec: {
      schedule: '*/5 * * * *',
      timeZone: 'UTC',
      concurrencyPolicy: 'Allow',
      jobTemplate: { metadata: { labels: { a: 'b' } }, spec: makeJob().spec },
      ...spec,
    },
    status,
  }
}

function job(name: string, end?: 'Complete' | 'Failed', startTime = '2026-01-01T00:00:00Z'): Job {
  const conditions = end ? [{ type: end, status: 'True' as const }] : []
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: makeJob().spec,
    status: { startTime, completionTime: startTime, conditions },
  }
}
const active = (name: string) => ({ active: [{ kind: 'Job', name, uid: `uid-${name}` }] })

describe('when', () => {
  it('waits for its first time after it was made', () => {
    const plan = planCronJob(cronJob({}), [], at('2026-01-01T00:04:00Z'))
    expect(plan.create).toBeUndefined()
    expect(plan.againInMs).toBe(MINUTE)
  })

  it('makes a Job named after the time, with what the template says', () => {
    const plan = planCronJob(cronJob({}), [], at('2026-01-01T00:05:00Z'))
    expect(plan.create?.metadata).toMatchObject({
      name: `report-${at('2026-01-01T00:05:00Z') / MINUTE}`,
      labels: { a: 'b' },
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:05:00Z' },
    })
    expect(plan.againInMs).toBe(5 * MINUTE)
  })

  it('makes none for a time that is used', () => {
    const status = { lastScheduleTime: '2026-01-01T00:05:00Z' }
    expect(planCronJob(cronJob({}, status), [], at('2026-01-01T00:06:00Z')).create).toBeUndefined()
  })

  it('makes up for the last of the times it missed, and says when there were many', () => {
    const plan = planCronJob(cronJob({}), [], at('2026-01-02T00:07:00Z'))
    expect(plan.due).toBe(at('2026-01-02T00:05:00Z'))
    expect(plan.says.map(({ reason }) => reason)).toEqual(['TooManyMissedTimes'])
  })

  it('makes none when the deadline for starting has passed', () => {
    const late = cronJob({ startingDeadlineSeconds: 60 })
    const plan = planCronJob(late, [], at('2026-01-01T00:07:00Z'))
    expect(plan.create).toBeUndefined()
    expect(plan.says).toEqual([
      {
        type: 'Warning',
        reason: 'MissSchedule',
        message: 'Missed scheduled time to start a job: Thu, 01 Jan 2026 00:05:00 +0000',
      },
    ])
  })

  it.each([
    ['Europe/Berlin', '2026-07-01T10:00:00Z', '2026-07-01T12:00:00+02:00'],
    ['Europe/Berlin', '2026-01-15T11:00:00Z', '2026-01-15T12:00:00+01:00'],
    ['America/New_York', '2026-07-01T16:00:00Z', '2026-07-01T12:00:00-04:00'],
  ])('noon in %s is %s', (timeZone, utc, local) => {
    const noon = cronJob({ schedule: '0 12 * * *', timeZone })
    const plan = planCronJob(noon, [], at(utc) + 1000)
    expect(plan.due).toBe(at(utc))
    expect(Object.values(plan.create?.metadata.annotations ?? {})).toEqual([local])
  })

  it('does nothing while suspended', () => {
    const plan = planCronJob(cronJob({ suspend: true }), [], at('2026-01-01T00:05:00Z'))
    expect(plan).toMatchObject({ create: undefined, againInMs: undefined })
  })
})

describe('side by side', () => {
  const now = at('2026-01-01T00:05:00Z')
  const running = job('one')

  it.each<[NonNullable<CronJobSpec['concurrencyPolicy']>, boolean, number]>([
    ['Allow', true, 0],
    ['Forbid', false, 0],
    ['Replace', true, 1],
  ])('%s', (concurrencyPolicy, makes, removes) => {
    const plan = planCronJob(cronJob({ concurrencyPolicy }, active('one')), [running], now)
    expect(plan.create !== undefined).toBe(makes)
    expect(plan.remove).toHaveLength(removes)
  })
})

describe('what became of its Jobs', () => {
  const now = at('2026-01-01T00:01:00Z')

  it('is seen once, and said', () => {
    const plan = planCronJob(cronJob({}, active('one')), [job('one', 'Complete')], now)
    expect(plan.status).toEqual({ lastSuccessfulTime: '2026-01-01T00:00:00Z' })
    expect(plan.says.map(({ message }) => message)).toEqual([
      'Saw completed job: one, condition: Complete',
    ])
  })

  it('keeps as many as asked for, the youngest', () => {
    const done = [3, 1, 2].map((day) => job(`day-${day}`, 'Complete', `2026-01-0${day}T00:00:00Z`))
    const failed = [1, 2].map((day) => job(`bad-${day}`, 'Failed', `2026-01-0${day}T00:00:00Z`))
    const spec = { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 }
    const plan = planCronJob(cronJob(spec), [...done, ...failed], now)
    expect(plan.remove.map(({ metadata }) => metadata.name)).toEqual(['day-1', 'day-2', 'bad-1'])
  })
})
