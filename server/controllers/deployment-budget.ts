// How many pods a rolling update may add and miss, and how a scaling is shared among ReplicaSets.
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'

/** How many more pods than wanted there were allowed to be when a set was last scaled. */
export const MAX_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/max-replicas'
/** How many pods the Deployment wanted when a set was last scaled. */
export const DESIRED_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/desired-replicas'

/** `3`, `"3"` or `"25%"` of `total`, percentages rounded by `round`. Unreadable values count as 0. */
function resolve(
  value: number | string | undefined,
  total: number,
  round: (value: number) => number,
): number {
  if (typeof value === 'number') return value
  const match = /^(\d+)(%?)$/.exec(value ?? '')
  if (!match) return 0
  return match[2] ? round((Number(match[1]) * total) / 100) : Number(match[1])
}

export const wanted = (deployment: Deployment): number => deployment.spec.replicas ?? 1
export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1
export const sum = (sets: readonly ReplicaSet[], read: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + read(set), 0)
export const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0

export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
}

/**
 * Pods allowed above and missing below the wanted number. Surge is rounded up, unavailability down; when both come to
 * nothing one pod may be missing, or no update could ever move (ResolveFenceposts).
 */
export function rollingBudget(deployment: Deployment): {
  maxSurge: number
  maxUnavailable: number
} {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const replicas = wanted(deployment)
  const limits = deployment.spec.strategy?.rollingUpdate
  const maxSurge = resolve(limits?.maxSurge ?? '25%', replicas, Math.ceil)
  const missing = resolve(limits?.maxUnavailable ?? '25%', replicas, Math.floor)
  const maxUnavailable = maxSurge === 0 && missing === 0 ? 1 : missing
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) }
}

/** The size the newest set may have now, given all sets (NewRSNewReplicas). */
export function newSetSize(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  current: number,
): number {
  if (!isRollingUpdate(deployment)) return wanted(deployment)
  const room = wanted(deployment) + rollingBudget(deployment).maxSurge - sum(sets, sizeOf)
  if (room <= 0) return current
  return current + Math.min(room, wanted(deployment) - current)
}

/** The number an annotation of a set holds, if it holds one. */
export function numberAnnotation(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name]
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

/** Halves away from zero, as Go's integer rounding does here. */
function round(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}

/** By how much this set grows or shrinks when the whole changes size, in proportion to its share. */
function share(set: ReplicaSet, deployment: Deployment): number {
  if (wanted(deployment) === 0) return -sizeOf(set)
  const before =
    numberAnnotation(set, MAX_REPLICAS_ANNOTATION) || (deployment.status?.replicas ?? 0)
  if (before === 0) return 0
  const after = wanted(deployment) + rollingBudget(deployment).maxSurge
  return round((sizeOf(set) * after) / before) - sizeOf(set)
}

function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const left = a.metadata.creationTimestamp ?? ''
  const right = b.metadata.creationTimestamp ?? ''
  if (left !== right) return left < right ? -1 : 1
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
}

/** Oldest first, the same every time. */
export function oldestFirst(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.toSorted(byAge)
}

/**
 * The new size of each set when a Deployment is scaled in the middle of a rollout: everything is changed in proportion
 * so that the risk stays spread; the largest set takes what rounding leaves over (deployment scale(), proportional).
 */
export function proportionalSizes(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): Map<ReplicaSet, number> {
  const active = sets.filter((set) => sizeOf(set) > 0)
  const allowed =
    wanted(deployment) === 0 ? 0 : wanted(deployment) + rollingBudget(deployment).maxSurge
  const change = allowed - sum(active, sizeOf)
  const newerFirst = change > 0 ? -1 : 1
  const ordered = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || newerFirst * byAge(a, b))
  let done = 0
  const sizes = new Map<ReplicaSet, number>()
  for (const set of ordered) {
    const left = change - done
    const part =
      change > 0 ? Math.min(share(set, deployment), left) : Math.max(share(set, deployment), left)
    const step = left === 0 ? 0 : part
    sizes.set(set, sizeOf(set) + step)
    done += step
  }
  const [largest] = ordered
  if (largest) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + change - done))
  return sizes
}
