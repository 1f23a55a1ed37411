// HorizontalPodAutoscaler (autoscaling/v2), and what it reads of metrics.k8s.io and custom.metrics.k8s.io.
import type { Condition, KubeObject, LabelSelector } from './meta.ts'

export interface CrossVersionObjectReference {
  apiVersion?: string
  kind: string
  name: string
}

export interface MetricTarget {
  type: 'Utilization' | 'Value' | 'AverageValue'
  value?: string
  averageValue?: string
  /** Percent of the request. */
  averageUtilization?: number
}

interface MetricIdentifier {
  name: string
  selector?: LabelSelector
}

export interface MetricSpec {
  type: 'Resource' | 'ContainerResource' | 'Pods' | 'Object' | 'External'
  resource?: { name: string; target: MetricTarget }
  containerResource?: { name: string; container: string; target: MetricTarget }
  pods?: { metric: MetricIdentifier; target: MetricTarget }
  object?: {
    describedObject: CrossVersionObjectReference
    metric: MetricIdentifier
    target: MetricTarget
  }
  external?: { metric: MetricIdentifier; target: MetricTarget }
}

export interface MetricValueStatus {
  value?: string
  averageValue?: string
  averageUtilization?: number
}

/** As the spec's metric it answers, with what it is now. */
export interface MetricStatus {
  type: MetricSpec['type']
  resource?: { name: string; current: MetricValueStatus }
  containerResource?: { name: string; container: string; current: MetricValueStatus }
  pods?: { metric: MetricIdentifier; current: MetricValueStatus }
  object?: {
    describedObject: CrossVersionObjectReference
    metric: MetricIdentifier
    current: MetricValueStatus
  }
}

export interface ScalingPolicy {
  type: 'Pods' | 'Percent'
  value: number
  periodSeconds: number
}

export interface ScalingRules {
  stabilizationWindowSeconds?: number
  selectPolicy?: 'Max' | 'Min' | 'Disabled'
  policies?: ScalingPolicy[]
  tolerance?: string
}

export interface HorizontalPodAutoscalerSpec {
  scaleTargetRef: CrossVersionObjectReference
  minReplicas?: number
  maxReplicas: number
  metrics?: MetricSpec[]
  behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules }
}

export interface HorizontalPodAutoscalerStatus {
  observedGeneration?: number
  lastScaleTime?: string
  currentReplicas?: number
  desiredReplicas: number
  currentMetrics?: MetricStatus[] | null
  conditions?: Condition[]
}

export interface HorizontalPodAutoscaler extends KubeObject {
  spec: HorizontalPodAutoscalerSpec
  status?: HorizontalPodAutoscalerStatus
}

/** One container's measured use: `cpu` in nanocores (`1500000n`), `memory` in Ki. */
export interface ContainerMetrics {
  name: string
  usage: { cpu: string; memory: string }
}

export interface PodMetrics extends KubeObject {
  /** When the window ended. */
  timestamp: string
  /** What the use speaks of: `10s`. */
  window: string
  containers: ContainerMetrics[]
}

export interface NodeMetrics extends KubeObject {
  timestamp: string
  window: string
  usage: { cpu: string; memory: string }
}

/** One kind's metric, for all the objects that were asked about. */
export interface MetricValueList extends KubeObject {
  items: {
    describedObject: { kind: string; namespace?: string; name: string; apiVersion?: string }
    metric: { name: string }
    timestamp: string
    value: string
  }[]
}
