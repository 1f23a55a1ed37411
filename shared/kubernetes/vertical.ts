// VerticalPodAutoscaler (autoscaling.k8s.io/v1): how much a pod's containers should ask for, and what becomes of the advice.
import { parseQuantity } from '../quantity.ts'
import type { Kind } from './kinds.ts'
import type { Condition, KubeObject, OwnerReference } from './meta.ts'
import { controllerOf } from './meta.ts'
import type { Container, Pod } from './pod.ts'
import type { LimitRange } from './policy.ts'
import type { Amounts, ContainerRecommendation } from './vertical-amounts.ts'
import { amountText, withinLimitRanges } from './vertical-amounts.ts'

export interface ContainerPolicy {
  /** `*`: all that have no policy of their own. */
  containerName?: string
  mode?: 'Auto' | 'Off'
  minAllowed?: Amounts
  maxAllowed?: Amounts
  controlledResources?: string[]
  controlledValues?: 'RequestsAndLimits' | 'RequestsOnly'
}

/** Off: advice only. Initial: at the creation of pods. Recreate, and Auto: pods are evicted too. */
export type UpdateMode = 'Off' | 'Initial' | 'Recreate' | 'Auto'

export interface VerticalPodAutoscaler extends KubeObject {
  spec: {
    targetRef: { apiVersion?: string; kind: string; name: string }
    updatePolicy?: { updateMode?: UpdateMode; minReplicas?: number }
    resourcePolicy?: { containerPolicies?: ContainerPolicy[] }
  }
  status?: {
    recommendation?: { containerRecommendations: ContainerRecommendation[] }
    conditions?: Condition[]
  }
}

/** The kind that the autoscaler's own definition adds. */
export const verticalPodAutoscalers: Kind<VerticalPodAutoscaler> = Object.freeze({
  group: 'autoscaling.k8s.io',
  version: 'v1',
  kind: 'VerticalPodAutoscaler',
  plural: 'verticalpodautoscalers',
  singular: 'verticalpodautoscaler',
  shortNames: ['vpa'],
  namespaced: true,
})

export function updateModeOf({ spec }: VerticalPodAutoscaler): UpdateMode {
  return spec.updatePolicy?.updateMode ?? 'Auto'
}

/** What holds for a container: its own policy, else everybody's. */
export function policyFor({ spec }: VerticalPodAutoscaler, container: string): ContainerPolicy {
  const policies = spec.resourcePolicy?.containerPolicies ?? []
  const named = (name: string) => policies.find(({ containerName }) => containerName === name)
  return named(container) ?? named('*') ?? {}
}

/**
 * What stands at the top of a pod's owners: a Deployment rather than its ReplicaSet, a CronJob rather than its Job.
 * @param ownerOf the controller of the object of that kind and name, in the pod's namespace
 */
export function topController(
  pod: Pod,
  ownerOf: (reference: OwnerReference) => OwnerReference | undefined,
): OwnerReference | undefined {
  const direct = controllerOf(pod)
  if (!direct || (direct.kind !== 'ReplicaSet' && direct.kind !== 'Job')) return direct
  return ownerOf(direct) ?? direct
}

/**
 * The recommendation for a container that is to be followed; undefined when there is none.
 * @param ranges of its namespace
 */
export function recommendationFor(
  autoscaler: VerticalPodAutoscaler,
  container: Container,
  ranges: readonly LimitRange[],
): ContainerRecommendation | undefined {
  const { mode, controlledValues } = policyFor(autoscaler, container.name)
  if (mode === 'Off') return undefined
  const found = autoscaler.status?.recommendation?.containerRecommendations.find(
    ({ containerName }) => containerName === container.name,
  )
  return found && withinLimitRanges(found, container, ranges, controlledValues !== 'RequestsOnly')
}

/**
 * Writes the recommendation into a pod that is about to be created, and what it did into annotations.
 * @param ranges of its namespace, whose defaults the pod has already
 */
export function followRecommendation(
  pod: Pod,
  autoscaler: VerticalPodAutoscaler,
  ranges: readonly LimitRange[] = [],
): void {
  const changes = pod.spec.containers.flatMap((container, i) => {
    const recommendation = recommendationFor(autoscaler, container, ranges)
    if (!recommendation) return []
    const { controlledValues } = policyFor(autoscaler, container.name)
    const changed = follow(container, recommendation.target, controlledValues !== 'RequestsOnly')
    return changed.length > 0 ? [`container ${i}: ${changed.join(', ')}`] : []
  })
  if (changes.length === 0) return
  const { name = '' } = autoscaler.metadata
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    vpaUpdates: `Pod resources updated by ${name}: ${changes.join('; ')}`,
    vpaObservedContainers: pod.spec.containers.map((container) => container.name).join(', '),
  }
}

/** Limits keep their ratio to requests. */
function follow(container: Container, target: Amounts, withLimits: boolean): string[] {
  const resources = (container.resources ??= {})
  const changed: string[] = []
  for (const [resource, amount] of Object.entries(target)) {
    const limit = resources.limits?.[resource]
    const before = parseQuantity(resources.requests?.[resource] ?? limit)
    resources.requests = { ...resources.requests, [resource]: amount }
    changed.push(`${resource} request`)
    const ratio = (parseQuantity(limit) ?? 0) / (before ?? 0)
    if (!withLimits || limit === undefined || !Number.isFinite(ratio)) continue
    const next = amountText(resource, (parseQuantity(amount) ?? 0) * ratio)
    resources.limits = { ...resources.limits, [resource]: next }
    changed.push(`${resource} limit`)
  }
  return changed
}
