// What names mean that a set of clusters shares: Kubernetes' DNS-Based Multicluster Service Discovery, version 1.0.0
// (KEP-1645). Pure: the world is handed in.
import type { ServiceImport } from '../../../shared/kubernetes/multicluster.ts'
import { SOURCE_CLUSTER_LABEL } from '../../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice } from '../../../shared/kubernetes/network.ts'
import type { Place, Reply } from './records.ts'
import { dashed, found, NO_SUCH_NAME, NOTHING, portOf, TTL, withAnswers } from './records.ts'

/** Keys are `namespace/name`. */
export interface ClustersetView {
  hasNamespace(name: string): boolean
  serviceImport(key: string): ServiceImport | undefined
  /** The slices of an import, of all clusters. */
  importedSlices(key: string): readonly EndpointSlice[]
}

export const CLUSTERSET_ZONE = 'clusterset.local'
const SCHEMA_VERSION = '1.0.0'

/** What is known of a name in the zone of the set; `asked` is in small letters, without the last dot. */
export function replyInClusterset(view: ClustersetView, asked: string, type: string): Reply {
  if (asked === CLUSTERSET_ZONE) return NOTHING
  const labels = asked.slice(0, -CLUSTERSET_ZONE.length - 1).split('.')
  const kind = labels.pop()
  if (kind === 'dns-version' && labels.length === 0) {
    return type === 'TXT'
      ? withAnswers([{ name: asked, type, ttl: TTL, data: SCHEMA_VERSION }])
      : NOTHING
  }
  return kind === 'svc' ? underSvc(view, asked, labels, type) : NO_SUCH_NAME
}

function underSvc(view: ClustersetView, name: string, labels: string[], type: string): Reply {
  const [namespace, serviceName, first, second, ...more] = labels.toReversed()
  if (namespace === undefined) return NOTHING
  if (serviceName === undefined) return view.hasNamespace(namespace) ? NOTHING : NO_SUCH_NAME
  const key = `${namespace}/${serviceName}`
  const imported = view.serviceImport(key)
  if (!imported || more.length > 0) return NO_SUCH_NAME
  const fullName = `${serviceName}.${namespace}.svc.${CLUSTERSET_ZONE}`
  const places = placesOf(imported, view.importedSlices(key), fullName)
  if (first === undefined) return found(places, name, type, true)
  // One cluster's endpoints together have no name: `<cluster>.<service>…` is kept free.
  if (second === undefined) return NO_SUCH_NAME
  const ports = places.filter(
    ({ portName, protocol }) => `_${portName}` === second && `_${protocol}` === first,
  )
  if (ports.length > 0) return found(ports, name, type, false)
  return found(
    places.filter(({ host }) => host === `${second}.${first}`),
    name,
    type,
    true,
  )
}

function placesOf(
  { spec }: ServiceImport,
  slices: readonly EndpointSlice[],
  fullName: string,
): Place[] {
  const [address] = spec.ips ?? []
  if (spec.type === 'ClusterSetIP') {
    const at = { target: fullName, host: undefined }
    return address ? spec.ports.map((port) => ({ ...at, address, ...portOf(port) })) : []
  }
  return slices.flatMap((slice) => {
    const cluster = slice.metadata.labels?.[SOURCE_CLUSTER_LABEL] ?? ''
    const ready = slice.endpoints.filter(({ conditions }) => conditions?.ready !== false)
    // A service without ports has endpoints all the same.
    const ports = slice.ports?.length ? slice.ports : [{ port: 0 }]
    return ready.flatMap(({ addresses, hostname }) =>
      addresses.flatMap((own) => {
        const host = `${hostname ?? dashed(own)}.${cluster}`
        const at = { target: `${host}.${fullName}`, host, address: own }
        return ports.map((port) => ({ ...at, ...portOf(port) }))
      }),
    )
  })
}
