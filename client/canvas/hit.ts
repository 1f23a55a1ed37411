// What stands at a place of the flow. Pure; the canvas has no elements to be clicked.
import type { Scene } from './scene.ts'

export type Hit =
  { kind: 'pod'; uid: string } | { kind: 'node'; name: string } | { kind: 'service' }

/** A finger is not a needle: so far beside (u) still counts. */
const REACH = 6
const GATE_REACH = 34
/** From the centre of the Service's gate to its end, its words included (u). */
const GATE_HALF_HEIGHT = 150

/** The part of the scene at that place, in u from the corner of the flow; null for the space between. */
export function hitOf(scene: Scene, x: number, y: number): Hit | null {
  const { frame, sources, bands } = scene
  const source = sources.find((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + REACH)
  if (source) return { kind: 'pod', uid: source.uid }
  const band = bands.find((each) => y >= each.y && y <= each.y + each.height)
  const tile = band?.tiles.find((each) => isWithin(each, x, y))
  if (tile) return { kind: 'pod', uid: tile.uid }
  const [node, ...others] = band?.nodes ?? []
  if (node && others.length === 0 && x >= frame.labelX) return { kind: 'node', name: node.name }
  const isAtGate =
    Math.abs(x - frame.gateX) <= GATE_REACH && Math.abs(y - frame.centreY) <= GATE_HALF_HEIGHT
  return scene.gate && isAtGate ? { kind: 'service' } : null
}

function isWithin(tile: { x: number; y: number; size: number }, x: number, y: number): boolean {
  return x >= tile.x && x <= tile.x + tile.size && y >= tile.y && y <= tile.y + tile.size
}
