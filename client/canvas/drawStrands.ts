// Strands as they are when nothing moves. Drawn to a layer of their own, only when the layout changes.
import type { Palette } from './palette.ts'
import type { Curve, Strand, StrandTone } from './strands.ts'

type Context = OffscreenCanvasRenderingContext2D

interface Canvas2d {
  canvas: OffscreenCanvas
  g: Context
}

function layer(width: number, height: number, scale: number): Canvas2d {
  const canvas = new OffscreenCanvas(Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)))
  const g = canvas.getContext('2d')!
  g.scale(scale, scale)
  g.lineCap = 'round'
  return { canvas, g }
}

function trace(g: Context, c: Curve): void {
  g.beginPath()
  g.moveTo(c[0], c[1])
  g.bezierCurveTo(c[2], c[3], c[4], c[5], c[6], c[7])
}

/** The glow is drawn and blurred small, then enlarged: the same light from a sixteenth of the pixels. */
const GLOW_SCALE = 0.25
const GLOW_BLUR = 10
const FADING_ALPHA = 0.5
/** Strands of one side that may shine in full; more share the light. */
const CROWD = 200

function glowAlpha({ side }: Strand, isLight: boolean): number {
  if (isLight) return 0.05
  return side === 'right' ? 0.1 : 0.055
}

function lineAlpha({ side, weight, isFading }: Strand, isLight: boolean): number {
  const base = isLight ? (side === 'right' ? 0.5 : 0.3) : side === 'right' ? 0.4 : 0.22
  return base * weight * (isFading ? FADING_ALPHA : 1)
}

export interface StrandsPicture {
  strands: readonly Strand[]
  /** How bright each is, 0–1, in their order, where brightness stands for the rate; null: all in full. */
  gains: readonly number[] | null
  palette: Pick<Palette, 'isLight' | 'strand'>
  /** Device pixels per u. */
  scale: number
}

interface Lit {
  strand: Strand
  /** 0–1 */
  light: number
}

/**
 * Draws all strands on an empty canvas. Each colour is drawn as white alpha, tinted once and then blended: adding up
 * colours in eight bits would turn amber into olive.
 */
export function drawStrands(
  canvas: OffscreenCanvas,
  { strands, gains, palette, scale }: StrandsPicture,
): void {
  const { width, height } = canvas
  const target = canvas.getContext('2d')!
  target.globalCompositeOperation = palette.isLight ? 'multiply' : 'screen'
  for (const [tone, group] of litByTone(strands, gains)) {
    const glow = layer(width * GLOW_SCALE, height * GLOW_SCALE, scale * GLOW_SCALE)
    for (const { strand, light } of group) {
      glow.g.strokeStyle = `rgba(255,255,255,${glowAlpha(strand, palette.isLight) * light})`
      glow.g.lineWidth = 6
      trace(glow.g, strand.curve)
      glow.g.stroke()
    }
    tint(glow, palette.strand[tone])
    target.drawImage(blurred(glow.canvas, GLOW_BLUR * scale * GLOW_SCALE), 0, 0, width, height)

    const lines = layer(width, height, scale)
    for (const { strand, light } of group) {
      lines.g.strokeStyle = `rgba(255,255,255,${lineAlpha(strand, palette.isLight) * light})`
      lines.g.lineWidth = strand.side === 'right' ? 1.25 : 1.05
      trace(lines.g, strand.curve)
      lines.g.stroke()
    }
    tint(lines, palette.strand[tone])
    target.drawImage(lines.canvas, 0, 0)
  }
}

/** By colour, with how bright each is. */
function litByTone(
  strands: readonly Strand[],
  gains: readonly number[] | null,
): Map<StrandTone, Lit[]> {
  const dim = crowdDimming(strands)
  const byTone = new Map<StrandTone, Lit[]>()
  for (const [index, strand] of strands.entries()) {
    const lit = { strand, light: (gains?.[index] ?? 1) * dim[strand.side] }
    const group = byTone.get(strand.tone)
    if (group) group.push(lit)
    else byTone.set(strand.tone, [lit])
  }
  return byTone
}

function crowdDimming(strands: readonly Strand[]): Record<Strand['side'], number> {
  const left = strands.filter(({ side }) => side === 'left').length
  const right = strands.length - left
  const share = (count: number): number => Math.min(1, CROWD / Math.max(1, count))
  return { left: share(left), right: share(right) }
}

/** That picture, blurred by so many of its pixels. */
function blurred(picture: OffscreenCanvas, radius: number): OffscreenCanvas {
  const { canvas, g } = layer(picture.width, picture.height, 1)
  g.filter = `blur(${radius}px)`
  g.drawImage(picture, 0, 0)
  return canvas
}

function tint({ canvas, g }: Canvas2d, colour: string): void {
  g.setTransform(1, 0, 0, 1, 0, 0)
  g.globalCompositeOperation = 'source-in'
  g.fillStyle = colour
  g.fillRect(0, 0, canvas.width, canvas.height)
}
