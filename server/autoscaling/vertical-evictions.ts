// Which pods are recreated for what they ask for, and how many at a time (vertical-pod-autoscaler/pkg/updater).
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isPodReady, isPodTerminal, type Pod } from '../../shared/kubernetes/pod.ts'
import type { LimitRange } from '../../shared/kubernetes/policy.ts'
import {
  recommendationFor,
  updateModeOf,
  type VerticalPodAutoscaler,
} from '../../shared/kubernetes/vertical.ts'
import { parseQuantity } from '../../shared/quantity.ts'

/** --in-recommendation-bounds-eviction-lifetime-threshold: a pod that asks for a bearable amount is left alone so long. */
const BEARABLE_MS = 12 * 3_600_000
/** --pod-update-threshold: and then changed only for this much. */
const WORTH_IT = 0.1
/** --eviction-tolerance: of all replicas, at most this part at a time. */
const TOLERANCE = 0.5
/** --min-replicas */
const LEAST_REPLICAS = 2

interface Distance {
  isOutside: boolean
  /** How far all requests together are from their targets, as part of the targets. */
  difference: number
}

type Ranges = readonly LimitRange[]

function distanceOf(pod: Pod, autoscaler: VerticalPodAutoscaler, ranges: Ranges): Distance {
  let isOutside = false
  const asked: Record<string, number> = {}
  const wanted: Record<string, number> = {}
  for (const container of pod.spec.containers) {
    const { resources } = container
    const advice = recommendationFor(autoscaler, container, ranges)
    for (const [resource, target] of Object.entries(advice?.target ?? {})) {
      const request = parseQuantity(resources?.requests?.[resource]) ?? 0
      const lower = parseQuantity(advice?.lowerBound?.[resource]) ?? 0
      const upper = parseQuantity(advice?.upperBound?.[resource]) ?? Infinity
      if (request < lower || request > upper) isOutside = true
      asked[resource] = (asked[resource] ?? 0) + request
      wanted[resource] = (wanted[resource] ?? 0) + (parseQuantity(target) ?? 0)
    }
  }
  const difference = Object.entries(wanted).reduce(
    (sum, [resource, target]) =>
      sum + Math.abs(target - (asked[resource] ?? 0)) / Math.max(target, Number.MIN_VALUE),
    0,
  )
  return { isOutside, difference }
}

/** A container was killed for want of memory and would be given more now. */
function wantsMemory(pod: Pod, autoscaler: VerticalPodAutoscaler, ranges: Ranges): boolean {
  return (pod.status?.containerStatuses ?? []).some(({ name, lastState }) => {
    if (lastState?.terminated?.reason !== 'OOMKilled') return false
    const container = pod.spec.containers.find((each) => each.name === name)
    const advice = container && recommendationFor(autoscaler, container, ranges)
    const target = parseQuantity(advice?.target['memory']) ?? 0
    return target > (parseQuantity(container?.resources?.requests?.['memory']) ?? 0)
  })
}

/**
 * The pods to evict now, the furthest from their recommendation first.
 * @param pods all of the target; `replicas` how many it wants
 * @param ranges of their namespace: what these do not allow is no reason to recreate a pod
 */
export function planEvictions(
  autoscaler: VerticalPodAutoscaler,
  pods: readonly Pod[],
  replicas: number,
  now: number,
  speed: number,
  ranges: Ranges = [],
): Pod[] {
  const mode = updateModeOf(autoscaler)
  if (mode === 'Off' || mode === 'Initial') return []
  const alive = pods.filter((pod) => !isPodTerminal(pod) && !isBeingDeleted(pod))
  const { minReplicas = LEAST_REPLICAS } = autoscaler.spec.updatePolicy ?? {}
  if (alive.length < minReplicas) return []
  const ready = alive.filter(isPodReady).length
  const tolerated = Math.floor(replicas * TOLERANCE)
  // One at least, as long as all are there: else a single replica would never change.
  const allowed =
    ready >= replicas && tolerated === 0 ? 1 : Math.max(0, ready - (replicas - tolerated))
  return alive
    .map((pod) => ({ pod, ...distanceOf(pod, autoscaler, ranges) }))
    .filter(({ pod, isOutside, difference }) => {
      if (isOutside || wantsMemory(pod, autoscaler, ranges)) return true
      const since = Date.parse(pod.status?.startTime ?? '') || now
      return now - since >= BEARABLE_MS / speed && difference >= WORTH_IT
    })
    .sort((a, b) => b.difference - a.difference)
    .slice(0, allowed)
    .map(({ pod }) => pod)
}
