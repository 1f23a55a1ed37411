// The spec of a Job, which CronJobs have too (pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation).
import type { JobSpec } from '../../../shared/kubernetes/batch.ts'
import type { PodSpec, PodTemplateSpec } from '../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { podFailurePolicyCauses, successPolicyCauses } from './job-policies.ts'
import {
  immutable,
  invalid,
  notImplemented,
  notNegative,
  notSupported,
  oneOf,
  required,
} from './rules/causes.ts'
import { same } from './rules/fields.ts'
import { defaultTemplate, podTemplateCauses } from './workloads.ts'

/** Caps the length of status.completedIndexes. */
const MOST_INDEXED = 100_000
/** Above MOST_INDEXED completions with limits an index. */
const MOST_WHEN_MANY = 10_000
const MOST = 2 ** 31 - 1

/** Fills what Kubernetes fills (SetDefaults_Job). */
export function defaultJobSpec(spec: JobSpec): void {
  defaultTemplate(spec.template)
  // With neither, a Job is one pod; with only a parallelism, it is a queue of work whose end the pods know.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MOST
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  for (const { onPodConditions } of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of onPodConditions ?? []) pattern.status ??= 'True'
  }
}

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

function manyIndexesCauses(spec: JobSpec, at: string): StatusCause[] {
  if ((spec.completions ?? 0) <= MOST_INDEXED || spec.backoffLimitPerIndex === undefined) return []
  if (spec.maxFailedIndexes === undefined) {
    const why = `must be specified when completions is above ${MOST_INDEXED}`
    return [required(`${at}.maxFailedIndexes`, why)]
  }
  const why = `must be less than or equal to ${MOST_WHEN_MANY} when completions are above ${MOST_INDEXED} and used with backoff limit per index`
  return (['parallelism', 'maxFailedIndexes'] as const)
    .filter((field) => (spec[field] ?? 0) > MOST_WHEN_MANY)
    .map((field) => invalid(`${at}.${field}`, spec[field], why))
}

function indexedCauses(spec: JobSpec, at: string): StatusCause[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed = 0 } = spec
  const causes: StatusCause[] = []
  if (completions === undefined) {
    causes.push(required(`${at}.completions`, 'when completion mode is Indexed'))
  }
  if (parallelism > MOST_INDEXED) {
    const why = `must be less than or equal to ${MOST_INDEXED} when completion mode is Indexed`
    causes.push(invalid(`${at}.parallelism`, parallelism, why))
  }
  if (completions !== undefined && failed > completions) {
    const why = 'must be less than or equal to completions'
    causes.push(invalid(`${at}.maxFailedIndexes`, failed, why))
  }
  if (failed > MOST_INDEXED) {
    const why = `must be less than or equal to ${MOST_INDEXED}`
    causes.push(invalid(`${at}.maxFailedIndexes`, failed, why))
  }
  return [...causes, ...manyIndexesCauses(spec, at)]
}

function modeCauses(spec: JobSpec, at: string): StatusCause[] {
  const causes = oneOf(`${at}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed'])
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    causes.push(required(`${at}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (spec.completionMode === 'Indexed') return [...causes, ...indexedCauses(spec, at)]
  const ofIndexes = (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).filter(
    (field) => spec[field] !== undefined,
  )
  return [
    ...causes,
    ...ofIndexes.map((field) =>
      invalid(`${at}.${field}`, spec[field], 'requires indexed completion mode'),
    ),
  ]
}

function replacementCauses(spec: JobSpec, at: string): StatusCause[] {
  const supported = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  return oneOf(`${at}.podReplacementPolicy`, spec.podReplacementPolicy, supported)
}

/** Pods of Jobs come to an end. Always is what a pod says that says nothing. */
function restartCauses(spec: JobSpec, at: string): StatusCause[] {
  const field = `${at}.template.spec.restartPolicy`
  const { restartPolicy: policy } = spec.template.spec
  if (!policy || policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') {
    return [notSupported(field, policy, ['OnFailure', 'Never'])]
  }
  if (!spec.podFailurePolicy || policy === 'Never') return []
  return [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

/** Everything that is wrong with a defaulted spec but its selector; `at` is its field path. */
export function jobSpecCauses(spec: JobSpec, at: string): StatusCause[] {
  const causes = [
    ...COUNTS.flatMap((field) => notNegative(`${at}.${field}`, spec[field])),
    ...(spec.managedBy === undefined ? [] : [notImplemented(`${at}.managedBy`)]),
    ...((spec as { scheduling?: unknown }).scheduling ? [notImplemented(`${at}.scheduling`)] : []),
    ...modeCauses(spec, at),
  ]
  // A decoded Job always has a template, which may be empty of all.
  if (!spec.template) return [...causes, required(`${at}.template.spec.containers`)]
  return [
    ...causes,
    ...podFailurePolicyCauses(spec, `${at}.podFailurePolicy`),
    ...successPolicyCauses(spec, `${at}.successPolicy`),
    ...replacementCauses(spec, at),
    ...podTemplateCauses(spec.template, `${at}.template`),
    ...restartCauses(spec, at),
  ]
}

/** A suspended Job that never started may still be told where its pods should go (AllowMutableSchedulingDirectives). */
function withDirectivesOf(old: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, affinity } = template.spec
  const { nodeSelector: _, tolerations: __, affinity: held, ...rest } = old.spec
  const mixed = { ...held, nodeAffinity: affinity?.['nodeAffinity'] }
  const directives = { nodeSelector, tolerations, affinity: affinity || held ? mixed : undefined }
  return {
    ...old,
    metadata: {
      ...old.metadata,
      labels: template.metadata?.labels ?? {},
      annotations: template.metadata?.annotations ?? {},
    },
    spec: { ...rest, ...directives } as PodSpec,
  }
}

function withoutEmpty(template: PodTemplateSpec | undefined): unknown {
  if (!template) return undefined
  const { labels = {}, annotations = {} } = template.metadata ?? {}
  const affinity = template.spec.affinity
  const asks = affinity && Object.values(affinity).some((value) => value !== undefined)
  return {
    ...template,
    metadata: { ...template.metadata, labels, annotations },
    spec: { ...template.spec, affinity: asks ? affinity : undefined },
  }
}

const FIXED = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const

/** What may not change. `mayMove`: the Job is suspended and has not started. */
export function jobSpecUpdateCauses(spec: JobSpec, old: JobSpec, mayMove: boolean): StatusCause[] {
  const causes = FIXED.filter((field) => !same(spec[field], old[field])).map((field) =>
    immutable(`spec.${field}`, spec[field] ?? null),
  )
  if (!same(spec.completions, old.completions)) causes.push(...completionsCauses(spec))
  const before = mayMove ? withDirectivesOf(old.template, spec.template) : old.template
  if (!same(withoutEmpty(spec.template), withoutEmpty(before))) {
    causes.push(immutable('spec.template', spec.template ?? null))
  }
  return causes
}

/** Indexed Jobs may grow and shrink (elastic), others keep their number. */
function completionsCauses({ completionMode, completions, parallelism }: JobSpec): StatusCause[] {
  const field = 'spec.completions'
  if (completionMode !== 'Indexed') return [immutable(field, completions ?? null)]
  if (completions === undefined || completions === parallelism) return []
  return [invalid(field, completions, 'can only be modified in tandem with spec.parallelism')]
}
