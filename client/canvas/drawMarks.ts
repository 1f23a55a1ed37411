// What stands still in the flow: loadbots, the Service gate, the nodes' ports.
import type { Band } from './bands.ts'
import type { Frame } from './frame.ts'
import { APERTURE } from './frame.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import type { SourceMark } from './sources.ts'

type Context = CanvasRenderingContext2D

const GATE_OVERHANG = 36
const RULE = { count: 10, width: 7, height: 8 }
const PROCESS_WIDTH = 44
const PROCESS_BODY = 0.4

/** Half the height of the gate, in u: labels stand above and below it. */
export const GATE_HALF = (APERTURE + GATE_OVERHANG) / 2

/** A loadbot: a bone disc; hollow while it starts, crossed when it failed. Never in a version's colour. */
export function drawSource(g: Context, mark: SourceMark, palette: Palette): void {
  const { x, y, radius, state } = mark
  g.beginPath()
  g.arc(x, y, radius + 2, 0, Math.PI * 2)
  g.fillStyle = palette.bg
  g.fill()
  g.beginPath()
  if (state === 'ready') {
    g.arc(x, y, radius, 0, Math.PI * 2)
    g.fillStyle = palette.t1
    g.fill()
    return
  }
  g.arc(x, y, radius - 1, 0, Math.PI * 2)
  g.lineWidth = 2
  g.strokeStyle = state === 'failed' ? palette.fail : palette.t3
  if (state === 'pending' || state === 'starting') g.setLineDash([3, 3])
  g.stroke()
  g.setLineDash([])
  if (state === 'stopping') {
    g.beginPath()
    g.arc(x, y, radius * 0.45, 0, Math.PI * 2)
    g.fillStyle = palette.t3
    g.fill()
  }
  if (state === 'failed') {
    const arm = radius * 0.4
    g.beginPath()
    g.moveTo(x - arm, y - arm)
    g.lineTo(x + arm, y + arm)
    g.moveTo(x + arm, y - arm)
    g.lineTo(x - arm, y + arm)
    g.stroke()
  }
}

/** A kernel rule is a perforated line that packets pass through; a proxy process is a block with its queue as fill. */
export function drawGate(
  g: Context,
  frame: Frame,
  gate: NonNullable<Scene['gate']>,
  queue: number,
  palette: Palette,
): void {
  const { gateX: x, centreY: y } = frame
  g.globalAlpha = palette.isLight ? 0.75 : 0.55
  g.fillStyle = palette.bg
  g.fillRect(x - 9, y - GATE_HALF - 4, 18, GATE_HALF * 2 + 8)
  g.globalAlpha = 1
  if (gate.mode === 'userspace') drawProcess(g, x, y, queue, palette)
  else drawRule(g, x, y, gate.mode === null ? palette.t3 : palette.t1)
}

function drawRule(g: Context, x: number, y: number, colour: string): void {
  const pitch = (GATE_HALF * 2 - RULE.height) / (RULE.count - 1)
  g.fillStyle = colour
  for (let at = 0; at < RULE.count; at += 1) {
    g.beginPath()
    g.roundRect(x - RULE.width / 2, y - GATE_HALF + at * pitch, RULE.width, RULE.height, 2)
    g.fill()
  }
}

function drawProcess(g: Context, x: number, y: number, queue: number, palette: Palette): void {
  const left = x - PROCESS_WIDTH / 2
  const top = y - GATE_HALF
  const height = GATE_HALF * 2
  g.beginPath()
  g.roundRect(left, top, PROCESS_WIDTH, height, 9)
  g.fillStyle = palette.bg
  g.fill()
  // Solid also while nothing waits: bytes are copied here, they do not pass through.
  g.fillStyle = palette.t1
  g.globalAlpha = PROCESS_BODY
  g.fill()
  g.globalAlpha = 1
  g.save()
  g.clip()
  g.fillStyle = palette.t1
  g.fillRect(left, top + height * (1 - queue), PROCESS_WIDTH, height * queue)
  g.restore()
  g.strokeStyle = palette.t1
  g.lineWidth = 2.5
  g.stroke()
}

/** Where traffic lands on a node: a line; broken while the node does not answer. */
export function drawPort(g: Context, frame: Frame, band: Band, palette: Palette): void {
  g.strokeStyle = band.isReady ? palette.t1 : palette.t3
  g.lineWidth = 3
  g.lineCap = 'round'
  if (!band.isReady) g.setLineDash([2, 8])
  g.beginPath()
  g.moveTo(frame.portX, band.y + 1.5)
  g.lineTo(frame.portX, band.y + band.height - 1.5)
  g.stroke()
  g.setLineDash([])
}
