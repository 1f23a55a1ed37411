// Draws strands between any places, and particles along them by their rates; rests when nothing flies.
import { drawPool, makeStreaks } from './drawParticles.ts'
import type { Streaks } from './drawParticles.ts'
import { createPace } from './pace.ts'
import type { Palette } from './palette.ts'
import { readPalette } from './palette.ts'
import {
  advance,
  createPool,
  crossingMs,
  departuresOf,
  followStrands,
  particlesFor,
} from './particles.ts'
import type { Departures, Pool } from './particles.ts'
import type { Strand } from './strands.ts'
import { strandsSignature } from './strands.ts'
import type { StrandsLayer } from './strandsLayer.ts'
import { createStrandsLayer } from './strandsLayer.ts'
import { clear, resize, surfaceOn } from './surface.ts'
import type { Surface } from './surface.ts'

type Rates = Readonly<Record<string, number>>

const MOST_DENSITY = 2
const USUAL_FRAME_MS = 16
const LONGEST_STEP_MS = 100
/** Share of its brightness that a strand without requests keeps. */
const UNLIT = 0.25
/** Where the pace has to fall this low, nothing is blended. */
const SLOW_AT_SHARE = 0.25
const SIDES = ['left', 'right'] as const

interface Stream {
  pool: Pool
  departures: Departures
}

/** Draws on the given canvases until closed. */
export class EdgeEngine {
  readonly #strandsLayer: StrandsLayer
  readonly #surface: Surface
  readonly #pace = createPace()
  readonly #streams: Record<(typeof SIDES)[number], Stream>
  #strands: readonly Strand[] = []
  #signature = ''
  #rates: Rates = {}
  #theme = ''
  #calm = false
  #palette: Palette | null = null
  #streaks: Streaks | null = null
  #frame = 0
  #drawnAt = 0

  constructor(strands: [HTMLCanvasElement, HTMLCanvasElement], particles: HTMLCanvasElement) {
    this.#strandsLayer = createStrandsLayer(strands)
    this.#surface = surfaceOn(particles)
    const stream = (): Stream => ({ pool: createPool(), departures: departuresOf([], 'left', {}) })
    this.#streams = { left: stream(), right: stream() }
  }

  /** `width`, `height` in u; `unit` in CSS pixels per u. */
  setStrands(
    strands: readonly Strand[],
    { width, height, unit }: { width: number; height: number; unit: number },
  ): void {
    const density = Math.min(MOST_DENSITY, window.devicePixelRatio || 1)
    const signature = `${width}x${height}@${unit * density} ${strandsSignature(strands)}`
    if (signature === this.#signature) return
    if (signature.split(' ')[0] !== this.#signature.split(' ')[0]) {
      const extent = { width, height, unit, density }
      this.#strandsLayer.resize(extent)
      resize(this.#surface, extent)
    }
    for (const { pool } of Object.values(this.#streams)) followStrands(pool, this.#strands, strands)
    this.#signature = signature
    this.#strands = strands
    this.#strandsLayer.invalidate()
    this.#depart()
  }

  setRates(rates: Rates | null): void {
    const litBefore = litOf(this.#rates)
    this.#rates = rates ?? {}
    if (litOf(this.#rates) !== litBefore) this.#strandsLayer.invalidate()
    this.#depart()
  }

  setLook(theme: string, calm: boolean): void {
    if (theme !== this.#theme) this.#palette = null
    this.#theme = theme
    this.#calm = calm
    this.#strandsLayer.invalidate()
    this.#schedule()
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#strandsLayer.close()
  }

  #depart(): void {
    for (const side of SIDES) {
      this.#streams[side].departures = departuresOf(this.#strands, side, this.#rates)
    }
    this.#schedule()
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame((now) => this.#tick(now))
  }

  #tick(now: number): void {
    this.#frame = 0
    const elapsed = this.#drawnAt === 0 ? USUAL_FRAME_MS : now - this.#drawnAt
    this.#pace.frame(elapsed)
    this.#drawnAt = now
    if (this.#draw(now, Math.min(elapsed, LONGEST_STEP_MS))) this.#schedule()
    else this.#drawnAt = 0
  }

  /** Draws one frame; answers whether another one will differ. */
  #draw(now: number, elapsed: number): boolean {
    if (!this.#palette) {
      this.#palette = readPalette()
      this.#streaks = makeStreaks(this.#palette)
    }
    const palette = this.#palette
    const gain = ({ pod }: Strand): number => ((this.#rates[pod] ?? 0) > 0 ? 1 : UNLIT)
    const isChanging = this.#strandsLayer.draw(this.#strands, palette, now, {
      isHard: this.#pace.share <= SLOW_AT_SHARE,
      gain,
    })
    clear(this.#surface)
    let flying = 0
    for (const { pool, departures } of Object.values(this.#streams)) {
      const wanted = Math.round(particlesFor(departures.total) * this.#pace.share)
      const motion = { elapsedMs: this.#calm ? 0 : elapsed, crossing: crossingMs(null), wanted }
      advance(pool, { ...motion, departures }, Math.random)
      const { g, scale } = this.#surface
      drawPool(g, pool, this.#strands, this.#streaks!, palette.isLight, scale)
      flying += pool.size
    }
    return isChanging || (flying > 0 && !this.#calm)
  }
}

/** Which edges carry anything. */
function litOf(rates: Rates): string {
  return Object.keys(rates)
    .filter((id) => (rates[id] ?? 0) > 0)
    .sort()
    .join()
}
