// Where the parts of the flow stand, in u. A wider screen gives its width to the curves, a taller one its height to all.

export interface Frame {
  width: number
  height: number
  /** First and last column of loadbots. */
  sourcesLeft: number
  sourcesRight: number
  /** The Service. */
  gateX: number
  /** Where traffic lands on a node, and where its tiles and its label begin. */
  portX: number
  tilesX: number
  tilesWidth: number
  labelX: number
  /** First and last line of what flows. */
  top: number
  bottom: number
  centreY: number
}

/** The height of the opening in the Service through which all strands pass. */
export const APERTURE = 100

const MARGIN_TOP = 54
const MARGIN_BOTTOM = 7
const TILES_FROM_RIGHT = 522
const TILES_WIDTH = 362
const GATE_SHARE = (772 - 184) / (1380 - 184)

/** The frame of a flow of `width` by `height` u. */
export function frameOf(width: number, height: number): Frame {
  const tilesX = width - TILES_FROM_RIGHT
  const portX = tilesX - 18
  const sourcesRight = 184
  const bottom = height - MARGIN_BOTTOM
  return {
    width,
    height,
    sourcesLeft: 52,
    sourcesRight,
    gateX: sourcesRight + (portX - sourcesRight) * GATE_SHARE,
    portX,
    tilesX,
    tilesWidth: TILES_WIDTH,
    labelX: tilesX + 378,
    top: MARGIN_TOP,
    bottom,
    centreY: (MARGIN_TOP + bottom) / 2,
  }
}
