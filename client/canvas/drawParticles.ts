// Particles: one small picture of a streak per colour, stamped along the strands.
import type { Palette } from './palette.ts'
import { mixed } from './palette.ts'
import type { Pool } from './particles.ts'
import type { Strand, StrandTone } from './strands.ts'
import { pointOn } from './strands.ts'

type Context = CanvasRenderingContext2D
export type StreakTone = StrandTone | 'fail'
export type Streaks = Record<StreakTone, HTMLCanvasElement>

/** Share of a strand that a tail covers. */
const TAIL = { left: 0.085, right: 0.09 }
const WIDTH = { dark: 2.4, light: 2.1 }
/** Offset, alpha and how far towards white (or black), from tail to head. */
const STOPS: readonly [number, number, number][] = [
  [0, 0, 0],
  [0.45, 0.18, 0.1],
  [0.8, 0.62, 0.3],
  [1, 0.96, 0.72],
]
const PICTURE = { width: 64, height: 8 }
const HEAD_MIX_LIGHT = 0.2

/** The pictures for a palette; made once per theme. */
export function makeStreaks(palette: Palette): Streaks {
  const streak = (colour: string): HTMLCanvasElement => {
    const canvas = document.createElement('canvas')
    canvas.width = PICTURE.width
    canvas.height = PICTURE.height
    const g = canvas.getContext('2d')!
    const fill = g.createLinearGradient(0, 0, PICTURE.width, 0)
    for (const [offset, alpha, mix] of STOPS) {
      const share = palette.isLight ? HEAD_MIX_LIGHT : mix
      fill.addColorStop(offset, mixed(colour, share, palette.isLight ? 'black' : 'white', alpha))
    }
    g.fillStyle = fill
    g.beginPath()
    g.roundRect(0, 0, PICTURE.width, PICTURE.height, PICTURE.height / 2)
    g.fill()
    return canvas
  }
  return {
    unrouted: streak(palette.strand.unrouted),
    1: streak(palette.strand[1]),
    2: streak(palette.strand[2]),
    3: streak(palette.strand[3]),
    fail: streak(palette.fail),
  }
}

const head: [number, number] = [0, 0]
const tail: [number, number] = [0, 0]

/** One streak whose head is at the share `at` of a strand. `scale`: device pixels per u. */
export function drawStreak(
  g: Context,
  strand: Strand,
  at: number,
  stretch: number,
  picture: HTMLCanvasElement,
  isLight: boolean,
  scale: number,
): void {
  pointOn(strand.curve, at, head)
  pointOn(strand.curve, Math.max(0, at - TAIL[strand.side] * stretch), tail)
  const dx = head[0] - tail[0]
  const dy = head[1] - tail[1]
  const length = Math.hypot(dx, dy)
  if (length < 0.5) return
  const cos = (dx / length) * scale
  const sin = (dy / length) * scale
  const width = isLight ? WIDTH.light : WIDTH.dark
  g.setTransform(cos, sin, -sin, cos, tail[0] * scale, tail[1] * scale)
  g.drawImage(picture, 0, -width / 2, length, width)
}

/** All particles of a pool. */
export function drawPool(
  g: Context,
  pool: Pool,
  strands: readonly Strand[],
  streaks: Streaks,
  isLight: boolean,
  scale: number,
): void {
  for (let index = 0; index < pool.size; index += 1) {
    const strand = strands[pool.strand[index]!]
    if (!strand) continue
    drawStreak(g, strand, pool.at[index]!, pool.pace[index]!, streaks[strand.tone], isLight, scale)
  }
}
