// Which pods go first when there are too many.
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#pod-deletion-cost */
export const DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost'

const PHASE_ORDER: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

/** Everything the order looks at, read once a pod: the smallest goes first. */
function preferenceOf(pod: Pod, colocated: number, now: number): number[] {
  const ready = isPodReady(pod)
  const readySince = conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime
  return [
    pod.spec.nodeName ? 1 : 0,
    PHASE_ORDER[pod.status?.phase ?? 'Unknown'] ?? 1,
    ready ? 1 : 0,
    deletionCost(pod),
    -colocated,
    ready ? ageBucket(readySince, now) : 0,
    -restartsOf(pod),
    ageBucket(pod.metadata.creationTimestamp, now),
  ]
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST_ANNOTATION] ?? '0'
  return /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0
}

/** Ages that differ by less than a factor of two count as equal, so that not always the same pods go (KEP-2185). */
function ageBucket(since: string | undefined, now: number): number {
  const age = since ? now - Date.parse(since) : 0
  return age > 0 ? Math.floor(Math.log2(age)) : -1
}

function restartsOf(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount))
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * The `count` pods to delete, first one first: unassigned before assigned, pending before unknown before running, not
 * ready before ready, cheaper by annotation, on a node with more pods of `related`, ready for a shorter time, more
 * restarts, younger (pkg/controller ActivePodsWithRanks). What is still equal is decided by uid.
 * @param now ms since epoch
 */
export function podsToDelete(
  pods: readonly Pod[],
  count: number,
  related: readonly Pod[],
  now: number,
): Pod[] {
  if (count <= 0) return []
  if (count >= pods.length) return [...pods]
  const onNode = new Map<string, number>()
  for (const { spec } of related) {
    if (spec.nodeName) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1)
  }
  return pods
    .map((pod) => ({
      pod,
      preference: preferenceOf(pod, onNode.get(pod.spec.nodeName ?? '') ?? 0, now),
    }))
    .sort((a, b) => compare(a.preference, b.preference) || byUid(a.pod, b.pod))
    .slice(0, count)
    .map(({ pod }) => pod)
}

function byUid(a: Pod, b: Pod): number {
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1
}
