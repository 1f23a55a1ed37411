// One tile of the vocabulary on a canvas: shape, colour and number of pips say state and version.
import type { TileMark } from './bands.ts'
import { TEXTURE_UP_TO } from './density.ts'
import type { Palette } from './palette.ts'
import type { TileTone } from './tone.ts'
import type { Pose } from './tween.ts'

type Context = CanvasRenderingContext2D

interface Box {
  x: number
  y: number
  size: number
}

/** Below this side pips cannot be seen; the outline says the version instead: square, disc, diamond. */
const SILHOUETTE_BELOW = 12

function rounded(g: Context, x: number, y: number, width: number, radius: number): void {
  g.beginPath()
  g.roundRect(x, y, width, width, Math.max(0, radius))
}

/** Where the pips of a version stand around the middle, in shares of the side. */
const PIPS: Record<TileTone, readonly [number, number][]> = {
  1: [[0, 0]],
  2: [
    [-0.15, 0.15],
    [0.15, -0.15],
  ],
  3: [
    [-0.2, 0.2],
    [0, 0],
    [0.2, -0.2],
  ],
  none: [],
}

function drawPips(g: Context, { x, y, size }: Box, tone: TileTone, palette: Palette): void {
  const radius = size < 20 ? size * 0.115 : size * 0.085
  g.fillStyle = palette.pip
  for (const [dx, dy] of PIPS[tone]) {
    g.beginPath()
    g.arc(x + size / 2 + dx * size, y + size / 2 + dy * size, radius, 0, Math.PI * 2)
    g.fill()
  }
}

function drawReady(g: Context, box: Box, tone: TileTone, pose: Pose, palette: Palette): void {
  const size = box.size * pose.scale
  const x = box.x + (box.size - size) / 2
  const y = box.y + (box.size - size) / 2
  g.fillStyle = palette.fill[tone]
  if (box.size < SILHOUETTE_BELOW) {
    silhouette(g, { x, y, size }, tone)
    g.fill()
    return
  }
  rounded(g, x, y, size, size * 0.2)
  g.fill()
  if (palette.isLight) {
    g.strokeStyle = palette.edge[tone]
    g.lineWidth = 1.5
    rounded(g, x + 0.75, y + 0.75, size - 1.5, size * 0.2 - 0.75)
    g.stroke()
  }
  drawPips(g, { x, y, size }, tone, palette)
}

function silhouette(g: Context, { x, y, size }: Box, tone: TileTone): void {
  const half = size / 2
  g.beginPath()
  if (tone === 1 || tone === 'none') g.roundRect(x, y, size, size, size * 0.12)
  else if (tone === 2) g.arc(x + half, y + half, half, 0, Math.PI * 2)
  else {
    g.moveTo(x + half, y)
    g.lineTo(x + size, y + half)
    g.lineTo(x + half, y + size)
    g.lineTo(x, y + half)
    g.closePath()
  }
}

function strokeWidth(size: number): number {
  return Math.max(Math.min(1.5, size * 0.15), size * 0.055)
}

function drawPending(g: Context, { x, y, size }: Box, pose: Pose, palette: Palette): void {
  const width = strokeWidth(size)
  const dash = Math.max(1.2, size * 0.105)
  g.strokeStyle = palette.t3
  g.lineWidth = width * 0.85
  g.setLineDash([dash, dash])
  g.lineDashOffset = -pose.march * dash * 2
  rounded(g, x + width / 2, y + width / 2, size - width, size * 0.2)
  g.stroke()
  g.setLineDash([])
}

function drawStarting(
  g: Context,
  { x, y, size }: Box,
  tone: TileTone,
  pose: Pose,
  palette: Palette,
): void {
  const width = strokeWidth(size)
  const inset = width + Math.min(1, size * 0.05)
  const inner = size - inset * 2
  const height = inner * Math.min(1, Math.max(0, pose.progress))
  g.strokeStyle = palette.edge[tone]
  g.lineWidth = width
  rounded(g, x + width / 2, y + width / 2, size - width, size * 0.2 - width / 2)
  g.stroke()
  g.save()
  rounded(g, x + inset, y + inset, inner, size * 0.2 - inset)
  g.clip()
  g.fillStyle = palette.fill[tone]
  g.fillRect(x + inset, y + size - inset - height, inner, height)
  g.restore()
}

function drawStopping(
  g: Context,
  { x, y, size }: Box,
  tone: TileTone,
  pose: Pose,
  palette: Palette,
): void {
  // Shrinks to 30 % of its side over the grace period.
  const share = 1 - 0.7 * Math.min(1, Math.max(0, pose.progress))
  const inner = size * 0.86 * share
  g.globalAlpha = 0.45
  g.fillStyle = palette.fill[tone]
  rounded(g, x + (size - inner) / 2, y + (size - inner) / 2, inner, size * 0.2 * share)
  g.fill()
  g.globalAlpha = 1
  g.strokeStyle = palette.line2
  g.lineWidth = Math.min(1.5, size * 0.1)
  rounded(g, x + 0.75, y + 0.75, size - 1.5, size * 0.2)
  g.stroke()
}

function drawFailed(g: Context, { x, y, size }: Box, pose: Pose, palette: Palette): void {
  const edge = Math.max(Math.min(2, size * 0.2), size * 0.065)
  rounded(g, x + edge / 2, y + edge / 2, size - edge, size * 0.2)
  g.fillStyle = palette.failBg
  g.fill()
  if (pose.pulse > 0) {
    g.globalAlpha = pose.pulse * 0.55
    g.fillStyle = palette.fail
    g.fill()
    g.globalAlpha = 1
  }
  g.strokeStyle = palette.fail
  g.lineWidth = edge
  g.stroke()
  const arm = size * 0.29
  g.lineWidth = size * 0.105
  g.lineCap = 'round'
  g.beginPath()
  g.moveTo(x + arm, y + arm)
  g.lineTo(x + size - arm, y + size - arm)
  g.moveTo(x + size - arm, y + arm)
  g.lineTo(x + arm, y + size - arm)
  g.stroke()
}

function drawUnknown(g: Context, { x, y, size }: Box, palette: Palette): void {
  const width = strokeWidth(size)
  const pitch = Math.max(2, size * 0.19) * Math.SQRT2
  g.save()
  rounded(g, x + width / 2, y + width / 2, size - width, size * 0.2)
  g.strokeStyle = palette.t3
  g.lineWidth = width
  g.stroke()
  g.clip()
  g.lineWidth = Math.max(0.75, size * 0.06)
  g.beginPath()
  for (let along = -size; along < size; along += pitch) {
    g.moveTo(x + along, y + size)
    g.lineTo(x + along + size, y)
  }
  g.stroke()
  g.restore()
}

function drawSucceeded(g: Context, { x, y, size }: Box, palette: Palette): void {
  rounded(g, x, y, size, size * 0.2)
  g.fillStyle = palette.s3
  g.fill()
  g.strokeStyle = palette.t1
  g.lineWidth = size * 0.085
  g.lineCap = 'round'
  g.lineJoin = 'round'
  g.beginPath()
  g.moveTo(x + size * 0.27, y + size * 0.52)
  g.lineTo(x + size * 0.43, y + size * 0.69)
  g.lineTo(x + size * 0.74, y + size * 0.34)
  g.stroke()
}

/** How strongly a cell of the texture wears its version: brightest once it serves. */
const CELL_ALPHA: Record<TileMark['state'], number> = {
  ready: 1,
  starting: 0.6,
  stopping: 0.3,
  pending: 0.45,
  unknown: 0.45,
  failed: 1,
  succeeded: 0.7,
}

function drawCell(
  g: Context,
  { x, y, size, state, tone }: Box & Pick<TileMark, 'state' | 'tone'>,
  palette: Palette,
): void {
  const isColourless = state === 'pending' || state === 'unknown' || state === 'succeeded'
  g.fillStyle = state === 'failed' ? palette.fail : isColourless ? palette.t3 : palette.fill[tone]
  g.globalAlpha = CELL_ALPHA[state]
  g.fillRect(x, y, size, size)
  g.globalAlpha = 1
}

/** Draws a tile in its pose; the context is scaled to u. */
export function drawTile(
  g: Context,
  tile: Box & Pick<TileMark, 'state' | 'tone'>,
  pose: Pose,
  palette: Palette,
): void {
  if (tile.size <= TEXTURE_UP_TO) return drawCell(g, tile, palette)
  switch (tile.state) {
    case 'ready':
      return drawReady(g, tile, tile.tone, pose, palette)
    case 'pending':
      return drawPending(g, tile, pose, palette)
    case 'starting':
      return drawStarting(g, tile, tile.tone, pose, palette)
    case 'stopping':
      return drawStopping(g, tile, tile.tone, pose, palette)
    case 'failed':
      return drawFailed(g, tile, pose, palette)
    case 'unknown':
      return drawUnknown(g, tile, palette)
    case 'succeeded':
      return drawSucceeded(g, tile, palette)
  }
}

/** A place that no pod has. */
export function drawFree(g: Context, { x, y, size }: Box, palette: Palette): void {
  if (size <= TEXTURE_UP_TO) return
  g.strokeStyle = palette.line
  g.lineWidth = Math.min(1, size * 0.06)
  rounded(g, x + 0.5, y + 0.5, size - 1, size * 0.2)
  g.stroke()
}
