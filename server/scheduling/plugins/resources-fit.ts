import type { Plugin } from '../plugin.ts'
import type { NodeInfo, PodInfo } from '../snapshot.ts'

/** True when the node surely can hold the pod: the quick answer for nearly every node and pod. */
function surelyFits(
  { requests }: PodInfo,
  { allocatable, used, pods, podLimit }: NodeInfo,
): boolean {
  if (pods.size >= podLimit || requests.others.size > 0 || requests.ephemeralStorage > 0)
    return false
  return (
    (requests.cpu === 0 || requests.cpu <= allocatable.cpu - used.cpu) &&
    (requests.memory === 0 || requests.memory <= allocatable.memory - used.memory)
  )
}

/** Why the node cannot hold the pod as well; empty when it can. */
function missing({ requests }: PodInfo, node: NodeInfo): string[] {
  const { allocatable, used } = node
  const reasons: string[] = []
  if (node.pods.size + 1 > node.podLimit) reasons.push('Too many pods')
  const lacks = (name: string, wanted: number, has: number, taken: number): void => {
    if (wanted > 0 && wanted > has - taken) reasons.push(`Insufficient ${name}`)
  }
  lacks('cpu', requests.cpu, allocatable.cpu, used.cpu)
  lacks('memory', requests.memory, allocatable.memory, used.memory)
  const { ephemeralStorage } = requests
  lacks('ephemeral-storage', ephemeralStorage, allocatable.ephemeralStorage, used.ephemeralStorage)
  for (const [name, wanted] of requests.others) {
    lacks(name, wanted, allocatable.others.get(name) ?? 0, used.others.get(name) ?? 0)
  }
  return reasons
}

/** The node has what the pod requests; of those that have, the emptier ones are better (LeastAllocated). */
export const resourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter: (pod) => (node) => {
    if (surelyFits(pod, node)) return undefined
    const reasons = missing(pod, node)
    return reasons.length > 0 ? reasons : undefined
  },
  score: ({ weight }) => ({
    score: ({ allocatable, weight: used }) =>
      (free(weight.cpu + used.cpu, allocatable.cpu) +
        free(weight.memory + used.memory, allocatable.memory)) /
      2,
    scale: 'as-is',
  }),
}

/** The free part of a resource in percent. */
function free(used: number, capacity: number): number {
  return capacity === 0 || used > capacity ? 0 : ((capacity - used) * 100) / capacity
}
