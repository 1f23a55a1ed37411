// Two canvases that take turns: a new layout is drawn on the one that is out of sight, then they change over.
import { drawStrands } from './drawStrands.ts'
import type { Palette } from './palette.ts'
import type { Strand } from './strands.ts'
import { clear, resize, surfaceOn } from './surface.ts'
import type { Extent } from './surface.ts'

/** Layouts follow each other quickly during a rollout; drawing one costs a few frames' worth of time. */
const AT_LEAST_MS = 300
/** A machine that takes long to draw one draws them further apart: this many times what the last one took. */
const PAUSE_TIMES = 10

export interface StrandsLayer {
  resize(extent: Extent): void
  /** Says that what is drawn is out of date. */
  invalidate(): void
  /** Draws when out of date and not drawn a moment ago; answers whether more is to come. */
  draw(
    strands: readonly Strand[],
    palette: Palette,
    now: number,
    gain?: (strand: Strand) => number,
  ): boolean
}

/** The layer on two stacked canvases. */
export function createStrandsLayer(canvases: [HTMLCanvasElement, HTMLCanvasElement]): StrandsLayer {
  let [shown, hidden] = [surfaceOn(canvases[0]), surfaceOn(canvases[1])]
  let extent: Extent | null = null
  let isStale = true
  let drawnAt = Number.NEGATIVE_INFINITY
  let tookMs = 0
  return {
    resize(next) {
      extent = next
      resize(shown, next)
      resize(hidden, next)
      isStale = true
      drawnAt = Number.NEGATIVE_INFINITY
    },
    invalidate() {
      isStale = true
    },
    draw(strands, palette, now, gain) {
      if (!isStale || !extent) return false
      if (now - drawnAt < Math.max(AT_LEAST_MS, tookMs * PAUSE_TIMES)) return true
      const began = performance.now()
      clear(hidden)
      drawStrands(hidden.g, strands, palette, hidden.scale, gain)
      hidden.canvas.dataset['shown'] = 'true'
      shown.canvas.dataset['shown'] = 'false'
      ;[shown, hidden] = [hidden, shown]
      isStale = false
      drawnAt = now
      tookMs = performance.now() - began
      return false
    },
  }
}
