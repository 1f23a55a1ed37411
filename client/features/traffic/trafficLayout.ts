// Where the parts of the traffic stand, in u, and the strands between them. Widths follow the logarithm of the rates, so
// that a thousand and a million requests a second are both to be seen; the numbers beside them are exact. Pure.
import type { Strand } from '../../canvas/strands.ts'
import type { Placed, Places, RoutePlaced } from './placed.ts'
import { stacked } from './placed.ts'
import type {
  IngressNode,
  RouteEdge,
  ServiceNode,
  SourceNode,
  TrafficModel,
} from './trafficModel.ts'
import { trafficStrands } from './trafficStrands.ts'

export interface TrafficLayout extends Places {
  strands: readonly Strand[]
  /** Requests per second by strand's `pod`: what flies there. */
  rates: Readonly<Record<string, number>>
  /** Services that there is no room for. */
  hidden: number
  /** The others stand so close that a name has one line. */
  isLow: boolean
}

const MOST_SERVICES = 5
const LEAST = 8
const MOST = 118
const FIRST_X = 330
const PORT_FROM_RIGHT = 418
const TILES_FROM_PORT = 22
const INGRESS_SHARE = 0.31
const SERVICE_SHARE = 0.687
/** A Service has two lines over its gate where there is that much room for it. */
const LOW = 150
const TOP = 64
const BOTTOM = 36
/** Between the last Ingress and what flows under it. */
const UNDER_INGRESS = 30
/** Senders leave room for what is said of the controllers. */
const SENDERS_BOTTOM = 76

/** How wide so many requests a second are drawn. */
export function widthOf(rate: number | null): number {
  if (rate === null || rate <= 0) return LEAST
  return Math.min(MOST, LEAST + 18 * Math.log10(1 + rate))
}

/** The layout of `model` in `width` by `height` u. */
export function trafficLayout(
  model: TrafficModel,
  width: number,
  height: number,
  versions: readonly string[],
): TrafficLayout {
  const port = width - PORT_FROM_RIGHT
  const span = port - FIRST_X
  const x = {
    source: FIRST_X,
    ingress: FIRST_X + span * INGRESS_SHARE,
    service: FIRST_X + span * SERVICE_SHARE,
    port,
    pods: port + TILES_FROM_PORT,
  }
  const unrouted = model.sources.filter(({ to }) => 'service' in to)
  const direct = new Set(unrouted.flatMap(({ to }) => ('service' in to ? [to.service] : [])))
  const lane = Math.max(0, ...unrouted.map(({ rate }) => widthOf(rate)))
  // What no Ingress passes on flows under them all, so that it does not seem to come through one.
  const shown = model.services
    .slice(0, MOST_SERVICES)
    .toSorted((a, b) => Number(direct.has(a.key)) - Number(direct.has(b.key)))
  const services = spread(shown, TOP, height - BOTTOM, ({ rate }) => widthOf(rate))
  const keys = new Set(shown.map(({ key }) => key))
  const routed = model.routes.filter(({ service }) => keys.has(service))
  const ends = placeRoutes(routed, services, x)
  const ingresses = placeIngresses(
    model.ingresses,
    ends,
    routedUntil(services, routed, { direct, lane, height }),
  )
  const routes = withStarts(ends, ingresses, x)
  const sources = placeSources(model.sources, ingresses, services, height)
  const flowing = trafficStrands({ x, sources, ingresses, routes, services }, versions)
  return {
    x,
    sources,
    ingresses,
    routes,
    services,
    ...flowing,
    hidden: model.services.length - shown.length,
    isLow: (height - TOP - BOTTOM) / Math.max(1, shown.length) < LOW,
  }
}

/** From top to bottom, each in the middle of its share of the height. */
function spread<T>(
  nodes: readonly T[],
  top: number,
  bottom: number,
  heightOf: (node: T) => number,
): Placed<T>[] {
  const share = (bottom - top) / Math.max(1, nodes.length)
  return nodes.map((node, at) => ({
    node,
    y: top + share * (at + 0.5) + 18,
    height: Math.min(share * 0.6, heightOf(node)),
  }))
}

/** At the Service, routes of several Ingresses stand above one another. */
function placeRoutes(
  routes: readonly RouteEdge[],
  services: readonly Placed<ServiceNode>[],
  x: Places['x'],
): RoutePlaced[] {
  return services.flatMap(({ node, y, height }) => {
    const own = routes.filter(({ service }) => service === node.key)
    const part = height / Math.max(1, own.length)
    return own.map((route, at) => {
      const middle = y - height / 2 + part * (at + 0.5)
      return {
        node: route,
        y: middle,
        height: part,
        start: null,
        label: { x: x.service, y: middle },
      }
    })
  })
}

/** Below it are Services that are asked without an Ingress: what flows to these passes under the Ingresses. */
function routedUntil(
  services: readonly Placed<ServiceNode>[],
  routes: readonly RouteEdge[],
  { direct, lane, height }: { direct: ReadonlySet<string>; lane: number; height: number },
): number {
  const isRouted = ({ node }: Placed<ServiceNode>): boolean =>
    routes.some(({ service }) => service === node.key) && !direct.has(node.key)
  const last = services.findLastIndex(isRouted)
  const [end, next] = [services[last], services[last + 1]]
  if (!next) return height - BOTTOM
  const flow = Math.min(next.y, height - SENDERS_BOTTOM - lane / 2) - lane / 2 - UNDER_INGRESS
  return end ? Math.min((end.y + next.y) / 2, flow) : flow
}

function placeIngresses(
  nodes: readonly IngressNode[],
  routes: readonly RoutePlaced[],
  bottom: number,
): Placed<IngressNode>[] {
  const served = nodes.filter(({ address }) => address !== null)
  const share = (bottom - TOP) / Math.max(1, served.length)
  return served.map((node, at) => {
    const own = routes.filter(({ node: { className } }) => className === node.className)
    const sum = own.reduce((all, route) => all + route.height, 0)
    const middle = own.reduce((all, { y }) => all + y, 0) / Math.max(1, own.length)
    const tall = Math.min(share * 0.62, Math.max(48, sum))
    const lowest = bottom - tall / 2 - UNDER_INGRESS
    const y = served.length === 1 ? Math.min(middle, lowest) : TOP + share * (at + 0.5) + 18
    return { node, y, height: tall }
  })
}

function placeSources(
  nodes: readonly SourceNode[],
  ingresses: readonly Placed<IngressNode>[],
  services: readonly Placed<ServiceNode>[],
  height: number,
): Placed<SourceNode>[] {
  const targetY = ({ to }: SourceNode): number => {
    if ('service' in to) return services.find(({ node }) => node.key === to.service)?.y ?? height
    return ingresses.find(({ node }) => node.className === to.ingress)?.y ?? 0
  }
  const sorted = nodes.toSorted((a, b) => targetY(a) - targetY(b))
  const bottom = height - SENDERS_BOTTOM
  const placed = spread(sorted, TOP - 10, bottom, ({ rate }) => widthOf(rate))
  // Whoever asks the lowest Service directly stands beside it: the way there does not cross an Ingress.
  const lowest = placed.at(-1)
  if (!lowest || ingresses.length === 0 || !('service' in lowest.node.to)) return placed
  const y = Math.max(lowest.y, Math.min(targetY(lowest.node), bottom - lowest.height / 2))
  return [...placed.slice(0, -1), { ...lowest, y }]
}

/** Labels stand where the routes of an Ingress have parted; those of several stand in columns of their own. */
const LABEL_AT = 0.56
const FIRST_LABELS_AT = 0.8
/** Right of what stands over an Ingress. */
const LAST_LABELS_AT = 0.5

function labelShare(at: number, ingresses: number): number {
  if (ingresses < 2) return LABEL_AT
  return FIRST_LABELS_AT + ((LAST_LABELS_AT - FIRST_LABELS_AT) * at) / (ingresses - 1)
}

function withStarts(
  routes: readonly RoutePlaced[],
  ingresses: readonly Placed<IngressNode>[],
  x: Places['x'],
): RoutePlaced[] {
  const starts = new Map<RoutePlaced, { y: number; height: number }>()
  for (const ingress of ingresses) {
    const own = routes.filter(({ node }) => node.className === ingress.node.className)
    own.forEach((route, at) => starts.set(route, stacked(own, ingress)[at]!))
  }
  return routes.map((route) => {
    const start = starts.get(route)
    if (!start) return route
    const nth = ingresses.findIndex(({ node }) => node.className === route.node.className)
    const share = labelShare(nth, ingresses.length)
    const eased = 3 * share ** 2 - 2 * share ** 3
    const label = {
      x: x.ingress + (x.service - x.ingress) * share,
      y: start.y + (route.y - start.y) * eased,
    }
    return { ...route, start: { y: start.y, height: start.height }, label }
  })
}
