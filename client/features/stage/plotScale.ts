// From measurements to places in the plot.
import type { PlacedMark, Series } from './chartModel.ts'
import { WINDOW_SECONDS } from './chartModel.ts'

export interface PlotProps {
  size: { width: number; height: number }
  /** CSS pixels per u. */
  unit: number
  series: Series
  marks: readonly PlacedMark[]
  domain: { goal: number; top: number }
  target: number | null
  /** What stands at the right end: `now`, or the time that is shown. */
  end: string
}

/** Room around the areas, in u: for the end dot above, for ticks at the right and below. */
export const ROOM = { top: 14, right: 88, bottom: 32 }

/** From seconds and requests per second to pixels. */
export interface Scale {
  x: (t: number) => number
  y: (rate: number) => number
  width: number
  floor: number
}

/** The scale of a plot. */
export function scaleOf({ size, unit, domain }: PlotProps): Scale {
  const width = size.width - ROOM.right * unit
  const top = ROOM.top * unit
  const floor = size.height - ROOM.bottom * unit
  return {
    x: (t) => (1 + t / WINDOW_SECONDS) * width,
    y: (rate) => floor - (rate / domain.top) * (floor - top),
    width,
    floor,
  }
}
