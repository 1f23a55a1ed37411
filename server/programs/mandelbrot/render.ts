// One band of a picture of the Mandelbrot set, in shades that a letter can hold.

/** The part of the plane that is shown: the whole set, with a little room around it. */
const VIEW = { left: -2.2, width: 3.2, middle: 0 }
/** How many shades there are: as many as base64 has letters. */
const SHADES = 64
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** From dark to bright, for terminals. */
const RAMP = ' .:-=+*#%@'

export interface Picture {
  width: number
  height: number
  /** Each pixel is the mean of samples × samples points. */
  samples: number
  /** A point that has not left by then belongs to the set. */
  iterations: number
}

/** The band `tile` of `tiles`: its first row, and how many rows it has. */
export function bandOf(
  { height }: Picture,
  tile: number,
  tiles: number,
): { first: number; rows: number } {
  const first = Math.floor((height * tile) / tiles)
  return { first, rows: Math.floor((height * (tile + 1)) / tiles) - first }
}

/** How many steps it takes the point to leave; `iterations` when it does not. */
export function stepsAt(cx: number, cy: number, iterations: number): number {
  let x = 0
  let y = 0
  for (let step = 0; step < iterations; step += 1) {
    const xx = x * x
    const yy = y * y
    if (xx + yy > 4) return step
    y = 2 * x * y + cy
    x = xx - yy + cx
  }
  return iterations
}

/** 0 for the set itself; outside, brighter the longer a point takes to leave. */
function shadeOf(steps: number, iterations: number): number {
  if (steps >= iterations) return 0
  return Math.min(SHADES - 1, 1 + Math.floor(10 * Math.log2(1 + steps)))
}

/** The shades (0 to 63) of `rows` rows from row `first` on, row after row. */
export function renderBand(picture: Picture, first: number, rows: number): Uint8Array {
  const { width, height, samples, iterations } = picture
  const size = VIEW.width / width
  const top = VIEW.middle + (size * height) / 2
  const shades = new Uint8Array(width * rows)
  for (let at = 0; at < shades.length; at += 1) {
    const column = at % width
    const row = first + Math.floor(at / width)
    let sum = 0
    for (let sample = 0; sample < samples * samples; sample += 1) {
      const dx = ((sample % samples) + 0.5) / samples
      const dy = (Math.floor(sample / samples) + 0.5) / samples
      const cx = VIEW.left + (column + dx) * size
      const cy = top - (row + dy) * size
      sum += shadeOf(stepsAt(cx, cy, iterations), iterations)
    }
    shades[at] = Math.round(sum / (samples * samples))
  }
  return shades
}

/** One letter a pixel: `A` is shade 0, `/` is 63. */
export function lettersOf(shades: Uint8Array): string {
  return Array.from(shades, (shade) => LETTERS[shade]).join('')
}

/** The band as lines of text, `columns` wide; letters are twice as high as wide. */
export function drawBand(shades: Uint8Array, width: number, columns: number): string[] {
  const step = Math.max(1, Math.round(width / columns))
  const lines: string[] = []
  for (let row = step; row * width <= shades.length; row += 2 * step) {
    let line = ''
    for (let column = 0; column < width; column += step) {
      const shade = shades[(row - 1) * width + column] ?? 0
      line += RAMP[Math.floor((shade * RAMP.length) / SHADES)]
    }
    lines.push(line)
  }
  return lines
}
