// The colours the canvas draws with, read from the style sheet, so that there is one place for colours.
import type { StrandTone } from './strands.ts'
import type { TileTone } from './tone.ts'

export interface Palette {
  /** The theme it was read under. */
  theme: string
  isLight: boolean
  bg: string
  t1: string
  t2: string
  t3: string
  s3: string
  line: string
  line2: string
  fail: string
  failBg: string
  pip: string
  fill: Record<TileTone, string>
  edge: Record<TileTone, string>
  strand: Record<StrandTone, string>
}

/** The palette in force on the page. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const theme = document.documentElement.dataset['theme'] ?? 'dark'
  return {
    theme,
    isLight: theme === 'light',
    bg: read('bg'),
    t1: read('t1'),
    t2: read('t2'),
    t3: read('t3'),
    s3: read('s3'),
    line: read('line'),
    line2: read('line2'),
    fail: read('fail'),
    failBg: read('fail-bg'),
    pip: read('pip'),
    fill: { 1: read('v1'), 2: read('v2'), 3: read('v3'), none: read('t3') },
    edge: { 1: read('v1-edge'), 2: read('v2-edge'), 3: read('v3-edge'), none: read('t3') },
    strand: {
      unrouted: read('unrouted'),
      1: read('v1-strand'),
      2: read('v2-strand'),
      3: read('v3-strand'),
    },
  }
}

/** Red, green and blue, 0–255, of `#58a6ff`, or of `#eee` as the build shortens it. */
function channels(hex: string): number[] {
  const isShort = hex.length === 4
  return [0, 1, 2].map((at) => {
    const digits = isShort ? hex.charAt(1 + at).repeat(2) : hex.slice(1 + at * 2, 3 + at * 2)
    return Number.parseInt(digits, 16)
  })
}

/** A hex colour moved by `share` towards white (dark theme) or black (light theme), as `rgba()` with `alpha`. */
export function mixed(
  hex: string,
  share: number,
  towards: 'white' | 'black',
  alpha: number,
): string {
  const parts = channels(hex).map((value) =>
    Math.round(towards === 'black' ? value * (1 - share) : value + (255 - value) * share),
  )
  return `rgba(${parts.join()},${alpha})`
}
