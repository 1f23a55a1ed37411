// Whether a pod puts up with a taint of a node: the scheduler asks, and whoever evicts.
import type { Taint } from './cluster.ts'
import type { Toleration } from './pod.ts'

/** Whether the toleration covers the taint (core/v1 Toleration.ToleratesTaint). */
export function covers(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '')
}

export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return tolerations?.some((toleration) => covers(toleration, taint)) ?? false
}
