// Where the parts of the traffic stand, in u, and the strands between them. Widths follow the logarithm of the rates, so
// that a thousand and a million requests a second are both to be seen; the numbers beside them are exact. Pure.
import { hashText, noise } from '../../canvas/hash.ts'
import type { Strand, StrandTone } from '../../canvas/strands.ts'
import { toneOf } from '../../canvas/tone.ts'
import type {
  IngressNode,
  RouteEdge,
  ServiceNode,
  SourceNode,
  TrafficModel,
} from './trafficModel.ts'

export interface Placed<T> {
  node: T
  /** Middle, and height of what flows. */
  y: number
  height: number
}

export interface RoutePlaced extends Placed<RouteEdge> {
  /** Where it leaves its Ingress, and how high it is there; null while that is not served. */
  start: { y: number; height: number } | null
  /** Where its label stands. */
  label: { x: number; y: number }
}

export interface TrafficLayout {
  x: { source: number; ingress: number; service: number; port: number; pods: number }
  sources: readonly Placed<SourceNode>[]
  ingresses: readonly Placed<IngressNode>[]
  routes: readonly RoutePlaced[]
  services: readonly Placed<ServiceNode>[]
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
const PORT_FROM_RIGHT = 396
const TILES_FROM_PORT = 22
const INGRESS_SHARE = 0.31
const SERVICE_SHARE = 0.687
/** A Service has two lines over its gate where there is that much room for it. */
const LOW = 150
const TOP = 64
const BOTTOM = 36
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
  const shown = model.services.slice(0, MOST_SERVICES)
  const services = spread(shown, TOP, height - BOTTOM, ({ rate }) => widthOf(rate))
  const keys = new Set(shown.map(({ key }) => key))
  const routed = model.routes.filter(({ service }) => keys.has(service))
  const ends = placeRoutes(routed, services, x)
  const ingresses = placeIngresses(model.ingresses, ends, height)
  const routes = withStarts(ends, ingresses, x)
  const sources = placeSources(model.sources, ingresses, services, height)
  const strands = strandsOf({ x, sources, ingresses, routes, services }, versions)
  return {
    x,
    sources,
    ingresses,
    routes,
    services,
    ...strands,
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
  x: TrafficLayout['x'],
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

function placeIngresses(
  nodes: readonly IngressNode[],
  routes: readonly RoutePlaced[],
  height: number,
): Placed<IngressNode>[] {
  const served = nodes.filter(({ address }) => address !== null)
  const share = (height - TOP - BOTTOM) / Math.max(1, served.length)
  return served.map((node, at) => {
    const own = routes.filter(({ node: { className } }) => className === node.className)
    const sum = own.reduce((all, route) => all + route.height, 0)
    const middle = own.reduce((all, { y }) => all + y, 0) / Math.max(1, own.length)
    const y = served.length === 1 ? middle : TOP + share * (at + 0.5) + 18
    return { node, y, height: Math.min(share * 0.62, Math.max(48, sum)) }
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
  return spread(sorted, TOP - 10, height - SENDERS_BOTTOM, ({ rate }) => widthOf(rate))
}

/** Labels stand where the routes of an Ingress have parted. */
const LABEL_AT = 0.56

function withStarts(
  routes: readonly RoutePlaced[],
  ingresses: readonly Placed<IngressNode>[],
  x: TrafficLayout['x'],
): RoutePlaced[] {
  const starts = new Map<RoutePlaced, { y: number; height: number }>()
  for (const ingress of ingresses) {
    const own = routes.filter(({ node }) => node.className === ingress.node.className)
    own.forEach((route, at) => starts.set(route, stacked(own, ingress)[at]!))
  }
  return routes.map((route) => {
    const start = starts.get(route)
    if (!start) return route
    const eased = 3 * LABEL_AT ** 2 - 2 * LABEL_AT ** 3
    const label = {
      x: x.ingress + (x.service - x.ingress) * LABEL_AT,
      y: start.y + (route.y - start.y) * eased,
    }
    return { ...route, start: { y: start.y, height: start.height }, label }
  })
}

type Parts = Pick<TrafficLayout, 'x' | 'sources' | 'ingresses' | 'routes' | 'services'>

interface Ribbon {
  id: string
  tone: StrandTone
  side: Strand['side']
  from: [x: number, y: number, height: number]
  to: [x: number, y: number, height: number]
}

const STRANDS_PER_U = 0.75
const GATE_HALF = 10

function strandsOf(
  parts: Parts,
  versions: readonly string[],
): Pick<TrafficLayout, 'strands' | 'rates'> {
  const { x, sources, ingresses, routes, services } = parts
  const rates: Record<string, number> = {}
  const ribbons: Ribbon[] = []
  const add = (ribbon: Ribbon, rate: number | null): void => {
    ribbons.push(ribbon)
    rates[ribbon.id] = rate ?? 0
  }
  for (const ingress of ingresses) {
    const own = sources.filter(
      ({ node: { to } }) => 'ingress' in to && to.ingress === ingress.node.className,
    )
    stacked(own, ingress).forEach(({ item, y, height }) => {
      const to: Ribbon['to'] = [x.ingress - GATE_HALF, y, height]
      const from: Ribbon['from'] = [x.source, item.y, item.height]
      add(
        { id: `source ${item.node.id}`, tone: 'unrouted', side: 'left', from, to },
        item.node.rate,
      )
    })
  }
  for (const { node, start, y, height } of routes) {
    const service = services.find((each) => each.node.key === node.service)?.node
    if (!start || !service || service.address === null) continue
    const from: Ribbon['from'] = [x.ingress + GATE_HALF, start.y, start.height]
    const to: Ribbon['to'] = [x.service - 12, y, height]
    const tone = toneOfService(service, versions)
    add({ id: `route ${node.id}`, tone, side: 'right', from, to }, node.rate)
  }
  for (const { node, y, height } of sources) {
    const { to } = node
    const service = 'service' in to ? services.find((each) => each.node.key === to.service) : null
    if (!service) continue
    const end: Ribbon['to'] = [x.service - 12, service.y, service.height]
    const from: Ribbon['from'] = [x.source, y, height]
    add({ id: `source ${node.id}`, tone: 'unrouted', side: 'left', from, to: end }, node.rate)
  }
  for (const service of services) {
    for (const { tone, part, from, to, rate } of podParts(service, versions)) {
      const start: Ribbon['from'] = [x.service + 12, from, service.height * part]
      const end: Ribbon['to'] = [x.port, to, portHeight(service) * part]
      add(
        { id: `pods ${service.node.key} ${tone}`, tone, side: 'right', from: start, to: end },
        rate,
      )
    }
  }
  return { strands: ribbons.flatMap(strandsIn), rates }
}

/** Height of the line on which a Service's pods stand. */
export function portHeight({ height }: Placed<ServiceNode>): number {
  return Math.max(48, height * 1.25)
}

/** In the order they have, one above the other, filling what they lead to. */
function stacked<T>(
  items: readonly Placed<T>[],
  into: Placed<unknown>,
): { item: Placed<T>; y: number; height: number }[] {
  const sum = items.reduce((all, { height }) => all + height, 0)
  let top = into.y - into.height / 2
  return items.map((item) => {
    const height = (item.height / Math.max(1, sum)) * into.height
    top += height
    return { item, y: top - height / 2, height }
  })
}

/** The colour of a Service whose pods all are of one version; none before it is known which pod answers. */
function toneOfService({ pods }: ServiceNode, versions: readonly string[]): StrandTone {
  const tones = new Set(pods.map(({ version }) => toneOf(version, versions)))
  const [only] = tones
  return tones.size === 1 && only ? only : 'unrouted'
}

/** A Service's pods by version: a part of the height, and of the rate as it was measured. */
function podParts(
  { node, y, ...placed }: Placed<ServiceNode>,
  versions: readonly string[],
): { tone: StrandTone; part: number; from: number; to: number; rate: number }[] {
  const tones = [...new Set(node.pods.map(({ version }) => toneOf(version, versions)))].sort(
    (a, b) => a - b,
  )
  const port = portHeight({ node, y, ...placed })
  let before = 0
  return tones.map((tone) => {
    const own = node.pods.filter(({ version }) => toneOf(version, versions) === tone)
    const part = own.length / node.pods.length
    const middle = before + part / 2 - 0.5
    before += part
    const rate = own.reduce((sum, { name }) => sum + (node.byPod[name] ?? 0), 0)
    return { tone, part, from: y + middle * placed.height, to: y + middle * port, rate }
  })
}

function strandsIn({ id, tone, side, from, to }: Ribbon): Strand[] {
  const count = Math.max(4, Math.round(Math.max(from[2], to[2]) * STRANDS_PER_U))
  const seed = hashText(id)
  const span = to[0] - from[0]
  return Array.from({ length: count }, (_, k): Strand => {
    const place = (k + 0.5) / count - 0.5
    const bend = (at: number): number => (noise(seed, k * 3 + at) - 0.5) * 20
    const [y0, y1] = [from[1] + place * from[2], to[1] + place * to[2]]
    return {
      id: `${id}/${k}`,
      pod: id,
      side,
      tone,
      weight: 0.6 + noise(seed, k * 3) * 0.8,
      isFading: false,
      curve: [
        ...([from[0], y0] as const),
        ...([from[0] + span * 0.48 + bend(1), y0] as const),
        ...([from[0] + span * 0.52 + bend(2), y1] as const),
        ...([to[0], y1] as const),
      ],
    }
  })
}
