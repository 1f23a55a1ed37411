import { nodeTest } from '../../../shared/kubernetes/node-affinity.ts'
import type { Pod, TopologySpreadConstraint } from '../../../shared/kubernetes/pod.ts'
import { matcherOf } from '../../../shared/selectors.ts'
import type { Plugin, Verdict } from '../plugin.ts'
import type { NodeInfo, PodGroup, PodInfo, Snapshot } from '../snapshot.ts'

const SKEWED = ["node(s) didn't match pod topology spread constraints"]
const NO_LABEL = ["node(s) didn't match pod topology spread constraints (missing required label)"]
const HOSTNAME = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'

/** One constraint and how many of the pods it is about are in each topology value. */
interface Spread {
  topologyKey: string
  maxSkew: number
  /** Whether the pod itself is one of those it is spread among. */
  self: number
  counts: ReadonlyMap<string, number>
}

const valueOf = (node: NodeInfo | undefined, key: string): string | undefined =>
  key === HOSTNAME ? node?.name : node?.node?.metadata.labels?.[key]

/** Adds up the groups' pods by the value their nodes have for `key`. */
function countByValue(
  groups: Iterable<PodGroup>,
  key: string,
  snapshot: Snapshot,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { onNode } of groups) {
    for (const [name, count] of onNode) {
      const value = valueOf(snapshot.node(name), key)
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + count)
    }
  }
  return counts
}

function spreadOf(
  { maxSkew, topologyKey, labelSelector }: TopologySpreadConstraint,
  { pod }: PodInfo,
  snapshot: Snapshot,
): Spread {
  const matches = matcherOf(labelSelector)
  const { namespace, labels } = pod.metadata
  const groups = [...snapshot.groups.values()].filter(
    (group) => group.namespace === namespace && matches(group.labels),
  )
  const counts = countByValue(groups, topologyKey, snapshot)
  return { topologyKey, maxSkew, self: matches(labels) ? 1 : 0, counts }
}

/**
 * A pod that says nothing is spread among the pods that are alike, which are those of its controller: over nodes, and
 * over zones where nodes have them (systemDefaultConstraints).
 */
function defaultSpreads(
  { group: text, pod }: PodInfo,
  snapshot: Snapshot,
  nodes: readonly NodeInfo[],
): Spread[] {
  const group = snapshot.groups.get(text)
  if (!group || !pod.metadata.labels) return []
  const overNodes = { topologyKey: HOSTNAME, maxSkew: 3, self: 1, counts: group.onNode }
  if (!nodes.some((node) => valueOf(node, ZONE) !== undefined)) return [overNodes]
  const counts = countByValue([group], ZONE, snapshot)
  return [overNodes, { topologyKey: ZONE, maxSkew: 5, self: 1, counts }]
}

const hardOnes = (pod: Pod): TopologySpreadConstraint[] =>
  (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  )

/** The fewest pods in any value that the pod could go to. */
function smallest(spread: Spread, eligible: readonly NodeInfo[]): number {
  let low = Infinity
  for (const node of eligible) {
    const value = valueOf(node, spread.topologyKey)
    if (value !== undefined) low = Math.min(low, spread.counts.get(value) ?? 0)
  }
  return low === Infinity ? 0 : low
}

/** Pods are kept evenly over nodes, zones or whatever a label of nodes says. */
export const topologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  filter: (info, snapshot) => {
    const constraints = hardOnes(info.pod)
    if (constraints.length === 0) return undefined
    const test = nodeTest(info.pod)
    const hasAll = ({ node }: NodeInfo): boolean =>
      constraints.every(({ topologyKey }) => node?.metadata.labels?.[topologyKey] !== undefined)
    const eligible = snapshot.nodes.filter(
      (node) => hasAll(node) && (!test || (node.node && test(node.node))),
    )
    const spreads = constraints.map((constraint) => {
      const spread = spreadOf(constraint, info, snapshot)
      return { ...spread, low: smallest(spread, eligible) }
    })
    return (node): Verdict => {
      if (!hasAll(node)) return NO_LABEL
      const fits = spreads.every(({ topologyKey, maxSkew, self, counts, low }) => {
        const here = counts.get(valueOf(node, topologyKey) ?? '') ?? 0
        return here + self - low <= maxSkew
      })
      return fits ? undefined : SKEWED
    }
  },
  score: (info, snapshot, nodes) => {
    const soft = info.pod.spec.topologySpreadConstraints
    const spreads = soft
      ? soft
          .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
          .map((constraint) => spreadOf(constraint, info, snapshot))
      : defaultSpreads(info, snapshot, nodes)
    const weighted = spreads
      .map((spread) => ({ ...spread, weight: domainWeight(spread, nodes) }))
      .filter(({ weight }) => weight > 0)
    if (weighted.length === 0) return undefined
    return { score: (node) => crowding(node, weighted), scale: 'spread' }
  },
  dependsOnOthers: ({ pod }) => hardOnes(pod).length > 0,
}

/** A constraint counts the more, the more values there are to spread over; 0 when no node has the label. */
function domainWeight({ topologyKey }: Spread, nodes: readonly NodeInfo[]): number {
  if (topologyKey === HOSTNAME) return Math.log(nodes.length + 2)
  const values = new Set<string>()
  for (const node of nodes) {
    const value = valueOf(node, topologyKey)
    if (value !== undefined) values.add(value)
  }
  return values.size === 0 ? 0 : Math.log(values.size + 2)
}

function crowding(node: NodeInfo, spreads: readonly (Spread & { weight: number })[]): number {
  let sum = 0
  for (const { topologyKey, maxSkew, counts, weight } of spreads) {
    const value = valueOf(node, topologyKey)
    if (value !== undefined) sum += (counts.get(value) ?? 0) * weight + (maxSkew - 1)
  }
  return sum
}
