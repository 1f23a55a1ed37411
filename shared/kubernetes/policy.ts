// What bounds the use of a cluster: ResourceQuota and LimitRange (core/v1), PriorityClass (scheduling.k8s.io/v1) and
// PodDisruptionBudget (policy/v1).
import type { Condition, KubeObject, LabelSelector } from './meta.ts'

type Amounts = Record<string, string>

export interface ResourceQuota extends KubeObject {
  spec?: {
    hard?: Amounts
    scopes?: string[]
    scopeSelector?: {
      matchExpressions?: { scopeName: string; operator: string; values?: string[] }[]
    }
  }
  status?: { hard?: Amounts; used?: Amounts }
}

export interface LimitRangeItem {
  type: string
  max?: Amounts
  min?: Amounts
  default?: Amounts
  defaultRequest?: Amounts
  maxLimitRequestRatio?: Amounts
}

export interface LimitRange extends KubeObject {
  spec?: { limits?: LimitRangeItem[] }
}

export interface PriorityClass extends KubeObject {
  value: number
  globalDefault?: boolean
  description?: string
  preemptionPolicy?: 'PreemptLowerPriority' | 'Never'
}

export interface PodDisruptionBudget extends KubeObject {
  spec?: {
    minAvailable?: number | string
    maxUnavailable?: number | string
    selector?: LabelSelector
    unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow'
  }
  status?: DisruptionStatus
}

export interface DisruptionStatus {
  observedGeneration?: number
  /** Pods whose eviction was allowed and is not seen yet, and when. */
  disruptedPods?: Record<string, string>
  disruptionsAllowed: number
  currentHealthy: number
  desiredHealthy: number
  expectedPods: number
  conditions?: Condition[]
}
