// The minutes that can be looked back at, as places on a line. Pure.
import type { CommandView, LoadView } from '../../../shared/stage.ts'
import { happeningOf } from '../../live/happenings.ts'

/** From when until when, in ms since the epoch. */
export interface Span {
  from: number
  to: number
}

/** The line is never shorter than this, so that a page just opened does not stretch a second over all of it. */
const SHORTEST_MS = 60_000
const STEPS_MS = [10_000, 30_000, 60_000, 120_000]
const MOST_TICKS = 10
/** The line is drawn with so many points at most. */
const MOST_POINTS = 300
/** A flag's words are as wide as this share of the line at least. */
const FLAG_SHARE = 0.075
const CHARACTER_SHARE = 0.0062

/** What the line spans: all that is kept, up to now. */
export function spanOf(oldest: number, now: number): Span {
  return { from: Math.min(oldest, now - SHORTEST_MS), to: now }
}

/** Where a moment stands on the line, 0–1. */
export function shareOf(at: number, { from, to }: Span): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)))
}

/** Round distances from now, farthest first: `−10 min`, `−9`; seconds where there are few minutes. */
export function ticksOf(span: Span): { share: number; words: string }[] {
  const length = span.to - span.from
  const step = STEPS_MS.find((each) => length / each <= MOST_TICKS) ?? STEPS_MS.at(-1)!
  const count = Math.floor(length / step)
  const isMinutes = step >= 60_000
  return Array.from({ length: count }, (_, index) => {
    const before = (count - index) * step
    const figure = `−${before / (isMinutes ? 60_000 : 1_000)}`
    const words = index === 0 ? `${figure} ${isMinutes ? 'min' : 's'}` : figure
    return { share: shareOf(span.to - before, span), words }
  })
}

export interface Flag {
  key: string
  share: number
  words: string
}

/** What happened in that time, newest first as far as there is room for words. */
export function flagsOf(commands: readonly CommandView[], span: Span): Flag[] {
  const flags: Flag[] = []
  let taken = 1
  for (const { key, at, line } of commands.toSorted((a, b) => b.at - a.at)) {
    const happening = happeningOf(line)
    if (!happening || at < span.from || at > span.to) continue
    const share = shareOf(at, span)
    const half = Math.max(FLAG_SHARE, happening.words.length * CHARACTER_SHARE) / 2
    if (share + half > taken || share - half < 0) continue
    taken = share - half
    flags.push({ key, share, words: happening.words })
  }
  return flags
}

/** One version's area: from left to right the shares of the line and the rates under and over it. */
export interface Layer {
  version: string
  points: { share: number; low: number; high: number }[]
}

const byNumber = new Intl.Collator('en', { numeric: true })

/** The measurements as layers, the newest version at the floor, and the highest rate of all. */
export function layersOf(
  measurements: readonly LoadView[],
  span: Span,
): { layers: Layer[]; peak: number } {
  const every = Math.max(1, Math.ceil(measurements.length / MOST_POINTS))
  const kept = measurements.filter((_, index) => index % every === 0)
  const versions = new Set(kept.flatMap(({ byVersion }) => Object.keys(byVersion)))
  const sums = kept.map(() => 0)
  const layers = [...versions]
    .sort((a, b) => byNumber.compare(b, a))
    .map((version): Layer => ({
      version,
      points: kept.map(({ at, byVersion }, index) => {
        const low = sums[index]!
        const high = low + (byVersion[version] ?? 0)
        sums[index] = high
        return { share: shareOf(at, span), low, high }
      }),
    }))
  return { layers, peak: Math.max(0, ...sums) }
}
