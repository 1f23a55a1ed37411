import type { Node } from '../../../shared/kubernetes/cluster.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { NodeRequirement, NodeTerm } from '../affinity-terms.ts'
import { nodeAffinityOf } from '../affinity-terms.ts'
import type { Plugin } from '../plugin.ts'

const REASON = ["node(s) didn't match Pod's node affinity/selector"]

function meets({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number.parseInt(value ?? '', 10) > Number(values[0])
    case 'Lt':
      return Number.parseInt(value ?? '', 10) < Number(values[0])
  }
}

/** All of a term; an empty term matches nothing (component-helpers nodeaffinity). */
function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const { labels = {}, name } = node.metadata
  return (
    matchExpressions.every((requirement) => meets(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) =>
      meets(requirement, requirement.key === 'metadata.name' ? name : undefined),
    )
  )
}

/** The test of nodeSelector and required node affinity; undefined when the pod asks for neither. */
export function nodeTest(pod: Pod): ((node: Node) => boolean) | undefined {
  const wanted = Object.entries(pod.spec.nodeSelector ?? {})
  const required = nodeAffinityOf(pod)?.requiredDuringSchedulingIgnoredDuringExecution
  if (wanted.length === 0 && !required) return undefined
  return (node) =>
    wanted.every(([key, value]) => node.metadata.labels?.[key] === value) &&
    (!required || (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node)))
}

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
