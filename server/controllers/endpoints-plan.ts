// Which pods stand behind a service, as Endpoints (all in one object) and as EndpointSlices (in parts).
import { isBeingDeleted, keyOf } from '../../shared/kubernetes/meta.ts'
import type {
  EndpointAddress,
  Endpoints,
  EndpointSlice,
  EndpointSubset,
  Service,
  ServicePort,
  SliceEndpoint,
} from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady, isPodTerminal } from '../../shared/kubernetes/pod.ts'
import { sameJson } from './objects.ts'

/** Endpoints in one slice, as Kubernetes has it by default. */
export const SLICE_SIZE = 100
/** Addresses in one Endpoints object; more are left out and the object says so. */
const ENDPOINTS_SIZE = 1000
const OVER_CAPACITY_ANNOTATION = 'endpoints.kubernetes.io/over-capacity'
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by'
export const SLICE_MANAGER = 'endpointslice-controller.k8s.io'
export const ENDPOINTS_MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by'
export const ENDPOINTS_MANAGER = 'endpoint-controller'
const HEADLESS_LABEL = 'service.kubernetes.io/headless'

type Port = NonNullable<EndpointSubset['ports']>[number]

/** The port of this pod behind a service's port; undefined when the pod has none of that name. */
function targetPort(
  pod: Pod,
  { targetPort, port, protocol = 'TCP' }: ServicePort,
): number | undefined {
  if (typeof targetPort !== 'string') return targetPort || port
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? [])
  return ports.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)
    ?.containerPort
}

function portsOf(service: Service, pod: Pod): Port[] {
  return (service.spec.ports ?? []).flatMap((port): Port[] => {
    const number = targetPort(pod, port)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, port: number, protocol, ...(appProtocol && { appProtocol }) }]
  })
}

const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'

/** The pod's own name in the service's domain, when it asks for one there. */
function hostnameOf(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec
  const here = subdomain === service.metadata.name
  return hostname && here && pod.metadata.namespace === service.metadata.namespace
    ? hostname
    : undefined
}

/** Everything of a pod that endpoints are made of: when two texts are equal, nothing has to be written. */
export function endpointTraits(pod: Pod): string {
  const { metadata, spec, status } = pod
  return [
    status?.podIP,
    isPodReady(pod),
    isBeingDeleted(pod),
    isPodTerminal(pod),
    spec.nodeName,
    JSON.stringify(metadata.labels),
  ].join(' ')
}

/** Pods grouped by the ports they offer: pods of one service may number their named ports differently. */
function byPorts(service: Service, pods: readonly Pod[]): { ports: Port[]; pods: Pod[] }[] {
  const [first] = pods
  const numbered = service.spec.ports?.every(({ targetPort }) => typeof targetPort !== 'string')
  if (first && numbered) {
    const ports = portsOf(service, first)
    return ports.length > 0 || isHeadless(service) ? [{ ports, pods: [...pods] }] : []
  }
  const groups = new Map<string, { ports: Port[]; pods: Pod[] }>()
  for (const pod of pods) {
    const ports = portsOf(service, pod)
    if (ports.length === 0 && !(isHeadless(service) && !service.spec.ports?.length)) continue
    const text = JSON.stringify(ports)
    const group = groups.get(text)
    if (group) group.pods.push(pod)
    else groups.set(text, { ports, pods: [pod] })
  }
  return [...groups.values()]
}

const ipOf = (pod: Pod): string => pod.status?.podIP ?? ''

function targetOf({ metadata }: Pod): NonNullable<SliceEndpoint['targetRef']> {
  const { namespace = '', name = '', uid = '' } = metadata
  return { kind: 'Pod', namespace, name, uid }
}

function labelsFor(service: Service, own: Record<string, string>): Record<string, string> {
  return {
    ...service.metadata.labels,
    ...own,
    ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }),
  }
}

// Endpoints

/** The Endpoints a service should have: ready pods as addresses, others as notReadyAddresses, leaving ones not at all. */
export function planEndpoints(service: Service, pods: readonly Pod[]): Endpoints {
  const anyhow = service.spec.publishNotReadyAddresses ?? false
  const present = pods
    .filter((pod) => ipOf(pod) && !isPodTerminal(pod) && (anyhow || !isBeingDeleted(pod)))
    .toSorted(byIp)
  const listed = fittingIn(present, anyhow)
  const subsets = byPorts(service, listed).map(({ ports, pods }): EndpointSubset => {
    const ready = pods.filter((pod) => anyhow || isPodReady(pod))
    const notReady = pods.filter((pod) => !anyhow && !isPodReady(pod))
    return {
      ...(ready.length > 0 && { addresses: ready.map((pod) => addressOf(pod, service)) }),
      ...(notReady.length > 0 && {
        notReadyAddresses: notReady.map((pod) => addressOf(pod, service)),
      }),
      ...(ports.length > 0 && {
        ports: ports.map(({ name, ...port }) => ({ ...(name && { name }), ...port })),
      }),
    }
  })
  const { name = '', namespace = '' } = service.metadata
  const truncated = present.length > listed.length
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels: labelsFor(service, { [ENDPOINTS_MANAGED_BY_LABEL]: ENDPOINTS_MANAGER }),
      ...(truncated && { annotations: { [OVER_CAPACITY_ANNOTATION]: 'truncated' } }),
    },
    ...(subsets.length > 0 && { subsets }),
  }
}

/** Ready pods first when not all can be listed. */
function fittingIn(pods: Pod[], anyhow: boolean): Pod[] {
  if (pods.length <= ENDPOINTS_SIZE) return pods
  const rank = (pod: Pod): number => (anyhow || isPodReady(pod) ? 0 : 1)
  return pods
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, ENDPOINTS_SIZE)
    .toSorted(byIp)
}

function byIp(a: Pod, b: Pod): number {
  const [left, right] = [ipOf(a), ipOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return keyOf(a) < keyOf(b) ? -1 : 1
}

function addressOf(pod: Pod, service: Service): EndpointAddress {
  const hostname = hostnameOf(pod, service)
  return {
    ip: ipOf(pod),
    ...(hostname && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: targetOf(pod),
  }
}

/** What has to be written: nothing when the Endpoints are as they should be. */
export function sameEndpoints(held: Endpoints, wanted: Endpoints): boolean {
  const truncated = (object: Endpoints): string | undefined =>
    object.metadata.annotations?.[OVER_CAPACITY_ANNOTATION]
  return (
    sameJson(held.subsets ?? [], wanted.subsets ?? []) &&
    sameJson(held.metadata.labels, wanted.metadata.labels) &&
    truncated(held) === truncated(wanted)
  )
}

// EndpointSlices

export interface SlicePlan {
  create: EndpointSlice[]
  update: EndpointSlice[]
  remove: EndpointSlice[]
}

function sliceEndpoint(pod: Pod, service: Service): SliceEndpoint {
  const hostname = hostnameOf(pod, service)
  const serving = isPodReady(pod)
  const terminating = isBeingDeleted(pod)
  const anyhow = service.spec.publishNotReadyAddresses ?? false
  return {
    addresses: [ipOf(pod)],
    conditions: { ready: anyhow || (serving && !terminating), serving, terminating },
    ...(hostname && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: targetOf(pod),
  }
}

const byAddress = (a: SliceEndpoint, b: SliceEndpoint): number =>
  (a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1

/** Member by member, which is much faster for thousands than a comparison of any JSON. */
function sameEndpoint(a: SliceEndpoint, b: SliceEndpoint | undefined): boolean {
  return (
    a.targetRef?.uid === b?.targetRef?.uid &&
    a.addresses[0] === b?.addresses[0] &&
    a.addresses.length === 1 &&
    a.conditions?.ready === b?.conditions?.ready &&
    a.conditions?.serving === b?.conditions?.serving &&
    a.conditions?.terminating === b?.conditions?.terminating &&
    a.nodeName === b?.nodeName &&
    a.hostname === b?.hostname
  )
}

const podUid = (endpoint: SliceEndpoint): string => endpoint.targetRef?.uid ?? ''

/**
 * What to write so that the slices hold every pod with an address until it is gone, leaving pods included. Endpoints stay
 * in the slice they are in, new ones fill what room there is, so that few slices change.
 * @param held slices of this service that this controller made
 */
export function planSlices(
  service: Service,
  pods: readonly Pod[],
  held: readonly EndpointSlice[],
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] }
  const present = pods.filter((pod) => ipOf(pod) && !isPodTerminal(pod))
  const left = new Set(held)
  for (const group of byPorts(service, present)) {
    const same = held.filter((slice) => left.has(slice) && sameJson(slice.ports ?? [], group.ports))
    for (const slice of same) left.delete(slice)
    planGroup(service, group, same, plan)
  }
  // A service never is without a slice: an empty one says that there is nobody.
  const [spare] = left
  if (plan.create.length === 0 && left.size === held.length && present.length === 0) {
    if (!spare) plan.create.push(makeSlice(service, [], []))
    else {
      left.delete(spare)
      keep(service, spare, [], plan)
    }
  }
  plan.remove.push(...left)
  return plan
}

function planGroup(
  service: Service,
  { ports, pods }: { ports: Port[]; pods: Pod[] },
  held: readonly EndpointSlice[],
  plan: SlicePlan,
): void {
  const wanted = new Map(pods.map((pod) => [pod.metadata.uid ?? '', sliceEndpoint(pod, service)]))
  const filled = held.map((slice) => {
    const endpoints: SliceEndpoint[] = []
    for (const endpoint of slice.endpoints) {
      const now = wanted.get(podUid(endpoint))
      if (now && wanted.delete(podUid(endpoint))) endpoints.push(now)
    }
    return { slice, endpoints }
  })
  const added = [...wanted.values()].sort(byAddress)
  for (const { endpoints } of filled.toSorted((a, b) => b.endpoints.length - a.endpoints.length)) {
    endpoints.push(...added.splice(0, SLICE_SIZE - endpoints.length))
  }
  for (const { slice, endpoints } of filled) {
    if (endpoints.length === 0) plan.remove.push(slice)
    else keep(service, slice, endpoints, plan)
  }
  while (added.length > 0) {
    plan.create.push(makeSlice(service, ports, added.splice(0, SLICE_SIZE)))
  }
}

/** Has the slice written if its endpoints or labels are not what they should be. */
function keep(
  service: Service,
  slice: EndpointSlice,
  endpoints: SliceEndpoint[],
  plan: SlicePlan,
): void {
  const labels = sliceLabels(service)
  const same =
    slice.endpoints.length === endpoints.length &&
    slice.endpoints.every((endpoint, index) => sameEndpoint(endpoint, endpoints[index]))
  if (same && sameJson(slice.metadata.labels, labels)) return
  plan.update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints })
}

function sliceLabels(service: Service): Record<string, string> {
  return labelsFor(service, {
    [SERVICE_NAME_LABEL]: service.metadata.name ?? '',
    [MANAGED_BY_LABEL]: SLICE_MANAGER,
  })
}

function makeSlice(service: Service, ports: Port[], endpoints: SliceEndpoint[]): EndpointSlice {
  const { name = '', namespace = '', uid = '' } = service.metadata
  const owner = { apiVersion: 'v1', kind: 'Service', name, uid, controller: true }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: sliceLabels(service),
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    ports,
    endpoints,
  }
}
