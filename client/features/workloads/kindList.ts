// The kinds a cluster has, as its discovery tells them, in the order people look for them. Pure.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'

/** Part of apidiscovery.k8s.io/v2 APIGroupDiscoveryList. */
export interface DiscoveryList {
  items: {
    metadata: { name?: string }
    versions: { version: string; resources?: DiscoveredResource[] }[]
  }[]
}

interface DiscoveredResource {
  resource: string
  responseKind?: { group: string; version: string; kind: string }
  scope: 'Namespaced' | 'Cluster'
  singularResource?: string
  shortNames?: string[]
  verbs: string[]
}

/** A kind that can be listed. */
export interface ListedKind {
  kind: Kind
  verbs: readonly string[]
}

export interface KindSection {
  name: string
  kinds: readonly ListedKind[]
}

/** Groups that name the objects of other groups a second time, as they did in Kubernetes' early years. */
const SECOND_NAMES = new Set(['extensions', 'events.k8s.io'])

/**
 * All kinds that can be listed, each in the version its group prefers: the first that has it. Kubernetes orders
 * versions by preference (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery).
 */
export function kindsOf(lists: readonly DiscoveryList[]): ListedKind[] {
  const found = new Map<string, ListedKind>()
  for (const { metadata, versions } of lists.flatMap((list) => list.items)) {
    const group = metadata.name ?? ''
    if (SECOND_NAMES.has(group)) continue
    for (const { version, resources = [] } of versions) {
      for (const resource of resources) {
        const id = `${resource.resource}.${group}`
        if (resource.verbs.includes('list') && !found.has(id)) {
          found.set(id, { kind: kindOf(group, version, resource), verbs: resource.verbs })
        }
      }
    }
  }
  return [...found.values()]
}

function kindOf(group: string, version: string, resource: DiscoveredResource): Kind {
  return {
    group,
    version,
    kind: resource.responseKind?.kind ?? resource.resource,
    plural: resource.resource,
    singular: resource.singularResource ?? '',
    shortNames: resource.shortNames ?? [],
    namespaced: resource.scope === 'Namespaced',
  }
}

/** What people look for together, in that order. What is in none of them comes last. */
const SECTIONS: readonly [name: string, kinds: readonly string[]][] = [
  [
    'Workloads',
    'Pod Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Job CronJob HorizontalPodAutoscaler PodDisruptionBudget'.split(
      ' ',
    ),
  ],
  [
    'Network',
    ['Service', 'Ingress', 'IngressClass', 'NetworkPolicy', 'EndpointSlice', 'Endpoints'],
  ],
  [
    'Configuration',
    ['ConfigMap', 'Secret', 'ServiceAccount', 'ResourceQuota', 'LimitRange', 'PriorityClass'],
  ],
  ['Storage', ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass']],
  ['Cluster', ['Node', 'Namespace', 'Event', 'Lease', 'CustomResourceDefinition', 'APIService']],
]

/** The kinds in sections, none of which is empty. */
export function sectionsOf(kinds: readonly ListedKind[]): KindSection[] {
  const rest = new Set(kinds)
  const sections = SECTIONS.map(([name, names]) => {
    const those = names.flatMap((each) => kinds.filter(({ kind }) => kind.kind === each))
    // A kind of somebody's own may bear a name of Kubernetes': it stays with its group.
    const builtIn = those.filter(({ kind }) => isBuiltIn(kind))
    for (const each of builtIn) rest.delete(each)
    return { name, kinds: builtIn }
  })
  const groups = new Set([...rest].map(({ kind }) => kind.group))
  const others = [...groups].map((group) => ({
    name: group || 'Others',
    kinds: [...rest].filter(({ kind }) => kind.group === group),
  }))
  return [...sections, ...others].filter((section) => section.kinds.length > 0)
}

function isBuiltIn({ group }: Kind): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io')
}
