// What the service proxies carry out: one route for each port of each service. Pure.
// The rules are kube-proxy's (pkg/proxy/serviceport.go, pkg/proxy/topology.go).
import type {
  EndpointSlice,
  Service,
  ServicePort,
  SliceEndpoint,
} from '../../shared/kubernetes/network.ts'
import { SERVICE_PROXY_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'

export interface Target {
  ip: string
  port: number
}

/** Connections to any of `addresses` at `port`, or to a node at `nodePort`, go to one of `targets`. */
export interface Route {
  /** `namespace/service:port-name`; the protocol follows when it is not TCP. */
  key: string
  /** `namespace/name` */
  service: string
  protocol: 'TCP' | 'UDP'
  addresses: readonly string[]
  port: number
  nodePort?: number
  /** A client's connections go to the same target while they are no further apart than this. */
  affinitySeconds?: number
  /** In order of address. Empty: connections are refused. */
  targets: readonly Target[]
}

export interface ServiceRoutes {
  routes: Route[]
  /** What the service asks for that Podium does not do: for Warning events. */
  unsupported: string[]
}

/** pkg/apis/core/v1/defaults.go: DefaultClientIPServiceAffinitySeconds */
const DEFAULT_AFFINITY_SECONDS = 10_800

/** The routes of one service; none for headless services, ExternalName, and those of another proxy. `slices` are those of this service. */
export function routesOf(service: Service, slices: readonly EndpointSlice[]): ServiceRoutes {
  const { spec } = service
  const foreign = service.metadata.labels?.[SERVICE_PROXY_NAME_LABEL] !== undefined
  const headless = !spec.clusterIP || spec.clusterIP === 'None'
  if (foreign || headless || spec.type === 'ExternalName') return { routes: [], unsupported: [] }
  const addresses = addressesOf(service)
  const routes: Route[] = []
  for (const port of spec.ports ?? []) {
    const protocol = port.protocol ?? 'TCP'
    if (protocol !== 'SCTP') routes.push(routeOf(service, { ...port, protocol }, addresses, slices))
  }
  return { routes, unsupported: unsupportedBy(service) }
}

function routeOf(
  service: Service,
  port: ServicePort & { protocol: 'TCP' | 'UDP' },
  addresses: readonly string[],
  slices: readonly EndpointSlice[],
): Route {
  const { spec } = service
  const suffix = port.protocol === 'TCP' ? '' : '/UDP'
  return {
    key: `${keyOf(service)}:${port.name ?? port.port}${suffix}`,
    service: keyOf(service),
    protocol: port.protocol,
    addresses,
    port: port.port,
    ...(port.nodePort && { nodePort: port.nodePort }),
    ...(spec.sessionAffinity === 'ClientIP' && {
      affinitySeconds:
        spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS,
    }),
    targets: targetsOf(service, port, slices),
  }
}

const isLoopback = (address: string): boolean => address.startsWith('127.')

function addressesOf({ spec }: Service): string[] {
  const all = [spec.clusterIP!, ...(spec.clusterIPs ?? []), ...(spec.externalIPs ?? [])]
  return [...new Set(all)].filter(isLoopback)
}

/**
 * Ready endpoints; when there is none, those that still serve while they terminate (KEP-1669), so that the last pods of a
 * service can finish what reaches them.
 */
function targetsOf(
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
): Target[] {
  const ready = new Map<string, Target>()
  const terminating = new Map<string, Target>()
  for (const slice of slices) {
    const number = slice.addressType === 'IPv4' ? portIn(slice, port) : undefined
    if (number === undefined) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses[0]
      if (!ip) continue
      const target = { ip, port: number }
      if (isReady(service, endpoint)) ready.set(`${ip}:${number}`, target)
      else if (servesLastly(endpoint)) terminating.set(`${ip}:${number}`, target)
    }
  }
  const chosen = ready.size > 0 ? ready : terminating
  return [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}

function portIn(slice: EndpointSlice, { name = '', protocol = 'TCP' }: ServicePort) {
  return slice.ports?.find(
    (port) => (port.name ?? '') === name && (port.protocol ?? 'TCP') === protocol,
  )?.port
}

// Absent means ready (discovery/v1 EndpointConditions).
function isReady({ spec }: Service, { conditions }: SliceEndpoint): boolean {
  return spec.publishNotReadyAddresses === true || conditions?.ready !== false
}

function servesLastly({ conditions }: SliceEndpoint): boolean {
  return conditions?.serving === true && conditions.terminating === true
}

function unsupportedBy({ spec }: Service): string[] {
  const found: string[] = []
  if (spec.ports?.some((port) => port.protocol === 'SCTP')) {
    found.push('SCTP ports are not implemented by Podium; they are not proxied')
  }
  for (const policy of ['internalTrafficPolicy', 'externalTrafficPolicy'] as const) {
    if (spec[policy] === 'Local') {
      found.push(`${policy} Local is not implemented by Podium; traffic goes to all endpoints`)
    }
  }
  const foreign = (spec.externalIPs ?? []).filter((address) => !isLoopback(address))
  if (foreign.length > 0) {
    found.push(`externalIPs ${foreign.join(', ')} are not loopback addresses; they are not proxied`)
  }
  return found
}

/** What turns one set of routes into another. */
export interface RouteChanges {
  set: Route[]
  /** Keys. */
  remove: string[]
}

/** The difference between a service's routes before and now. */
export function changesBetween(before: readonly Route[], now: readonly Route[]): RouteChanges {
  const old = new Map(before.map((route) => [route.key, JSON.stringify(route)]))
  const kept = new Set(now.map((route) => route.key))
  return {
    set: now.filter((route) => old.get(route.key) !== JSON.stringify(route)),
    remove: [...old.keys()].filter((key) => !kept.has(key)),
  }
}
