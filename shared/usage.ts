// What the containers of a cluster use, as measured: what metrics are served from and what eviction goes by.

export interface ContainerUse {
  name: string
  /** Processors' worth of time per second over the window; null until it has been looked at twice. */
  cpuCores: number | null
  /** Seconds of processor time since its processes began. */
  cpuSeconds: number
  /** Bytes that nobody else shares: what a memory limit counts, and what metrics call the working set. */
  memoryBytes: number
  /** Resident bytes, shared program text included. */
  residentBytes: number
  processes: number
}

export interface PodUse {
  namespace: string
  name: string
  uid: string
  node: string
  /** When it was measured, ms since the epoch. */
  at: number
  /** The time that `cpuCores` speaks of, in milliseconds. */
  windowMs: number
  containers: readonly ContainerUse[]
}

/** The sum over the pods of a node. */
export interface NodeUse {
  node: string
  at: number
  windowMs: number
  cpuCores: number
  memoryBytes: number
}

/** The newest measurements; reading them costs no measurement. Nodes that run no processes are not in it. */
export interface MeasuredUse {
  pods(): readonly PodUse[]
  nodes(): readonly NodeUse[]
  /** Pods that nobody asks have none. */
  rates(): readonly PodRate[]
}

/** Requests a pod answers per second, as the loadbots count them. */
export interface PodRate {
  namespace: string
  name: string
  requestsPerSecond: number
  /** When it was counted, ms since the epoch. */
  at: number
}

/** What the containers of a pod use together. */
export function totalUse(pod: PodUse): { cpuCores: number; memoryBytes: number } {
  let cpuCores = 0
  let memoryBytes = 0
  for (const container of pod.containers) {
    cpuCores += container.cpuCores ?? 0
    memoryBytes += container.memoryBytes
  }
  return { cpuCores, memoryBytes }
}

/** The node of these pods as a whole. @param at when it was measured, ms since the epoch */
export function nodeUse(node: string, pods: readonly PodUse[], at: number): NodeUse {
  let windowMs = 0
  let cpuCores = 0
  let memoryBytes = 0
  for (const pod of pods) {
    const total = totalUse(pod)
    cpuCores += total.cpuCores
    memoryBytes += total.memoryBytes
    windowMs = Math.max(windowMs, pod.windowMs)
  }
  return { node, at, windowMs, cpuCores, memoryBytes }
}
