// A canvas of the page whose context is scaled to u.

export interface Surface {
  canvas: HTMLCanvasElement
  g: CanvasRenderingContext2D
  /** Device pixels per u. */
  scale: number
}

export interface Extent {
  /** In u. */
  width: number
  height: number
  /** CSS pixels per u. */
  unit: number
  /** Device pixels per CSS pixel, already capped. */
  density: number
}

/** A surface on `canvas`. */
export function surfaceOn(canvas: HTMLCanvasElement): Surface {
  return { canvas, g: canvas.getContext('2d')!, scale: 1 }
}

/** Gives the canvas the extent's pixels; it is empty afterwards. */
export function resize(surface: Surface, { width, height, unit, density }: Extent): void {
  surface.scale = unit * density
  surface.canvas.width = Math.max(1, Math.round(width * surface.scale))
  surface.canvas.height = Math.max(1, Math.round(height * surface.scale))
  toUnits(surface)
}

/** The context measures in u again. */
export function toUnits({ g, scale }: Surface): void {
  g.setTransform(scale, 0, 0, scale, 0, 0)
}

/** Empties the whole canvas. */
export function clear({ canvas, g }: Surface): void {
  g.setTransform(1, 0, 0, 1, 0, 0)
  g.clearRect(0, 0, canvas.width, canvas.height)
}
