// How large tiles are: the largest size at which every node's pods fit into its band.

export interface Density {
  /** Side of a tile and the gap between two, in u. */
  size: number
  gap: number
  columns: number
  rows: number
}

const STEPS = [
  { size: 36, gap: 4 },
  { size: 32, gap: 4 },
  { size: 28, gap: 4 },
  { size: 22, gap: 5 },
  { size: 16, gap: 4 },
  { size: 10, gap: 3 },
  { size: 6, gap: 2 },
  { size: 4, gap: 1 },
  { size: 2, gap: 0.5 },
  { size: 1.5, gap: 0.25 },
  { size: 1, gap: 0.25 },
  { size: 0.75, gap: 0 },
] as const

/** Up to this side a pod is one cell of a texture: a colour, without shape or motion. */
export const TEXTURE_UP_TO = 4

/** A bigger size is taken again only when it would leave so many places free, so that a surge does not flicker. */
const ROOM_TO_GROW = 2

/**
 * The density for bands of `width` by `height` u of which the fullest holds `pods`.
 * `previous` is the size in force; the smallest step is taken when nothing fits.
 */
export function densityFor(
  width: number,
  height: number,
  pods: number,
  previous?: number,
): Density {
  const grids = STEPS.map((step) => gridOf(step, width, height))
  const fits = ({ size, columns, rows }: Density): boolean => {
    const isGrowing = previous !== undefined && size > previous
    return pods + (isGrowing ? ROOM_TO_GROW : 0) <= columns * rows
  }
  return grids.find(fits) ?? grids[grids.length - 1]!
}

function gridOf(step: { size: number; gap: number }, width: number, height: number): Density {
  const count = (length: number): number =>
    Math.max(0, Math.floor((length + step.gap + 0.01) / (step.size + step.gap)))
  return { ...step, columns: count(width), rows: count(height) }
}
