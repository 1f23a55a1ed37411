// batch/v1: Job and CronJob. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
import type { Condition, KubeObject, LabelSelector } from './meta.ts'
import { conditionOf } from './meta.ts'
import type { ObjectReference } from './network.ts'
import type { PodTemplateSpec } from './pod.ts'

export interface Job extends KubeObject {
  spec: JobSpec
  status?: JobStatus
}

export interface JobSpec {
  parallelism?: number
  completions?: number
  activeDeadlineSeconds?: number
  podFailurePolicy?: { rules?: PodFailureRule[] }
  successPolicy?: { rules?: SuccessRule[] }
  backoffLimit?: number
  backoffLimitPerIndex?: number
  maxFailedIndexes?: number
  selector?: LabelSelector
  manualSelector?: boolean
  template: PodTemplateSpec
  ttlSecondsAfterFinished?: number
  completionMode?: 'NonIndexed' | 'Indexed'
  suspend?: boolean
  podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed'
  managedBy?: string
}

/** What becomes of a failed pod that matches; the first rule that does decides. */
export interface PodFailureRule {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values?: number[] }
  onPodConditions?: { type: string; status?: 'True' | 'False' | 'Unknown' }[]
}

/** When an Indexed Job has succeeded before all of its indexes have. */
export interface SuccessRule {
  succeededIndexes?: string
  succeededCount?: number
}

export interface JobStatus {
  conditions?: Condition[]
  startTime?: string
  completionTime?: string
  active?: number
  ready?: number
  terminating?: number
  succeeded?: number
  failed?: number
  /** `1,3-5,7` */
  completedIndexes?: string
  failedIndexes?: string
  /** Uids of ended pods that are not in `succeeded` or `failed` yet: they count as soon as their finalizer is gone. */
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
}

export interface CronJob extends KubeObject {
  spec: CronJobSpec
  status?: CronJobStatus
}

export interface CronJobSpec {
  schedule: string
  timeZone?: string
  startingDeadlineSeconds?: number
  concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
  suspend?: boolean
  jobTemplate: { metadata?: KubeObject['metadata']; spec: JobSpec }
  successfulJobsHistoryLimit?: number
  failedJobsHistoryLimit?: number
}

export interface CronJobStatus {
  active?: ObjectReference[]
  lastScheduleTime?: string
  lastSuccessfulTime?: string
}

/** Which of a Job's indexes a pod works on: a label and an annotation of the pod. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'
/** The finalizer that keeps an ended pod until it is counted. */
export const JOB_TRACKING = 'batch.kubernetes.io/job-tracking'
export const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid'
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name'
/** The names these labels had before they got a prefix; still set. */
export const LEGACY_CONTROLLER_UID_LABEL = 'controller-uid'
export const LEGACY_JOB_NAME_LABEL = 'job-name'

/** Complete or Failed; undefined while the Job goes on. */
export function jobEnd({ status }: Job): 'Complete' | 'Failed' | undefined {
  const isTrue = (type: string) => conditionOf(status?.conditions, type)?.status === 'True'
  if (isTrue('Complete')) return 'Complete'
  return isTrue('Failed') ? 'Failed' : undefined
}

/** True for a Job each of whose completions has a number of its own. */
export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed'
}

/** A schedule in the form that cron libraries share: robfig/cron, which Kubernetes uses, reads `?` as `*`. */
export function cronPattern(schedule: string): string {
  return schedule.trim().replaceAll('?', '*')
}
