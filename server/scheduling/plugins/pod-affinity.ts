import type { AffinityTerm } from '../affinity-terms.ts'
import { preferredTerms, requiredAffinity, requiredAntiAffinity } from '../affinity-terms.ts'
import type { Plugin, Verdict } from '../plugin.ts'
import type { NodeInfo, PodGroup, PodInfo, Snapshot } from '../snapshot.ts'

const NOT_NEAR = ["node(s) didn't match pod affinity rules"]
const TOO_NEAR = ["node(s) didn't match pod anti-affinity rules"]
const UNWELCOME = ["node(s) didn't satisfy existing pods anti-affinity rules"]

const valueOf = (node: NodeInfo | undefined, key: string): string | undefined =>
  node?.node?.metadata.labels?.[key]

/** Values of the topology label where pods of these groups are, and how many. */
function valuesWith(
  groups: Iterable<PodGroup>,
  key: string,
  snapshot: Snapshot,
): Map<string, number> {
  const values = new Map<string, number>()
  for (const { onNode } of groups) {
    for (const [name, count] of onNode) {
      const value = valueOf(snapshot.node(name), key)
      if (value !== undefined) values.set(value, (values.get(value) ?? 0) + count)
    }
  }
  return values
}

function groupsOf(snapshot: Snapshot, terms: readonly AffinityTerm[]): PodGroup[] {
  return [...snapshot.groups.values()].filter(({ namespace, labels }) =>
    terms.every((term) => term.matches(namespace, labels)),
  )
}

type Test = (node: NodeInfo) => boolean

/** Near pods that match all terms; the first of a kind that wants to be near itself may go anywhere. */
function nearTest({ pod }: PodInfo, snapshot: Snapshot): Test | undefined {
  const terms = requiredAffinity(pod)
  if (terms.length === 0) return undefined
  const groups = groupsOf(snapshot, terms)
  const { namespace = '', labels = {} } = pod.metadata
  const places = terms.map(({ topologyKey }) => ({
    topologyKey,
    values: valuesWith(groups, topologyKey, snapshot),
  }))
  const isFirst =
    places.every(({ values }) => values.size === 0) &&
    terms.every((term) => term.matches(namespace, labels))
  return (node) =>
    places.every(({ topologyKey, values }) => {
      const value = valueOf(node, topologyKey)
      return value !== undefined && (isFirst || values.has(value))
    })
}

/** Not near pods that match any of the terms. */
function farTest({ pod }: PodInfo, snapshot: Snapshot): Test | undefined {
  const terms = requiredAntiAffinity(pod)
  if (terms.length === 0) return undefined
  const places = terms.map((term) => ({
    topologyKey: term.topologyKey,
    values: valuesWith(groupsOf(snapshot, [term]), term.topologyKey, snapshot),
  }))
  return avoid(places)
}

/** Not near pods that do not want this one near. */
function welcomeTest({ pod }: PodInfo, snapshot: Snapshot): Test | undefined {
  const { namespace = '', labels = {} } = pod.metadata
  const places: Place[] = []
  for (const group of snapshot.repelling) {
    for (const term of group.antiAffinity) {
      if (!term.matches(namespace, labels)) continue
      const { topologyKey } = term
      places.push({ topologyKey, values: valuesWith([group], topologyKey, snapshot) })
    }
  }
  return places.length > 0 ? avoid(places) : undefined
}

interface Place {
  topologyKey: string
  values: ReadonlyMap<string, number>
}

function avoid(places: readonly Place[]): Test {
  return (node) =>
    places.every(({ topologyKey, values }) => !values.has(valueOf(node, topologyKey) ?? ''))
}

/** Pods may want to be near others, or far from them. */
export const podAffinity: Plugin = {
  name: 'InterPodAffinity',
  weight: 2,
  filter: (info, snapshot) => {
    if (!info.pod.spec.affinity && snapshot.repelling.size === 0) return undefined
    const near = nearTest(info, snapshot)
    const far = farTest(info, snapshot)
    const welcome = welcomeTest(info, snapshot)
    if (!near && !far && !welcome) return undefined
    return (node): Verdict => {
      if (near && !near(node)) return NOT_NEAR
      if (far && !far(node)) return TOO_NEAR
      return welcome && !welcome(node) ? UNWELCOME : undefined
    }
  },
  score: ({ pod }, snapshot) => {
    const preferred = pod.spec.affinity ? preferredTerms(pod) : []
    if (preferred.length === 0) return undefined
    const places = preferred.map(({ weight, term }) => ({
      weight,
      topologyKey: term.topologyKey,
      values: valuesWith(groupsOf(snapshot, [term]), term.topologyKey, snapshot),
    }))
    const score = (node: NodeInfo): number =>
      places.reduce(
        (sum, { weight, topologyKey, values }) =>
          sum + weight * (values.get(valueOf(node, topologyKey) ?? '') ?? 0),
        0,
      )
    return { score, scale: 'to-range' }
  },
  dependsOnOthers: ({ pod }, snapshot) =>
    pod.spec.affinity !== undefined || snapshot.repelling.size > 0,
}
