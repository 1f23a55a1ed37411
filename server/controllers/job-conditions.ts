// The conditions of a Job: first what it is about to become, then, when nothing of it runs any more, what it is.
import type { Job, JobStatus } from '../../shared/kubernetes/batch.ts'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import { timeText } from '../machinery/clock.ts'

/** How a Job ends, and why. */
export interface JobEnding {
  end: 'Complete' | 'Failed'
  reason: string
  message: string
}

export const failing = (reason: string, message: string): JobEnding => ({
  end: 'Failed',
  reason,
  message,
})

export const succeeding = (reason: string, message: string): JobEnding => ({
  end: 'Complete',
  reason,
  message,
})

const TARGETS = [
  ['FailureTarget', 'Failed'],
  ['SuccessCriteriaMet', 'Complete'],
] as const

/** The ending that was decided earlier and is being carried out. */
export function endingOf({ status }: Job): JobEnding | undefined {
  for (const [type, end] of TARGETS) {
    const held = conditionOf(status?.conditions, type)
    if (held?.status === 'True') {
      return { end, reason: held.reason ?? '', message: held.message ?? '' }
    }
  }
  return undefined
}

function condition(type: string, status: 'True' | 'False', now: number): Condition {
  return { type, status, lastProbeTime: timeText(now), lastTransitionTime: timeText(now) }
}

function withCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const at = conditions.findIndex(({ type }) => type === next.type)
  if (at < 0) return [...conditions, next]
  return conditions.map((held, i) => (i === at ? next : held))
}

/** Says that the Job is about to end so; nothing when that is said already. */
export function markTarget(status: JobStatus, ending: JobEnding, now: number): void {
  const type = ending.end === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet'
  if (conditionOf(status.conditions, type)?.status === 'True') return
  const { reason, message } = ending
  const next = { ...condition(type, 'True', now), reason, message }
  status.conditions = withCondition(status.conditions ?? [], next)
}

/** Says that the Job has ended. */
export function markEnd(status: JobStatus, ending: JobEnding, now: number): void {
  const { end, reason, message } = ending
  const next = { ...condition(end, 'True', now), reason, message }
  status.conditions = withCondition(status.conditions ?? [], next)
  if (end === 'Complete') status.completionTime = timeText(now)
}

/** Says whether the Job is suspended; answers whether that is news. A Job that never was says nothing. */
export function markSuspended(status: JobStatus, suspended: boolean, now: number): boolean {
  const held = conditionOf(status.conditions, 'Suspended')
  if (held ? (held.status === 'True') === suspended : !suspended) return false
  const next = suspended
    ? { ...condition('Suspended', 'True', now), reason: 'JobSuspended', message: 'Job suspended' }
    : { ...condition('Suspended', 'False', now), reason: 'JobResumed', message: 'Job resumed' }
  status.conditions = withCondition(status.conditions ?? [], next)
  return true
}

/** When the Job ended, ms since epoch; undefined while it goes on. */
export function endOfJob({ status }: Job): number | undefined {
  for (const type of ['Complete', 'Failed']) {
    const held = conditionOf(status?.conditions, type)
    if (held?.status === 'True') return Date.parse(held.lastTransitionTime ?? '')
  }
  return undefined
}
