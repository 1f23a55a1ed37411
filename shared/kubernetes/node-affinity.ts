// Which nodes a pod asks for: nodeSelector and node affinity. The scheduler asks, and who makes a pod for each node.
import type { Node } from './cluster.ts'
import type { Pod } from './pod.ts'

interface NodeRequirement {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'
  values?: string[]
}

interface NodeTerm {
  matchExpressions?: NodeRequirement[]
  matchFields?: NodeRequirement[]
}

interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeTerm[] }
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; preference: NodeTerm }[]
}

/** spec.affinity.nodeAffinity, if the pod has one. */
export function nodeAffinityOf(pod: Pick<Pod, 'spec'>): NodeAffinity | undefined {
  return pod.spec.affinity?.['nodeAffinity'] as NodeAffinity | undefined
}

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
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeTerm,
  node: Node,
): boolean {
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
export function nodeTest(pod: Pick<Pod, 'spec'>): ((node: Node) => boolean) | undefined {
  const wanted = Object.entries(pod.spec.nodeSelector ?? {})
  const required = nodeAffinityOf(pod)?.requiredDuringSchedulingIgnoredDuringExecution
  if (wanted.length === 0 && !required) return undefined
  return (node) =>
    wanted.every(([key, value]) => node.metadata.labels?.[key] === value) &&
    (!required || (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node)))
}
