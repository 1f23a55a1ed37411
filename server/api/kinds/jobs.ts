import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
  type Job,
  type JobSpec,
} from '../../../shared/kubernetes/batch.ts'
import { jobs } from '../../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../../shared/kubernetes/meta.ts'
import { matcherOf, selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { defaultJobSpec, jobSpecCauses, jobSpecUpdateCauses } from './job-spec.ts'
import { invalid, required } from './rules/causes.ts'
import { nameFollows, selectorFollows, selectsTemplate } from './rules/fields.ts'
import { label, subdomain } from './rules/names.ts'
import {
  ageColumn,
  humanDuration,
  nameColumn,
  NONE,
  since,
  text,
  workloadColumns,
} from './rules/print.ts'
import type { Strategy } from './strategy.ts'

/** The labels by which a Job finds its own pods, and nobody else's (generateSelector). */
function ownLabels({ metadata: { uid = '', name = '' } }: Job): Record<string, string> {
  return {
    [CONTROLLER_UID_LABEL]: uid,
    [JOB_NAME_LABEL]: name,
    [LEGACY_CONTROLLER_UID_LABEL]: uid,
    [LEGACY_JOB_NAME_LABEL]: name,
  }
}

/** Labels the template with the Job's uid and selects by it, unless the writer says that it knows better. */
function generateSelector(job: Job): void {
  const { spec, metadata } = job
  if (spec.template && !spec.manualSelector) {
    const template = (spec.template.metadata ??= {})
    // Labels that are there stay, so that one that contradicts is found out by `validate`.
    template.labels = { ...ownLabels(job), ...template.labels }
    spec.selector ??= {}
    spec.selector.matchLabels ??= {}
    spec.selector.matchLabels[CONTROLLER_UID_LABEL] ??= metadata.uid ?? ''
  }
  const labels = spec.template?.metadata?.labels ?? {}
  const bare = Object.keys(metadata.labels ?? {}).length === 0
  if (bare && Object.keys(labels).length > 0) metadata.labels = { ...labels }
}

function generatedCauses(job: Job): StatusCause[] {
  const { spec } = job
  if (spec.manualSelector || !spec.selector || !spec.template) return []
  const labels = spec.template.metadata?.labels ?? {}
  const at = 'spec.template.metadata.labels'
  const wrong = Object.entries(ownLabels(job)).flatMap(([key, value]) => {
    if (labels[key] === undefined) return [required(at, `must be '${value}'`)]
    return labels[key] === value ? [] : [invalid(at, labels, `must be '${value}'`)]
  })
  if (matcherOf(spec.selector)(ownLabels(job))) return wrong
  return [...wrong, invalid('spec.selector', spec.selector, '`selector` not auto-generated')]
}

function selectorCauses({ spec }: Job): StatusCause[] {
  if (!spec.selector) return [required('spec.selector')]
  const causes = selectorFollows('spec.selector', spec.selector)
  if (causes.length > 0 || !spec.template) return causes
  return selectsTemplate(spec.selector, spec.template.metadata?.labels)
}

/** Pods of an Indexed Job are called after it and their index; the longest such name must be one. */
function hostnameCauses({ metadata: { name = '' }, spec }: Job): StatusCause[] {
  if (spec.completionMode !== 'Indexed' || !spec.completions || spec.completions < 0) return []
  const longest = `${name}-${spec.completions - 1}`
  if (label(longest).length === 0) return []
  const why = `will not able to create pod with invalid DNS label: ${longest}`
  return [invalid('metadata.name', name, why)]
}

const STATES = ['Complete', 'Failed', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet']

/** The Status column (printJob). */
function stateOf({ metadata, status }: Job): string {
  const isTrue = (type: string) => conditionOf(status?.conditions, type)?.status === 'True'
  const ended = ['Complete', 'Failed'].find(isTrue)
  if (ended) return ended
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  return STATES.find(isTrue) ?? 'Running'
}

function completionsOf({ spec, status }: Job): string {
  const { completions, parallelism = 0 } = spec
  const succeeded = status?.succeeded ?? 0
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationOf({ status }: Job, now: number): string {
  const { startTime, completionTime } = status ?? {}
  if (!startTime) return ''
  if (!completionTime) return since(startTime, now)
  return humanDuration(Date.parse(completionTime) - Date.parse(startTime))
}

export const jobStrategy: Strategy<Job> = {
  kind: jobs,
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  fields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: [
    nameColumn,
    text('Status', stateOf),
    text('Completions', completionsOf),
    text('Duration', durationOf),
    ageColumn,
    ...workloadColumns<Job>(({ spec }) => selectorText(spec.selector ?? {}) || NONE),
  ],
  default(job) {
    job.spec ??= {} as JobSpec
    defaultJobSpec(job.spec)
  },
  prepareForCreate(job) {
    generateSelector(job)
    job.status = {}
  },
  validate: (job) => [
    ...nameFollows(subdomain, job),
    ...generatedCauses(job),
    ...selectorCauses(job),
    ...jobSpecCauses(job.spec, 'spec'),
    ...hostnameCauses(job),
  ],
  validateUpdate: (job, old) =>
    jobSpecUpdateCauses(
      job.spec,
      old.spec,
      old.spec.suspend === true && old.status?.startTime === undefined,
    ),
}
