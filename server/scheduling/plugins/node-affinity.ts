import { matchesTerm, nodeAffinityOf, nodeTest } from '../../../shared/kubernetes/node-affinity.ts'
import type { Plugin } from '../plugin.ts'

const REASON = ["node(s) didn't match Pod's node affinity/selector"]

/** Pods may demand or prefer labels of nodes. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter: ({ pod }) => {
    const test = nodeTest(pod)
    return test && (({ node }) => (node && test(node) ? undefined : REASON))
  },
  score: ({ pod }) => {
    const preferred = nodeAffinityOf(pod)?.preferredDuringSchedulingIgnoredDuringExecution
    if (!preferred?.length) return undefined
    return {
      score: ({ node }) =>
        preferred
          .filter(({ preference }) => node && matchesTerm(preference, node))
          .reduce((sum, { weight }) => sum + weight, 0),
      scale: 'to-largest',
    }
  },
}
