// fieldRef and resourceFieldRef: what a container may learn about its own pod (k8s.io/kubernetes/pkg/fieldpath).
import type { Container, Pod } from '../../shared/kubernetes/pod.ts'
import { parseQuantity } from '../../shared/quantity.ts'

/** The part of a node's capacity that stands in for a limit nobody set. */
export type NodeResources = Readonly<Record<string, string>>

/** Addresses that exist before the pod's status says so. */
export interface PodAddresses {
  podIP: string | undefined
  hostIP: string
}

const KEYED = /^metadata\.(labels|annotations)\['(.*)'\]$/

/**
 * The value of a field path such as `metadata.labels['app']` or `status.podIP`.
 * @throws Error for a path Kubernetes does not offer.
 */
export function fieldValue(pod: Pod, path: string, { podIP, hostIP }: PodAddresses): string {
  const { metadata, spec } = pod
  const keyed = KEYED.exec(path)
  if (keyed)
    return (keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2]!] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? ''
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.podIP':
    case 'status.podIPs':
      return podIP ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP
    default:
      throw new Error(`unsupported fieldPath: ${path}`)
  }
}

/** `key="value"` lines in order of key; values quoted as Go's %q does. */
function formatMap(map: Record<string, string> | undefined): string {
  const lines = Object.entries(map ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return lines.sort().join('\n')
}

/**
 * The value of `limits.cpu`, `requests.memory` … in units of `divisor`, rounded up. A limit that is not set is the node's.
 * @throws Error for a container or resource that does not exist.
 */
export function resourceValue(
  pod: Pod,
  ref: { containerName?: string; resource: string; divisor?: string },
  own: string | undefined,
  node: NodeResources,
): string {
  const name = ref.containerName || own
  const all: Container[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const container = all.find((entry) => entry.name === name)
  if (!container) throw new Error(`container ${name} not found`)
  const [part, resource = ''] = ref.resource.split(/\.(.*)/)
  if ((part !== 'limits' && part !== 'requests') || resource === '') {
    throw new Error(`unsupported container resource : ${ref.resource}`)
  }
  const set = container.resources?.[part]?.[resource]
  const value = parseQuantity(set ?? (part === 'limits' ? node[resource] : '0')) ?? 0
  const divisor = parseQuantity(ref.divisor) || 1
  return String(Math.ceil(value / divisor - 1e-9))
}
