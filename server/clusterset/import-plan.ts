// What an import consists of in this cluster: itself, the Service that gives it an address, and the EndpointSlices. Pure.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import type { ServiceImport } from '../../shared/kubernetes/multicluster.ts'
import {
  MULTICLUSTER_GROUP,
  MULTICLUSTER_SERVICE_LABEL,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import type { Merged } from './merge.ts'

export interface Named {
  namespace: string
  name: string
}

const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'clusterset.podium.dev'
/** On an import: the Service that gives it its address, as mcs-api's own controller has it. */
const DERIVED_SERVICE_ANNOTATION = 'multicluster.kubernetes.io/derived-service'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10)

/** The name of the Service behind an import: the import's own name may be that of an ordinary Service. */
export function derivedName({ namespace, name }: Named): string {
  return `derived-${hash(`${namespace}/${name}`)}`
}

/** The import as it is to be, but for its status; `held` gives its identity, `ip` is its address once there is one. */
export function importOf(
  at: Named,
  merged: Merged,
  held: ServiceImport | undefined,
  ip: string | undefined,
): ServiceImport {
  const hasAddress = merged.spec.type === 'ClusterSetIP'
  return {
    apiVersion: `${MULTICLUSTER_GROUP}/v1alpha1`,
    kind: 'ServiceImport',
    metadata: {
      ...held?.metadata,
      ...at,
      labels: merged.labels,
      annotations: {
        ...merged.annotations,
        ...(hasAddress && { [DERIVED_SERVICE_ANNOTATION]: derivedName(at) }),
      },
    },
    spec: { ...merged.spec, ...(hasAddress && ip && { ips: [ip] }) },
  }
}

/** What makes something go with its import. */
function ownedBy({ metadata }: ServiceImport): OwnerReference {
  const { name = '', uid = '' } = metadata
  return { apiVersion: `${MULTICLUSTER_GROUP}/v1alpha1`, kind: 'ServiceImport', name, uid }
}

/** The Service that gives an import its address, which the service proxies carry out like any other. */
export function derivedServiceOf(owner: ServiceImport, held: Service | undefined): Service {
  const { namespace = '', name = '' } = owner.metadata
  const { type: _type, ips: _ips, ports, ...rest } = owner.spec
  const { sessionAffinityConfig: _old, ...kept } = held?.spec ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...held?.metadata,
      namespace,
      name: derivedName({ namespace, name }),
      labels: { [MULTICLUSTER_SERVICE_LABEL]: name },
      ownerReferences: [ownedBy(owner)],
    },
    // What the API has added stays.
    spec: {
      ...kept,
      type: 'ClusterIP',
      ...rest,
      ports: ports.map((port) => ({ ...port, targetPort: port.port })),
    },
  }
}

/** Slices of one cluster that stand for a service of the set; those of the own cluster are what others take over. */
export interface Source {
  cluster: string
  /** Of the own cluster: those of the Service. Of others: what they have made of theirs. */
  slices: readonly EndpointSlice[]
  isOwn: boolean
}

/** The slices an import is to have. */
export function importedSlices(owner: ServiceImport, sources: readonly Source[]): EndpointSlice[] {
  return sources.flatMap((source) => source.slices.map((slice) => copyOf(slice, owner, source)))
}

function copyOf(slice: EndpointSlice, owner: ServiceImport, source: Source): EndpointSlice {
  const { namespace = '', name = '' } = owner.metadata
  const { cluster, isOwn } = source
  const own = slice.metadata.name ?? ''
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      name: isOwn ? `${name}-${cluster}-${hash(own)}` : own,
      labels: {
        [MULTICLUSTER_SERVICE_LABEL]: name,
        [SOURCE_CLUSTER_LABEL]: cluster,
        [MANAGED_BY_LABEL]: MANAGER,
        ...(owner.spec.type === 'ClusterSetIP' && {
          [SERVICE_NAME_LABEL]: derivedName({ namespace, name }),
        }),
      },
      ownerReferences: [ownedBy(owner)],
    },
    addressType: slice.addressType,
    // Nodes and pods of another cluster cannot be looked up in this one.
    endpoints: isOwn
      ? slice.endpoints
      : slice.endpoints.map(({ addresses, conditions, hostname }) => ({
          addresses,
          ...(conditions && { conditions }),
          ...(hostname && { hostname }),
        })),
    ...(slice.ports && { ports: slice.ports }),
  }
}

export interface SliceActions {
  create: EndpointSlice[]
  update: EndpointSlice[]
  remove: EndpointSlice[]
}

/** What makes the slices `wanted` of those that are held. */
export function planSlices(
  wanted: readonly EndpointSlice[],
  held: readonly EndpointSlice[],
): SliceActions {
  const byName = new Map(held.map((slice) => [slice.metadata.name, slice]))
  const names = new Set(wanted.map(({ metadata }) => metadata.name))
  const actions: SliceActions = { create: [], update: [], remove: [] }
  for (const slice of wanted) {
    const old = byName.get(slice.metadata.name)
    if (!old) actions.create.push(slice)
    else if (!sameJson(contentOf(old), contentOf(slice))) {
      actions.update.push({ ...slice, metadata: { ...old.metadata, ...slice.metadata } })
    }
  }
  actions.remove = held.filter(({ metadata }) => !names.has(metadata.name))
  return actions
}

const contentOf = ({ metadata, endpoints, ports, addressType }: EndpointSlice): unknown => ({
  labels: metadata.labels,
  owner: metadata.ownerReferences?.map(({ uid }) => uid),
  endpoints,
  ports,
  addressType,
})

/** Whether what is held is what is wanted, but for its status. */
export function holds(
  held: KubeObject & { spec?: unknown },
  wanted: KubeObject & { spec?: unknown },
): boolean {
  return sameJson(partsOf(held), partsOf(wanted))
}

const partsOf = ({ metadata, spec }: KubeObject & { spec?: unknown }): unknown => [
  spec,
  metadata.labels ?? {},
  metadata.annotations ?? {},
  metadata.ownerReferences ?? [],
]

/** True when both are the same JSON: members that are undefined make no difference, nor does the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): unknown =>
    value === undefined ? undefined : JSON.parse(JSON.stringify(value))
  return isDeepStrictEqual(plain(a), plain(b))
}
