// What goes where, as a graph: who sends, through which Ingress, to which Service, to which pods; rates as measured. Pure.
import type { Ingress, IngressClass } from '../../../shared/kubernetes/ingress.ts'
import {
  defaultIngressClass,
  INGRESS_CLASS_ANNOTATION,
} from '../../../shared/kubernetes/ingress.ts'
import type { EndpointSlice, Service } from '../../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../../shared/kubernetes/network.ts'
import type { LoadView, PodView, ServiceView } from '../../../shared/stage.ts'
import type { BotRates, TrafficReport } from '../../../shared/traffic.ts'

export interface SourceNode {
  id: string
  title: string
  detail: string
  /** Requests per second; null while it is not measured. */
  rate: number | null
  /** The Ingress class, or the Service, that it sends to. */
  to: { ingress: string } | { service: string }
}

export interface IngressNode {
  className: string
  /** `Built-in`, `HAProxy`. */
  controller: string
  hosts: readonly string[]
  address: string | null
  rate: number | null
}

/** From an Ingress to a Service: all paths that lead there, and what passes. */
export interface RouteEdge {
  id: string
  className: string
  service: string
  paths: readonly string[]
  rate: number | null
  failed: number | null
}

export interface ServiceNode {
  key: string
  name: string
  address: string | null
  rate: number | null
  /** Why nothing can be served; null when there are endpoints. */
  problem: string | null
  pods: readonly PodView[]
  /** Requests per second by pod name, as whoever sends counts the answers. */
  byPod: Readonly<Record<string, number>>
}

export interface TrafficModel {
  sources: readonly SourceNode[]
  ingresses: readonly IngressNode[]
  routes: readonly RouteEdge[]
  services: readonly ServiceNode[]
}

export interface TrafficInput {
  ingresses: readonly Ingress[]
  classes: readonly IngressClass[]
  services: readonly Service[]
  slices: readonly EndpointSlice[]
  pods: readonly PodView[]
  report: TrafficReport | null
  /** The demo's own load and Service. */
  load: LoadView | null
  demo: ServiceView | null
}

const CONTROLLERS: Readonly<Record<string, string>> = {
  'podium.dev/ingress': 'Built-in',
  'podium.dev/haproxy': 'HAProxy',
}

/** What people call the controller of a class. */
export function controllerName(ingressClass: IngressClass | undefined): string {
  const controller = ingressClass?.spec?.controller ?? ''
  return CONTROLLERS[controller] ?? controller
}

const plus = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : a + b

/** The graph. Ingresses come first; the demo's own Service comes last. */
export function trafficModel(input: TrafficInput): TrafficModel {
  const routes = routesOf(input)
  const ingresses = ingressNodes(input, routes)
  const keys = [...new Set(routes.map(({ service }) => service))]
  const services = keys.map((key) => serviceNode(input, key, routes))
  const demo = input.demo && demoService(input, input.demo)
  return {
    sources: [...botSources(input), ...(demo ? [demoSource(input, demo)] : [])],
    ingresses,
    routes,
    services: demo && !keys.includes(demo.key) ? [...services, demo] : services,
  }
}

function classOf({ metadata, spec }: Ingress, classes: readonly IngressClass[]): string {
  const named = spec.ingressClassName ?? metadata.annotations?.[INGRESS_CLASS_ANNOTATION]
  return named ?? defaultIngressClass(classes)?.metadata.name ?? ''
}

/** Where an Ingress leads: by host and path, and by default. */
function leadsOf({ metadata, spec }: Ingress): { path: string; service: string; port: string }[] {
  const { namespace = '' } = metadata
  const rules = (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? [])
  const fallback = spec.defaultBackend ? [{ path: 'else', backend: spec.defaultBackend }] : []
  return [...rules, ...fallback].flatMap(({ path = '/', backend }) => {
    const { service } = backend
    if (!service) return []
    const port = String(service.port?.name ?? service.port?.number ?? '')
    return [{ path, service: `${namespace}/${service.name}`, port }]
  })
}

function routesOf({ ingresses, classes, report }: TrafficInput): RouteEdge[] {
  const edges = new Map<string, RouteEdge>()
  for (const ingress of ingresses) {
    const className = classOf(ingress, classes)
    const planes = report?.ingress.filter((plane) => plane.className === className) ?? []
    for (const { path, service, port } of leadsOf(ingress)) {
      const backend = `${service}:${port}`
      const id = `${className} ${backend}`
      const held = edges.get(id)
      if (held) {
        const paths = held.paths.includes(path) ? held.paths : [...held.paths, path]
        edges.set(id, { ...held, paths })
        continue
      }
      const rates = planes.flatMap(({ backends }) => backends[backend] ?? [])
      const rate = rates.reduce<number | null>((sum, each) => plus(sum, each.perSecond), null)
      const failed = rates.reduce<number | null>(
        (sum, each) => plus(sum, each.failedPerSecond),
        null,
      )
      // What a data plane has not counted yet, nothing has asked for.
      const asked = rates.length === 0 && planes.some(({ problem }) => !problem) ? 0 : rate
      edges.set(id, { id, className, service, paths: [path], rate: asked, failed })
    }
  }
  return [...edges.values()]
}

function ingressNodes({ ingresses, classes }: TrafficInput, routes: readonly RouteEdge[]) {
  const names = [...new Set(ingresses.map((ingress) => classOf(ingress, classes)))]
  return names.map((className): IngressNode => {
    const own = ingresses.filter((ingress) => classOf(ingress, classes) === className)
    const hosts = own.flatMap(({ spec }) => (spec.rules ?? []).map(({ host }) => host ?? '*'))
    const addresses = own.map(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip)
    const edges = routes.filter((route) => route.className === className)
    return {
      className,
      controller: controllerName(classes.find(({ metadata }) => metadata.name === className)),
      hosts: [...new Set(hosts)],
      address: addresses.find((address) => address !== undefined) ?? null,
      rate: edges.reduce<number | null>((sum, { rate }) => plus(sum, rate), null),
    }
  })
}

function serviceNode(
  { services, slices, pods, report }: TrafficInput,
  key: string,
  routes: readonly RouteEdge[],
): ServiceNode {
  const [namespace = '', name = ''] = key.split('/')
  const service = services.find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  )
  const ready = readyPods(slices, namespace, name)
  const own = pods.filter((pod) => ready.has(pod.key))
  const byPod: Record<string, number> = {}
  for (const bot of report?.bots ?? []) {
    for (const { name: pod } of own) {
      const rate = bot.byServer[pod]
      if (rate !== undefined) byPod[pod] = (byPod[pod] ?? 0) + rate
    }
  }
  return {
    key,
    name,
    address: service ? addressOf(service) : null,
    rate: routes
      .filter((route) => route.service === key)
      .reduce<number | null>((sum, { rate }) => plus(sum, rate), null),
    problem: service ? (own.length === 0 ? 'no endpoint is ready' : null) : 'does not exist',
    pods: own,
    byPod,
  }
}

function readyPods(
  slices: readonly EndpointSlice[],
  namespace: string,
  name: string,
): ReadonlySet<string> {
  const own = slices.filter(
    ({ metadata }) =>
      metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME_LABEL] === name,
  )
  const ready = own.flatMap(({ endpoints }) =>
    endpoints.filter(({ conditions }) => conditions?.ready !== false),
  )
  return new Set(ready.map(({ targetRef }) => `${namespace}/${targetRef?.name ?? ''}`))
}

function addressOf({ spec }: Service): string {
  return `${spec.clusterIP ?? ''}:${spec.ports?.[0]?.port ?? ''}`
}

/** Loadbots by what they ask for, as far as it is an Ingress here. */
function botSources({ report, ingresses, classes }: TrafficInput): SourceNode[] {
  const groups = new Map<string, BotRates[]>()
  for (const bot of report?.bots ?? []) {
    const id = `${bot.target?.address ?? ''} ${bot.target?.path ?? ''}`
    groups.set(id, [...(groups.get(id) ?? []), bot])
  }
  return [...groups].flatMap(([id, bots]): SourceNode[] => {
    const target = bots[0]?.target
    const ingress = ingresses.find(
      ({ status }) => status?.loadBalancer?.ingress?.[0]?.ip === target?.address,
    )
    if (!target || !ingress) return []
    const rate = bots.reduce<number | null>((sum, { perSecond }) => plus(sum, perSecond), null)
    const count = bots.length === 1 ? 'Loadbot' : `${bots.length} loadbots`
    const to = { ingress: classOf(ingress, classes) }
    return [{ id, title: `${count} for ${target.path}`, detail: bots[0]?.ip ?? '', rate, to }]
  })
}

function demoService({ pods, load }: TrafficInput, demo: ServiceView): ServiceNode {
  const own = pods.filter(({ role, state }) => role === 'server' && state === 'ready')
  const rate = load?.live ? load.rate : null
  return {
    key: demo.key,
    name: demo.name,
    address: demo.address,
    rate,
    problem: demo.endpoints === 0 ? 'no endpoint is ready' : null,
    pods: own,
    byPod: load?.live ? load.byServer : {},
  }
}

function demoSource({ pods }: TrafficInput, demo: ServiceNode): SourceNode {
  const bots = pods.filter(({ role, state }) => role === 'loadbot' && state === 'ready')
  const title = bots.length === 1 ? '1 loadbot' : `${bots.length} loadbots`
  return {
    id: 'demo',
    title,
    detail: bots[0]?.ip ?? '',
    rate: demo.rate,
    to: { service: demo.key },
  }
}
