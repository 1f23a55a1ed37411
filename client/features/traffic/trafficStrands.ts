// The strands of the Traffic view: ribbons between places, each of a colour and with a rate of its own. Pure.
import { hashText, noise } from '../../canvas/hash.ts'
import type { Strand, StrandTone } from '../../canvas/strands.ts'
import { toneOf } from '../../canvas/tone.ts'
import type { Placed, Places } from './placed.ts'
import { portHeight, stacked } from './placed.ts'
import type { ServiceNode } from './trafficModel.ts'

interface Ribbon {
  id: string
  tone: StrandTone
  side: Strand['side']
  from: [x: number, y: number, height: number]
  to: [x: number, y: number, height: number]
}

const STRANDS_PER_U = 0.75
const GATE_HALF = 10

/** The strands between all that has its place, and the rates at which they carry. */
export function trafficStrands(
  parts: Places,
  versions: readonly string[],
): { strands: Strand[]; rates: Record<string, number> } {
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
