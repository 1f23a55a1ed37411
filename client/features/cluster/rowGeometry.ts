// Where the parts of a node's row stand, in u. Pure.

export const WIDTH = 1300
/** Of the scale: what stands left of it are the nodes' names, right of it what is used. */
const LEFT = 156
const RIGHT = 1160
/** Above the first row: the scale's numbers. */
const HEAD = 80
const TALLEST_ROW = 186
const TALLEST_BAR = 72
/** Lower than this a row has no room for its second lines. */
const LOW = 118
const LOWEST_ROW = 56

export interface Geometry {
  /** Rows there is room for. */
  shown: number
  /** Percent at the right end. */
  scale: number
  /** Percent to u. */
  x: (percent: number) => number
  /** Upper edge of a row's bar. */
  top: (row: number) => number
  /** Height of a bar, and the room above it up to the line between two rows. */
  bar: number
  above: number
  isLow: boolean
}

/** The geometry of so many rows in `height` u. */
export function geometryOf(rows: number, height: number, scale: number): Geometry {
  const room = height - HEAD + 44
  const shown = Math.max(1, Math.min(rows, Math.floor(room / LOWEST_ROW)))
  const pitch = Math.min(TALLEST_ROW, room / shown)
  const isLow = pitch < LOW
  return {
    shown,
    scale,
    x: (percent) => LEFT + (Math.min(percent, scale) / scale) * (RIGHT - LEFT),
    top: (row) => HEAD + row * pitch,
    bar: Math.min(TALLEST_BAR, pitch * (isLow ? 0.42 : 0.4)),
    above: isLow ? pitch * 0.33 : 44,
    isLow,
  }
}
