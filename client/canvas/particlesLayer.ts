// What flies: particles by measured rates, and failed requests that end in a cross at the gate.
import type { LoadView } from '../../shared/stage.ts'
import { drawPool, drawStreak, makeStreaks } from './drawParticles.ts'
import type { Streaks } from './drawParticles.ts'
import type { Palette } from './palette.ts'
import {
  advance,
  createPool,
  crossingMs,
  departAt,
  departuresOf,
  followStrands,
  particlesFor,
} from './particles.ts'
import type { Departures } from './particles.ts'
import type { Strand } from './strands.ts'
import { clear, resize, surfaceOn, toUnits } from './surface.ts'
import type { Extent } from './surface.ts'

interface Failure {
  strand: Strand
  at: number
  /** When it reached the gate; null while it flies. */
  hitAt: number | null
}

/** A burst of failures is shown by at most so many streaks a measurement; the count beside the chart is exact. */
const MOST_FAILURES = 12
const CROSS_MS = 900
const CROSS_ARM = 3
const NOWHERE: Departures = { strands: new Int32Array(), upTo: new Float64Array(), total: 0 }

export interface ParticlesLayer {
  resize(extent: Extent): void
  setStrands(strands: readonly Strand[]): void
  setLoad(load: LoadView | null): void
  /** Draws one frame, `elapsedMs` after the last; answers whether anything flies. `share` of the usual number is drawn. */
  draw(now: number, elapsedMs: number, share: number, calm: boolean, palette: Palette): boolean
}

/** The layer on one canvas. */
export function createParticlesLayer(canvas: HTMLCanvasElement): ParticlesLayer {
  const surface = surfaceOn(canvas)
  const sides = {
    left: { pool: createPool(), departures: NOWHERE, wanted: 0 },
    right: { pool: createPool(), departures: NOWHERE, wanted: 0 },
  }
  let strands: readonly Strand[] = []
  let load: LoadView | null = null
  let streaks: { theme: string; pictures: Streaks } | null = null
  let failures: Failure[] = []
  let wasEmpty = false

  const readRates = (): void => {
    // Numbers that are not live would be a guess about now.
    const rates = load?.live ? load : null
    for (const side of ['left', 'right'] as const) {
      const bySide = (side === 'left' ? rates?.byBot : rates?.byServer) ?? {}
      sides[side].departures = departuresOf(strands, side, bySide)
      sides[side].wanted = particlesFor(rates?.rate ?? 0)
    }
  }

  const addFailures = (count: number): void => {
    for (let each = 0; each < Math.min(count, MOST_FAILURES); each += 1) {
      const strand = strands[departAt(sides.left.departures, Math.random())]
      if (strand) failures.push({ strand, at: 0, hitAt: null })
    }
  }

  const drawFailures = (now: number, step: number, pictures: Streaks, palette: Palette): void => {
    for (const failure of failures) {
      if (failure.hitAt === null) {
        failure.at += step
        if (failure.at >= 1) failure.hitAt = now
        const at = Math.min(1, failure.at)
        drawStreak(
          surface.g,
          failure.strand,
          at,
          1.2,
          pictures.fail,
          palette.isLight,
          surface.scale,
        )
      }
    }
    toUnits(surface)
    for (const { strand, hitAt } of failures) {
      if (hitAt !== null) drawCross(surface.g, strand, 1 - (now - hitAt) / CROSS_MS, palette)
    }
    failures = failures.filter(({ hitAt }) => hitAt === null || now - hitAt < CROSS_MS)
  }

  return {
    resize: (extent) => resize(surface, extent),
    setStrands(next) {
      for (const { pool } of Object.values(sides)) followStrands(pool, strands, next)
      strands = next
      readRates()
    },
    setLoad(next) {
      const failedNow = load && next && next.since === load.since ? next.failed - load.failed : 0
      load = next
      readRates()
      if (failedNow > 0) addFailures(failedNow)
    },
    draw(now, elapsedMs, share, calm, palette) {
      if (streaks?.theme !== palette.theme) {
        streaks = { theme: palette.theme, pictures: makeStreaks(palette) }
      }
      const crossing = crossingMs(load?.p50Ms ?? null)
      for (const { pool, departures, wanted } of Object.values(sides)) {
        const motion = { elapsedMs: calm ? 0 : elapsedMs, crossing, departures }
        advance(pool, { ...motion, wanted: Math.round(wanted * share) }, Math.random)
      }
      const isEmpty = sides.left.pool.size + sides.right.pool.size + failures.length === 0
      if (isEmpty && wasEmpty) return false
      wasEmpty = isEmpty
      clear(surface)
      for (const { pool } of Object.values(sides)) {
        drawPool(surface.g, pool, strands, streaks.pictures, palette.isLight, surface.scale)
      }
      drawFailures(now, calm ? 1 : elapsedMs / crossing, streaks.pictures, palette)
      return !calm || failures.length > 0
    },
  }
}

function drawCross(
  g: CanvasRenderingContext2D,
  { curve }: Strand,
  alpha: number,
  palette: Palette,
): void {
  const [x, y] = [curve[6] - 10, curve[7]]
  g.globalAlpha = Math.max(0, Math.min(1, alpha * 2))
  g.strokeStyle = palette.fail
  g.lineWidth = 2
  g.lineCap = 'round'
  g.beginPath()
  g.moveTo(x - CROSS_ARM, y - CROSS_ARM)
  g.lineTo(x + CROSS_ARM, y + CROSS_ARM)
  g.moveTo(x + CROSS_ARM, y - CROSS_ARM)
  g.lineTo(x - CROSS_ARM, y + CROSS_ARM)
  g.stroke()
  g.globalAlpha = 1
}
