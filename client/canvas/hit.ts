// What lies under a point of the flow. Pure: the scene knows where everything stands.
import { GATE_HALF } from './drawMarks.ts'
import type { Scene } from './scene.ts'
import { pointOn } from './strands.ts'
import type { Curve } from './strands.ts'

/** Where something stands, in u: what a ring is drawn around. */
export interface Spot {
  x: number
  y: number
  width: number
  height: number
  isRound: boolean
}

export type Hit =
  | { kind: 'pod'; /** `namespace/name` */ key: string; spot: Spot }
  | { kind: 'node'; name: string; spot: Spot }
  | { kind: 'service'; spot: Spot }
  | { kind: 'request'; spot: null }

const GATE_WIDTH = 56
const PORT_REACH = 12
/** Discs are small: a finger may miss them by so much. */
const SOURCE_REACH = 5
/** Requests fly on lines; nobody hits a line that moves. */
const STRAND_REACH = 5
/** Halvings that find a point of a strand to a thousandth of its length. */
const HALVINGS = 10

/** The pod, node, Service or way of requests at a point in u; null where there is nothing to look into. */
export function hitAt(scene: Scene, x: number, y: number): Hit | null {
  const still = gateAt(scene, x, y) ?? sourceAt(scene, x, y) ?? tileOrNodeAt(scene, x, y)
  return still ?? requestAt(scene, x, y)
}

function requestAt({ strands }: Scene, x: number, y: number): Hit | null {
  const isOn = strands.some(({ curve }) => Math.abs(heightAt(curve, x) - y) <= STRAND_REACH)
  return isOn ? { kind: 'request', spot: null } : null
}

/** Where a strand, which only ever leads to the right, is at `x`; NaN beside it. */
function heightAt(curve: Curve, x: number): number {
  if (x < curve[0] || x > curve[6]) return Number.NaN
  const point: [number, number] = [0, 0]
  let [from, to] = [0, 1]
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (from + to) / 2
    pointOn(curve, middle, point)
    if (point[0] < x) from = middle
    else to = middle
  }
  return point[1]
}

function gateAt({ frame, gate }: Scene, x: number, y: number): Hit | null {
  const isIn =
    gate !== null &&
    Math.abs(x - frame.gateX) <= GATE_WIDTH / 2 &&
    Math.abs(y - frame.centreY) <= GATE_HALF
  return isIn ? { kind: 'service', spot: gateSpot(frame) } : null
}

function gateSpot({ gateX, centreY }: Scene['frame']): Spot {
  const [width, height] = [GATE_WIDTH, GATE_HALF * 2 + 8]
  return { x: gateX - width / 2, y: centreY - height / 2, width, height, isRound: false }
}

function sourceAt({ sources }: Scene, x: number, y: number): Hit | null {
  const mark = sources.find(
    (each) => Math.hypot(each.x - x, each.y - y) <= each.radius + SOURCE_REACH,
  )
  return mark ? { kind: 'pod', key: mark.key, spot: discSpot(mark) } : null
}

function discSpot({ x, y, radius }: { x: number; y: number; radius: number }): Spot {
  return { x: x - radius, y: y - radius, width: radius * 2, height: radius * 2, isRound: true }
}

function tileOrNodeAt({ frame, bands }: Scene, x: number, y: number): Hit | null {
  if (x < frame.portX - PORT_REACH || x > frame.tilesX + frame.tilesWidth) return null
  const band = bands.find((each) => y >= each.y && y < each.y + each.height)
  if (!band) return null
  const tile = band.tiles.find(
    (each) => x >= each.x && x < each.x + each.size && y >= each.y && y < each.y + each.size,
  )
  if (tile) return { kind: 'pod', key: tile.key, spot: tileSpot(tile) }
  const [node, ...others] = band.nodes
  if (!node || others.length > 0) return null
  const spot = { x: frame.portX - 6, y: band.y, height: band.height, isRound: false }
  return { kind: 'node', name: node.name, spot: { ...spot, width: frame.tilesWidth + 24 } }
}

function tileSpot({ x, y, size }: { x: number; y: number; size: number }): Spot {
  return { x, y, width: size, height: size, isRound: false }
}

/** Where the pod called `key` stands; null when it is not on the stage. */
export function spotOfPod({ sources, bands }: Scene, key: string): Spot | null {
  const source = sources.find((each) => each.key === key)
  if (source) return discSpot(source)
  for (const band of bands) {
    const tile = band.tiles.find((each) => each.key === key)
    if (tile) return tileSpot(tile)
  }
  return null
}
