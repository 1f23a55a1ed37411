// Which pod of a node that runs short of memory goes first. Pure.
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { wholeUnits } from '../../shared/quantity.ts'

export interface PodMemory {
  pod: Pod
  /** Bytes by container name. */
  used: ReadonlyMap<string, number>
}

/** Of this priority and above, pods are part of the system and stay (kubelet types.IsCriticalPod). */
const SYSTEM_CRITICAL = 2_000_000_000

const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0

export function memoryRequest(pod: Pod): number {
  return pod.spec.containers.reduce(
    (sum, { resources }) => sum + wholeUnits(resources?.requests?.['memory']),
    0,
  )
}

export function memoryUsed({ used }: PodMemory): number {
  let sum = 0
  for (const bytes of used.values()) sum += bytes
  return sum
}

/** 0: asked for nothing. 1: uses more than it asked for. 2: uses no more than that. */
function rank(memory: PodMemory): 0 | 1 | 2 {
  if (memory.pod.status?.qosClass === 'BestEffort') return 0
  return memoryUsed(memory) > memoryRequest(memory.pod) ? 1 : 2
}

/**
 * Pods in the order in which they are evicted: BestEffort first, then who uses more than it asked for, then the rest;
 * within these by priority, then by how much they use beyond their request (kubelet eviction/helpers.go
 * rankMemoryPressure, which compares priorities of all who exceed their request, BestEffort or not). Guaranteed pods,
 * whose limits hold them, and the system's own are never in it.
 */
export function evictionOrder(pods: readonly PodMemory[]): PodMemory[] {
  const excess = (memory: PodMemory): number => memoryUsed(memory) - memoryRequest(memory.pod)
  return pods
    .filter(({ pod }) => pod.status?.qosClass !== 'Guaranteed')
    .filter(({ pod }) => priorityOf(pod) < SYSTEM_CRITICAL)
    .toSorted(
      (a, b) => rank(a) - rank(b) || priorityOf(a.pod) - priorityOf(b.pod) || excess(b) - excess(a),
    )
}

/** A quantity of memory as the kubelet writes it: whole kibibytes, or mebibytes when they are whole. */
function text(bytes: number): string {
  const kibibytes = Math.max(0, Math.floor(bytes / 1024))
  if (kibibytes === 0) return '0'
  return kibibytes % 1024 === 0 ? `${kibibytes / 1024}Mi` : `${kibibytes}Ki`
}

/** Why a pod is evicted (kubelet eviction/helpers.go evictionMessage). Amounts in bytes. */
export function evictionMessage(
  { pod, used }: PodMemory,
  { threshold, available }: { threshold: number; available: number },
): string {
  const parts = [
    'The node was low on resource: memory. ',
    `Threshold quantity: ${text(threshold)}, available: ${text(available)}. `,
  ]
  for (const { name, resources } of pod.spec.containers) {
    const request = wholeUnits(resources?.requests?.['memory'])
    const bytes = used.get(name) ?? 0
    if (bytes <= request) continue
    parts.push(
      `Container ${name} was using ${text(bytes)}, request is ${text(request)}, has larger consumption of memory. `,
    )
  }
  return parts.join('')
}
