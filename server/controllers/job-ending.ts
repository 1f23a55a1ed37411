// Whether a Job is to end now, and how (job_controller.go syncJob).
import { isIndexed, type Job } from '../../shared/kubernetes/batch.ts'
import { isPodTerminal, type Pod } from '../../shared/kubernetes/pod.ts'
import { parseIndexes } from '../../shared/indexes.ts'
import type { JobEnding } from './job-conditions.ts'
import { failing, succeeding } from './job-conditions.ts'
import type { JobCount } from './job-count.ts'
import { failuresOf } from './job-count.ts'
import { hasFailed, judge, restartsOf } from './job-pods.ts'

/** The first reason to end, in the order in which Kubernetes asks; undefined when the Job goes on. */
export function reasonToEnd(
  job: Job,
  own: readonly Pod[],
  count: JobCount,
  startedAt: number | undefined,
  now: number,
): JobEnding | undefined {
  return (
    failedByPolicy(job, own) ??
    pastBackoffLimit(job, own, count) ??
    pastDeadline(job, startedAt, now) ??
    (isIndexed(job) ? (failedByIndexes(job, count) ?? succeededEarly(job, count)) : undefined)
  )
}

function failedByPolicy(job: Job, own: readonly Pod[]): JobEnding | undefined {
  for (const pod of own) {
    if (!hasFailed(pod, job)) continue
    const verdict = judge(job, pod)
    if (verdict?.action === 'FailJob') return failing('PodFailurePolicy', verdict.message)
  }
  return undefined
}

function pastBackoffLimit(
  { spec }: Job,
  own: readonly Pod[],
  count: JobCount,
): JobEnding | undefined {
  const { backoffLimit = 6, template } = spec
  const reached = failing('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  if (failuresOf(count) > backoffLimit) return reached
  if (template.spec.restartPolicy !== 'OnFailure') return undefined
  // Containers that are restarted in their pod never make it fail: their restarts count (pastBackoffLimitOnFailure).
  const restarts = own
    .filter((pod) => !isPodTerminal(pod))
    .reduce((sum, pod) => sum + restartsOf(pod), 0)
  return (backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit) ? reached : undefined
}

function pastDeadline(
  { spec }: Job,
  startedAt: number | undefined,
  now: number,
): JobEnding | undefined {
  const { activeDeadlineSeconds: seconds, suspend } = spec
  if (seconds === undefined || suspend || startedAt === undefined) return undefined
  if (now < startedAt + seconds * 1000) return undefined
  return failing('DeadlineExceeded', 'Job was active longer than specified deadline')
}

function failedByIndexes({ spec }: Job, count: JobCount): JobEnding | undefined {
  const { backoffLimitPerIndex, maxFailedIndexes, completions = 0 } = spec
  if (backoffLimitPerIndex === undefined) return undefined
  const failed = count.failedIndexes.size
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const why = 'Job has exceeded the specified maximal number of failed indexes'
    return failing('MaxFailedIndexesExceeded', why)
  }
  const all = failed + count.succeededIndexes.size >= completions
  return failed > 0 && all ? failing('FailedIndexes', 'Job has failed indexes') : undefined
}

function succeededEarly({ spec }: Job, { succeededIndexes }: JobCount): JobEnding | undefined {
  const rules = spec.successPolicy?.rules ?? []
  const met = rules.findIndex((rule) => {
    const wanted = rule.succeededIndexes
      ? [...parseIndexes(rule.succeededIndexes, spec.completions ?? 0)]
      : undefined
    const done = wanted ? wanted.filter((index) => succeededIndexes.has(index)) : succeededIndexes
    const reached = Array.isArray(done) ? done.length : done.size
    return reached >= (rule.succeededCount ?? wanted?.length ?? Infinity)
  })
  return met < 0 ? undefined : succeeding('SuccessPolicy', `Matched rules at index ${met}`)
}
