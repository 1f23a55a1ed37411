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
import type { Departures, Pool } from './particles.ts'
import type { Strand } from './strands.ts'
import { clear, resize, surfaceOn, toUnits } from './surface.ts'
import type { Extent, Surface } from './surface.ts'

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

interface Side {
  pool: Pool
  departures: Departures
  /** Particles that stand for the rate. */
  wanted: number
}

const emptySide = (): Side => ({ pool: createPool(), departures: NOWHERE, wanted: 0 })

/** The layer on one canvas. */
export class ParticlesLayer {
  readonly #surface: Surface
  readonly #sides = { left: emptySide(), right: emptySide() }
  #strands: readonly Strand[] = []
  #load: LoadView | null = null
  #streaks: { theme: string; pictures: Streaks } | null = null
  #failures: Failure[] = []
  #wasEmpty = false

  constructor(canvas: HTMLCanvasElement) {
    this.#surface = surfaceOn(canvas)
  }

  resize(extent: Extent): void {
    resize(this.#surface, extent)
  }

  setStrands(strands: readonly Strand[]): void {
    for (const { pool } of Object.values(this.#sides)) followStrands(pool, this.#strands, strands)
    this.#strands = strands
    this.#readRates()
  }

  setLoad(load: LoadView | null): void {
    const before = this.#load
    this.#load = load
    this.#readRates()
    if (before && load && before.since === load.since)
      this.#addFailures(load.failed - before.failed)
  }

  /** Draws one frame, `elapsedMs` after the last; answers whether anything flies. `share` of the usual number is drawn. */
  draw(now: number, elapsedMs: number, share: number, calm: boolean, palette: Palette): boolean {
    const crossing = crossingMs(this.#load?.p50Ms ?? null)
    const { left, right } = this.#sides
    for (const { pool, departures, wanted } of [left, right]) {
      const motion = { elapsedMs: calm ? 0 : elapsedMs, crossing, departures }
      advance(pool, { ...motion, wanted: Math.round(wanted * share) }, Math.random)
    }
    const isEmpty = left.pool.size + right.pool.size + this.#failures.length === 0
    if (isEmpty && this.#wasEmpty) return false
    this.#wasEmpty = isEmpty
    const pictures = this.#picturesFor(palette)
    clear(this.#surface)
    const { g, scale } = this.#surface
    for (const { pool } of [left, right]) {
      drawPool(g, pool, this.#strands, pictures, palette.isLight, scale)
    }
    this.#drawFailures(now, calm ? 1 : elapsedMs / crossing, pictures, palette)
    return !isEmpty && (!calm || this.#failures.length > 0)
  }

  #picturesFor(palette: Palette): Streaks {
    if (this.#streaks?.theme !== palette.theme) {
      this.#streaks = { theme: palette.theme, pictures: makeStreaks(palette) }
    }
    return this.#streaks.pictures
  }

  #readRates(): void {
    // Numbers that are not live would be a guess about now.
    const load = this.#load?.live ? this.#load : null
    const { left, right } = this.#sides
    left.departures = departuresOf(this.#strands, 'left', load?.byBot ?? {})
    right.departures = departuresOf(this.#strands, 'right', load?.byServer ?? {})
    left.wanted = right.wanted = particlesFor(load?.rate ?? 0)
  }

  #addFailures(count: number): void {
    for (let each = 0; each < Math.min(count, MOST_FAILURES); each += 1) {
      const strand = this.#strands[departAt(this.#sides.left.departures, Math.random())]
      if (strand) this.#failures.push({ strand, at: 0, hitAt: null })
    }
  }

  #drawFailures(now: number, step: number, pictures: Streaks, palette: Palette): void {
    const { g, scale } = this.#surface
    for (const failure of this.#failures) {
      if (failure.hitAt !== null) continue
      failure.at = Math.min(1, failure.at + step)
      if (failure.at === 1) failure.hitAt = now
      drawStreak(g, failure.strand, failure.at, 1.2, pictures.fail, palette.isLight, scale)
    }
    toUnits(this.#surface)
    for (const { strand, hitAt } of this.#failures) {
      if (hitAt !== null) drawCross(g, strand, 1 - (now - hitAt) / CROSS_MS, palette)
    }
    this.#failures = this.#failures.filter(({ hitAt }) => hitAt === null || now - hitAt < CROSS_MS)
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
