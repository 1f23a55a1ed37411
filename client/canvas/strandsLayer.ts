// Two canvases that take turns: a new layout is drawn aside and put on the one that is out of sight, then they change over.
import type { Palette } from './palette.ts'
import type { Strand } from './strands.ts'
import type { DrawnStrands, StrandsOrder } from './strandsWorker.ts'
import type { Extent } from './surface.ts'

/** Layouts follow each other quickly during a rollout; drawing one costs a few frames' worth of time. */
const AT_LEAST_MS = 300
/** A machine that takes long to draw one draws them further apart: this many times what the last one took, */
const PAUSE_TIMES = 5
/** but colours never stay behind the tiles for longer than this. */
const AT_MOST_MS = 1_000

export interface StrandsLayer {
  resize(extent: Extent): void
  /** Says that what is drawn is out of date. */
  invalidate(): void
  /**
   * Has them drawn when out of date and not drawn a moment ago; answers whether to ask again at the next frame.
   * `isHard`: one layout follows the other without a transition, which a slow machine could not draw.
   */
  draw(
    strands: readonly Strand[],
    palette: Palette,
    now: number,
    how: { isHard: boolean; gain?: ((strand: Strand) => number) | undefined },
  ): boolean
  close(): void
}

/** The layer on two stacked canvases. */
export function createStrandsLayer(canvases: [HTMLCanvasElement, HTMLCanvasElement]): StrandsLayer {
  const worker = new Worker(new URL('./strandsWorker.ts', import.meta.url), { type: 'module' })
  let [shown, hidden] = canvases
  let extent: Extent | null = null
  let isStale = true
  let isDrawing = false
  let orderedAt = Number.NEGATIVE_INFINITY
  let tookMs = 0
  worker.addEventListener('message', ({ data }: MessageEvent<DrawnStrands>) => {
    isDrawing = false
    tookMs = data.tookMs
    hidden.getContext('bitmaprenderer')?.transferFromImageBitmap(data.picture)
    hidden.dataset['shown'] = 'true'
    shown.dataset['shown'] = 'false'
    ;[shown, hidden] = [hidden, shown]
  })
  return {
    resize(next) {
      extent = next
      isStale = true
      orderedAt = Number.NEGATIVE_INFINITY
    },
    invalidate() {
      isStale = true
    },
    draw(strands, palette, now, { isHard, gain }) {
      if (!isStale || !extent) return false
      if (isDrawing || now - orderedAt < pauseAfter(tookMs)) return true
      for (const canvas of canvases) canvas.dataset['hard'] = String(isHard)
      worker.postMessage(orderOf(strands, palette, extent, gain))
      isDrawing = true
      isStale = false
      orderedAt = now
      return false
    },
    close: () => worker.terminate(),
  }
}

function pauseAfter(tookMs: number): number {
  return Math.max(AT_LEAST_MS, Math.min(AT_MOST_MS, tookMs * PAUSE_TIMES))
}

function orderOf(
  strands: readonly Strand[],
  { isLight, strand }: Palette,
  { width, height, unit, density }: Extent,
  gain: ((strand: Strand) => number) | undefined,
): StrandsOrder {
  const scale = unit * density
  return {
    strands,
    gains: gain ? strands.map(gain) : null,
    palette: { isLight, strand },
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    scale,
  }
}
