// From a pod and a snapshot to a node: filter, then score.
import type { Plugin, Verdict } from './plugin.ts'
import { normalize } from './plugin.ts'
import { balanced } from './plugins/balanced.ts'
import { hostPorts } from './plugins/host-ports.ts'
import { nodeAffinity } from './plugins/node-affinity.ts'
import { nodeName } from './plugins/node-name.ts'
import { podAffinity } from './plugins/pod-affinity.ts'
import { resourcesFit } from './plugins/resources-fit.ts'
import { taints } from './plugins/taints.ts'
import { topologySpread } from './plugins/topology-spread.ts'
import { unschedulable } from './plugins/unschedulable.ts'
import type { NodeInfo, PodInfo, Snapshot } from './snapshot.ts'

/** In the order in which they are asked; the first that says no is the one that is heard. */
export const PLUGINS: readonly Plugin[] = [
  unschedulable,
  nodeName,
  taints,
  nodeAffinity,
  hostPorts,
  resourcesFit,
  topologySpread,
  podAffinity,
  balanced,
]

/** Why one node was not chosen. */
export interface Rejection {
  node: string
  /** The plugin that said no. */
  plugin: string
  reasons: readonly string[]
}

type Check = (node: NodeInfo) => Verdict

interface NamedCheck {
  plugin: string
  check: Check
}

/** The checks that concern this pod, ready to be asked about node after node. */
export function checksFor(pod: PodInfo, snapshot: Snapshot): NamedCheck[] {
  const checks: NamedCheck[] = []
  for (const { name, filter } of PLUGINS) {
    const check = filter?.(pod, snapshot)
    if (check) checks.push({ plugin: name, check })
  }
  return checks
}

/** Whether a change on one node can let in the pod only on that node. */
export function dependsOnOthers(pod: PodInfo, snapshot: Snapshot): boolean {
  return PLUGINS.some((plugin) => plugin.dependsOnOthers?.(pod, snapshot) ?? false)
}

/** The first objection to the node, if there is one. */
export function rejectionOf(checks: readonly NamedCheck[], node: NodeInfo): Rejection | undefined {
  for (const { plugin, check } of checks) {
    const reasons = check(node)
    if (reasons) return { node: node.name, plugin, reasons }
  }
  return undefined
}

/**
 * How many nodes that fit are enough: all of up to a hundred, of more a twentieth but at least a hundred. These are the
 * bounds of Kubernetes (numFeasibleNodesToFind) with percentageOfNodesToScore set to its least, 5.
 */
export function enough(nodes: number): number {
  if (nodes <= 100) return nodes
  return Math.max(100, Math.floor(nodes / 20))
}

export type Selection = { node: string } | { rejections: Rejection[] }

/** Chooses nodes for pods, one pod after the other. */
export class Selector {
  readonly #random: () => number
  /** Where the search for the next pod begins, so that all nodes get their turn. */
  #cursor = 0
  #feasible: NodeInfo[] = []
  #scores = new Float64Array(128)
  #totals = new Float64Array(128)

  /** @param random answers 0 ≤ x < 1; decides between nodes that are equally good */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The best node for the pod, or what every node has against it. */
  select(pod: PodInfo, snapshot: Snapshot): Selection {
    const rejections = this.#filter(pod, snapshot)
    const [only] = this.#feasible
    if (!only) return { rejections }
    if (this.#feasible.length === 1) return { node: only.name }
    this.#score(pod, snapshot)
    return { node: this.#best().name }
  }

  #filter(pod: PodInfo, snapshot: Snapshot): Rejection[] {
    const { nodes } = snapshot
    const checks = checksFor(pod, snapshot)
    const wanted = enough(nodes.length)
    const rejections: Rejection[] = []
    this.#feasible.length = 0
    let asked = 0
    for (; asked < nodes.length && this.#feasible.length < wanted; asked += 1) {
      const node = nodes[(this.#cursor + asked) % nodes.length]!
      const rejection = rejectionOf(checks, node)
      if (rejection) rejections.push(rejection)
      else this.#feasible.push(node)
    }
    this.#cursor = nodes.length > 0 ? (this.#cursor + asked) % nodes.length : 0
    return rejections
  }

  #score(pod: PodInfo, snapshot: Snapshot): void {
    const count = this.#feasible.length
    if (this.#totals.length < count) {
      this.#totals = new Float64Array(count * 2)
      this.#scores = new Float64Array(count * 2)
    }
    this.#totals.fill(0, 0, count)
    for (const { score, weight = 1 } of PLUGINS) {
      const scorer = score?.(pod, snapshot, this.#feasible)
      if (!scorer) continue
      for (let index = 0; index < count; index += 1) {
        this.#scores[index] = scorer.score(this.#feasible[index]!)
      }
      normalize(this.#scores, count, scorer.scale)
      for (let index = 0; index < count; index += 1) {
        this.#totals[index]! += weight * Math.floor(this.#scores[index]!)
      }
    }
  }

  /** The node with the highest total; among equals each has the same chance. */
  #best(): NodeInfo {
    let best = 0
    let equals = 1
    for (let index = 1; index < this.#feasible.length; index += 1) {
      const difference = this.#totals[index]! - this.#totals[best]!
      if (difference > 0) {
        best = index
        equals = 1
      } else if (difference === 0) {
        equals += 1
        if (this.#random() * equals < 1) best = index
      }
    }
    return this.#feasible[best]!
  }
}

/** Pseudo-random numbers 0 ≤ x < 1 that come out the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
