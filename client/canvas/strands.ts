// The paths that requests take: from each loadbot through the Service to each endpoint, in one vertical order, so that
// nothing crosses.
import { APERTURE } from './frame.ts'
import type { Frame } from './frame.ts'
import { hashText, noise } from './hash.ts'
import type { Band, TileMark } from './bands.ts'
import type { SourceMark } from './sources.ts'
import type { Tone } from './tone.ts'

/** A cubic curve: start, two controls, end, as x and y in u. */
export type Curve = readonly [number, number, number, number, number, number, number, number]

/** `unrouted`: before the Service has picked a pod. */
export type StrandTone = 'unrouted' | Tone

export interface Strand {
  /** Stays the same while the pod lives: `uid/3`. */
  id: string
  /** The pod it comes from (left) or leads to (right). */
  pod: string
  side: 'left' | 'right'
  tone: StrandTone
  /** 0.55–1.45: strands differ in weight, so that a bundle looks like a bundle. */
  weight: number
  /** Leads to a pod that is stopping: nothing new goes there. */
  isFading: boolean
  curve: Curve
}

const LEFT_EACH = { usual: 6, most: 40, total: 96, ceiling: 300 }
const RIGHT_EACH = { usual: 3, most: 30, total: 120, ceiling: 360 }

/** Strands per pod: the usual number among many, more when few pods have to fill the opening, fewer past a ceiling. */
function strandsEach(count: number, rule: typeof LEFT_EACH): number {
  if (count === 0) return 0
  const wanted = Math.min(rule.most, Math.max(rule.usual, Math.ceil(rule.total / count)))
  return Math.max(1, Math.min(wanted, Math.floor(rule.ceiling / count)))
}

/** From the loadbots that send to the gate, top to bottom. */
export function leftStrands(frame: Frame, sources: readonly SourceMark[]): Strand[] {
  const sending = sources.filter(({ state }) => state === 'ready' || state === 'stopping')
  const each = strandsEach(sending.length, LEFT_EACH)
  const spread = Math.min(2, 17 / each)
  const plan = sending.map((source) => ({
    source,
    isFading: source.state === 'stopping',
    // A loadbot that stops keeps one strand until it is gone.
    count: source.state === 'stopping' ? 1 : each,
  }))
  const opening = openingFor(plan.reduce((sum, { count }) => sum + count, 0))
  return plan.flatMap(({ source, isFading, count }) =>
    Array.from({ length: count }, (_, k): Strand => {
      const seed = hashText(source.uid)
      const y0 = source.y + (k - (count - 1) / 2) * spread
      const y1 = opening(frame.centreY)
      const span = frame.gateX - source.x
      const bend = (place: number): number => (noise(seed, k * 3 + place) - 0.5) * 40
      return {
        id: `${source.uid}/${k}`,
        pod: source.name,
        side: 'left',
        tone: 'unrouted',
        weight: 0.55 + noise(seed, k * 3) * 0.9,
        isFading,
        curve: [
          source.x + 4,
          y0,
          source.x + span * 0.45 + bend(1),
          y0,
          source.x + span * 0.6 + bend(2),
          y1,
          frame.gateX,
          y1,
        ],
      }
    }),
  )
}

/** Hands out heights in the opening from top to bottom, evenly. */
function openingFor(total: number): (centre: number) => number {
  let handed = 0
  return (centre) => {
    handed += 1
    return centre + ((handed - 0.5) / Math.max(1, total) - 0.5) * APERTURE
  }
}

type Lane = TileMark & { tone: Tone }

/** Server pods that get or still finish requests: newer versions on top, then as the tiles lie, so that colours bundle. */
function inLanes(tiles: readonly TileMark[]): Lane[] {
  const byTone: Record<Tone, Lane[]> = { 1: [], 2: [], 3: [] }
  for (const tile of tiles) {
    if (hasTone(tile) && (tile.state === 'ready' || tile.state === 'stopping')) {
      byTone[tile.tone].push(tile)
    }
  }
  return [...byTone[3], ...byTone[2], ...byTone[1]]
}

const hasTone = (tile: TileMark): tile is Lane => tile.tone !== 'none'

/** Of very many endpoints only every so-manieth has a strand: more lines than this would be one bright area. */
function thinned(lanes: Lane[], every: number): Lane[] {
  return every <= 1 ? lanes : lanes.filter((_, at) => at % every === 0)
}

/** From the gate to the endpoints, band by band. */
export function rightStrands(frame: Frame, bands: readonly Band[]): Strand[] {
  const all = bands.map((band) => ({ band, tiles: inLanes(band.tiles) }))
  const every = Math.ceil(
    all.reduce((sum, { tiles }) => sum + tiles.length, 0) / RIGHT_EACH.ceiling,
  )
  const lanes = all.map(({ band, tiles }) => ({ band, tiles: thinned(tiles, every) }))
  const endpoints = lanes.flatMap(({ tiles }) => tiles.filter(({ state }) => state === 'ready'))
  const each = strandsEach(endpoints.length, RIGHT_EACH)
  const countOf = ({ state }: TileMark): number => (state === 'stopping' ? 1 : each)
  const total = lanes.flatMap(({ tiles }) => tiles.map(countOf)).reduce((sum, n) => sum + n, 0)
  const opening = openingFor(total)
  return lanes.flatMap(({ band, tiles }) => {
    const inBand = tiles.map(countOf).reduce((sum, n) => sum + n, 0)
    let place = 0
    return tiles.flatMap((tile) =>
      Array.from({ length: countOf(tile) }, (_, k): Strand => {
        const seed = hashText(tile.uid)
        const y0 = opening(frame.centreY)
        const y1 = band.y + 2 + ((place + 0.5) / inBand) * (band.height - 4)
        place += 1
        const span = frame.portX - frame.gateX
        const bend = (at: number): number => (noise(seed, k * 3 + at) - 0.5) * 30
        return {
          id: `${tile.uid}/${k}`,
          pod: tile.name,
          side: 'right',
          tone: tile.tone,
          weight: 0.55 + noise(seed, k * 3) * 0.9,
          isFading: tile.state === 'stopping',
          curve: [
            frame.gateX,
            y0,
            frame.gateX + span * 0.42 + bend(1),
            y0,
            frame.gateX + span * 0.56 + bend(2),
            y1,
            frame.portX,
            y1,
          ],
        }
      }),
    )
  })
}

/** Where a strand is after the share `t` of its length, into `out` (x, y). */
export function pointOn(curve: Curve, t: number, out: [number, number]): void {
  const u = 1 - t
  const a = u * u * u
  const b = 3 * u * u * t
  const c = 3 * u * t * t
  const d = t * t * t
  out[0] = a * curve[0] + b * curve[2] + c * curve[4] + d * curve[6]
  out[1] = a * curve[1] + b * curve[3] + c * curve[5] + d * curve[7]
}

/** Changes when any strand would be drawn differently. */
export function strandsSignature(strands: readonly Strand[]): string {
  let sum = strands.length
  for (const { id, tone, isFading, curve } of strands) {
    const text = `${id}${tone}${isFading ? 1 : 0}${curve.map((value) => value.toFixed(1)).join()}`
    sum = (Math.imul(sum, 31) + hashText(text)) | 0
  }
  return String(sum)
}
