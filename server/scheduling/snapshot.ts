// The cluster as the scheduler sees it: nodes and what is used of them, kept up to date one event at a time. Pods that
// are being bound count from the moment their node is chosen.
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { isBeingDeleted, keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { AffinityTerm } from './affinity-terms.ts'
import { requiredAntiAffinity } from './affinity-terms.ts'
import type { Resources } from './resources.ts'
import { allocatableOf, minus, nonZeroRequests, NOTHING, plus, podRequests } from './resources.ts'

/** A pod with everything the plugins ask about it, read once. */
export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly uid: string
  readonly requests: Resources
  /** What it counts as when nodes are compared. */
  readonly weight: { cpu: number; memory: number }
  /** `TCP/8080`: ports it takes on its node. */
  readonly hostPorts: readonly string[]
  /** Pods with the same text are alike: same namespace, labels and anti-affinity. */
  readonly group: string
}

/** Pods that are alike, and where they are. Terminating pods no longer count. */
export interface PodGroup {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  /** What none of them wants near. */
  readonly antiAffinity: readonly AffinityTerm[]
  /** Node name to how many are there. */
  readonly onNode: Map<string, number>
}

export interface NodeInfo {
  readonly name: string
  /** Absent while pods stand on a node that does not exist. */
  node: Node | undefined
  allocatable: Resources
  podLimit: number
  used: Resources
  weight: { cpu: number; memory: number }
  readonly hostPorts: Map<string, number>
  readonly pods: Map<string, PodInfo>
}

/** Reads what the plugins ask about a pod. */
export function podInfoOf(pod: Pod): PodInfo {
  return {
    pod,
    key: keyOf(pod),
    uid: pod.metadata.uid ?? keyOf(pod),
    requests: podRequests(pod),
    weight: nonZeroRequests(pod),
    hostPorts: hostPortsOf(pod),
    group: groupOf(pod),
  }
}

function hostPortsOf({ spec }: Pod): string[] {
  const ports = spec.containers.flatMap((container) => container.ports ?? [])
  return ports
    .filter(({ hostPort }) => hostPort)
    .map(({ hostPort, protocol }) => `${protocol ?? 'TCP'}/${hostPort}`)
}

function groupOf({ metadata, spec }: Pod): string {
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`)
  const anti = spec.affinity?.['podAntiAffinity']
  const text = `${metadata.namespace} ${labels.sort().join(' ')}`
  return anti ? `${text} ${JSON.stringify(anti)}` : text
}

/** See above. All operations cost the same however many nodes and pods there are, but for the removal of a node. */
export class Snapshot {
  /** Nodes that exist, in order of arrival. */
  readonly nodes: NodeInfo[] = []
  readonly groups = new Map<string, PodGroup>()
  /** Groups with required anti-affinity, which every other pod has to respect. */
  readonly repelling = new Set<PodGroup>()
  /** Moves whenever something may fit that did not fit before. */
  openings = 0
  readonly #byName = new Map<string, NodeInfo>()
  readonly #placed = new Map<string, { info: PodInfo; node: NodeInfo; counted: boolean }>()

  node(name: string): NodeInfo | undefined {
    const info = this.#byName.get(name)
    return info?.node && info
  }

  /** Where a pod stands or is being bound to, and as what it counts there. */
  placed(uid: string): { readonly info: PodInfo; readonly node: NodeInfo } | undefined {
    return this.#placed.get(uid)
  }

  setNode(node: Node): void {
    const info = this.#infoFor(node.metadata.name ?? '')
    if (!info.node) this.nodes.push(info)
    const { resources, pods } = allocatableOf(node)
    info.node = node
    info.allocatable = resources
    info.podLimit = pods
    this.openings += 1
  }

  removeNode(name: string): void {
    const info = this.#byName.get(name)
    if (!info?.node) return
    info.node = undefined
    this.nodes.splice(this.nodes.indexOf(info), 1)
    this.openings += 1
    if (info.pods.size === 0) this.#byName.delete(name)
  }

  /** Puts a pod on a node, from wherever it was before. */
  place(info: PodInfo, nodeName: string): void {
    const before = this.#placed.get(info.uid)
    if (before) this.#take(before.info, before.node, before.counted)
    const node = this.#infoFor(nodeName)
    const counted = !isBeingDeleted(info.pod)
    this.#placed.set(info.uid, { info, node, counted })
    node.pods.set(info.uid, info)
    node.used = plus(node.used, info.requests)
    node.weight = {
      cpu: node.weight.cpu + info.weight.cpu,
      memory: node.weight.memory + info.weight.memory,
    }
    for (const port of info.hostPorts) node.hostPorts.set(port, (node.hostPorts.get(port) ?? 0) + 1)
    if (counted) this.#count(info, nodeName)
  }

  /** Takes a pod off its node; answers the node's name. */
  remove(uid: string): string | undefined {
    const placed = this.#placed.get(uid)
    if (!placed) return undefined
    this.#placed.delete(uid)
    this.#take(placed.info, placed.node, placed.counted)
    this.openings += 1
    if (!placed.node.node && placed.node.pods.size === 0) this.#byName.delete(placed.node.name)
    return placed.node.name
  }

  #infoFor(name: string): NodeInfo {
    let info = this.#byName.get(name)
    if (!info) {
      info = {
        name,
        node: undefined,
        allocatable: NOTHING,
        podLimit: 0,
        used: NOTHING,
        weight: { cpu: 0, memory: 0 },
        hostPorts: new Map(),
        pods: new Map(),
      }
      this.#byName.set(name, info)
    }
    return info
  }

  #take(info: PodInfo, node: NodeInfo, counted: boolean): void {
    node.pods.delete(info.uid)
    node.used = minus(node.used, info.requests)
    node.weight = {
      cpu: node.weight.cpu - info.weight.cpu,
      memory: node.weight.memory - info.weight.memory,
    }
    for (const port of info.hostPorts) decrease(node.hostPorts, port)
    if (counted) this.#uncount(info, node.name)
  }

  #count({ pod, group: text }: PodInfo, nodeName: string): void {
    let group = this.groups.get(text)
    if (!group) {
      group = {
        namespace: pod.metadata.namespace ?? '',
        labels: pod.metadata.labels ?? {},
        antiAffinity: requiredAntiAffinity(pod),
        onNode: new Map(),
      }
      this.groups.set(text, group)
      if (group.antiAffinity.length > 0) this.repelling.add(group)
    }
    group.onNode.set(nodeName, (group.onNode.get(nodeName) ?? 0) + 1)
  }

  #uncount({ group: text }: PodInfo, nodeName: string): void {
    const group = this.groups.get(text)
    if (!group) return
    decrease(group.onNode, nodeName)
    if (group.onNode.size > 0) return
    this.groups.delete(text)
    this.repelling.delete(group)
  }
}

function decrease(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
