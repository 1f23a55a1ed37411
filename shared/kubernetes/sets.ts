// apps/v1: DaemonSet (a pod on each node), StatefulSet (pods with names and claims of their own), ControllerRevision.
import type { Condition, KubeObject, LabelSelector } from './meta.ts'
import type { PodTemplateSpec } from './pod.ts'
import type { PersistentVolumeClaim } from './storage.ts'

export interface DaemonSet extends KubeObject {
  spec: DaemonSetSpec
  status?: DaemonSetStatus
}

export interface DaemonSetSpec {
  selector: LabelSelector
  template: PodTemplateSpec
  updateStrategy?: {
    type?: 'RollingUpdate' | 'OnDelete'
    rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string }
  }
  minReadySeconds?: number
  revisionHistoryLimit?: number
}

export interface DaemonSetStatus {
  currentNumberScheduled: number
  numberMisscheduled: number
  desiredNumberScheduled: number
  numberReady: number
  observedGeneration?: number
  updatedNumberScheduled?: number
  numberAvailable?: number
  numberUnavailable?: number
  collisionCount?: number
  conditions?: Condition[]
}

export interface StatefulSet extends KubeObject {
  spec: StatefulSetSpec
  status?: StatefulSetStatus
}

export interface StatefulSetSpec {
  replicas?: number
  selector: LabelSelector
  template: PodTemplateSpec
  volumeClaimTemplates?: PersistentVolumeClaim[]
  serviceName?: string
  podManagementPolicy?: 'OrderedReady' | 'Parallel'
  updateStrategy?: {
    type?: 'RollingUpdate' | 'OnDelete'
    rollingUpdate?: { partition?: number; maxUnavailable?: number | string }
  }
  revisionHistoryLimit?: number
  minReadySeconds?: number
  persistentVolumeClaimRetentionPolicy?: {
    whenDeleted?: 'Retain' | 'Delete'
    whenScaled?: 'Retain' | 'Delete'
  }
  ordinals?: { start?: number }
}

export interface StatefulSetStatus {
  observedGeneration?: number
  replicas: number
  readyReplicas?: number
  currentReplicas?: number
  updatedReplicas?: number
  availableReplicas?: number
  currentRevision?: string
  updateRevision?: string
  collisionCount?: number
  conditions?: Condition[]
}

/** One state of a set's template, kept so that it can be gone back to. */
export interface ControllerRevision extends KubeObject {
  data?: { spec: { template: PodTemplateSpec & { $patch?: string } } }
  revision: number
}

/** The label that says which revision a pod was made of. */
export const REVISION_HASH_LABEL = 'controller-revision-hash'
export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index'
