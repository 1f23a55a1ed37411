// A picture that the pods of a Job leave in bands, as their last words (server/programs/mandelbrot). Pure.
import type { Pod } from '../../../shared/kubernetes/pod.ts'

export interface Band {
  first: number
  rows: number
  /** One base64 letter a pixel: `A` is dark, `/` is bright. */
  pixels: string
}

export interface Picture {
  width: number
  height: number
  bands: readonly Band[]
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const MOST_PIXELS = 4_000_000

interface Message extends Band {
  width: number
  height: number
}

/** The picture as far as it was painted; null when these pods paint none. */
export function pictureOf(pods: readonly Pod[]): Picture | null {
  const bands = pods.flatMap(({ status }) => {
    const text = status?.containerStatuses?.[0]?.state?.terminated?.message
    return text === undefined ? [] : (bandIn(text) ?? [])
  })
  const [first] = bands
  if (!first) return null
  const { width, height } = first
  return { width, height, bands: bands.filter((band) => band.width === width) }
}

function bandIn(text: string): Message | undefined {
  try {
    const { mandelbrot } = JSON.parse(text) as { mandelbrot?: Message }
    if (!mandelbrot) return undefined
    const { width, height, rows, pixels } = mandelbrot
    const isSound = width * height <= MOST_PIXELS && pixels.length === width * rows
    return isSound ? mandelbrot : undefined
  } catch {
    return undefined
  }
}

/** 0–1 by pixel of a band, row after row. */
export function shadesOf({ pixels }: Band): Float32Array {
  return Float32Array.from(pixels, (letter) => Math.max(0, LETTERS.indexOf(letter)) / 63)
}
