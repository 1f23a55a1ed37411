// The kinds that keep pods running: ReplicationController (core/v1), ReplicaSet and Deployment (apps/v1), Scale.
import type { Condition, KubeObject, LabelSelector } from './meta.ts'
import type { PodTemplateSpec } from './pod.ts'

export interface ReplicationController extends KubeObject {
  spec: {
    replicas?: number
    minReadySeconds?: number
    selector?: Record<string, string>
    template?: PodTemplateSpec
  }
  status?: ReplicaStatus
}

export interface ReplicaSet extends KubeObject {
  spec: {
    replicas?: number
    minReadySeconds?: number
    selector: LabelSelector
    template?: PodTemplateSpec
  }
  status?: ReplicaStatus
}

/** Status of a ReplicationController or ReplicaSet. */
export interface ReplicaStatus {
  replicas: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  terminatingReplicas?: number
  observedGeneration?: number
  conditions?: Condition[]
}

export interface Deployment extends KubeObject {
  spec: DeploymentSpec
  status?: DeploymentStatus
}

export interface DeploymentSpec {
  replicas?: number
  selector: LabelSelector
  template: PodTemplateSpec
  strategy?: DeploymentStrategy
  minReadySeconds?: number
  revisionHistoryLimit?: number
  paused?: boolean
  progressDeadlineSeconds?: number
}

export interface DeploymentStrategy {
  type?: 'RollingUpdate' | 'Recreate'
  rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string }
}

export interface DeploymentStatus {
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
  terminatingReplicas?: number
  collisionCount?: number
  conditions?: Condition[]
}

/** autoscaling/v1 Scale: the `/scale` subresource of everything that has replicas. */
export interface Scale extends KubeObject {
  spec: { replicas?: number }
  status?: { replicas: number; selector?: string }
}

/** The annotation that holds a ReplicaSet's place in a Deployment's history. */
export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision'
/** The label a Deployment gives the pods of one template. */
export const POD_TEMPLATE_HASH = 'pod-template-hash'
