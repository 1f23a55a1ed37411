// What the chart shows, worked out of measurements and commands. Pure.
import type { CommandView, LoadView } from '../../../shared/stage.ts'
import type { Happening } from '../../live/happenings.ts'
import { happeningOf } from '../../live/happenings.ts'

/** The chart shows this many seconds. */
export const WINDOW_SECONDS = 60

/** One point: seconds before now (negative), the whole rate, and the rate of each version under its own name. */
export interface Point {
  t: number
  total: number
  byVersion: Record<string, number>
}

export interface Series {
  points: Point[]
  /** Highest version first: it lies at the floor, so that it rises as an update goes on. */
  versions: readonly string[]
}

const byNumber = new Intl.Collator('en', { numeric: true })

/** The measurements of the window, newest at 0 s. One point before the window is kept, so that the area reaches the edge. */
export function seriesOf(samples: readonly LoadView[]): Series {
  const now = samples.at(-1)?.at ?? 0
  const inWindow = samples.findIndex(({ at }) => at >= now - WINDOW_SECONDS * 1000)
  const points = samples.slice(Math.max(0, inWindow - 1)).map((load): Point => ({
    t: (load.at - now) / 1000,
    total: load.rate,
    byVersion: load.byVersion,
  }))
  const versions = new Set<string>()
  for (const { byVersion } of points) {
    for (const [version, rate] of Object.entries(byVersion)) if (rate > 0) versions.add(version)
  }
  return { points, versions: [...versions].sort((a, b) => byNumber.compare(b, a)) }
}

/**
 * The upper edge of a version's area, from left to right: only where that version was served, since an area without
 * height has no edge. `isStart`: nothing joins it to the point before.
 */
export function edgeOf(
  { points, versions }: Series,
  version: string,
): { t: number; y: number; isStart: boolean }[] {
  const upTo = versions.slice(0, versions.indexOf(version) + 1)
  const rateAt = (at: number): number => points[at]?.byVersion[version] ?? 0
  const edge: { t: number; y: number; isStart: boolean }[] = []
  let before = -2
  points.forEach(({ t, byVersion }, at) => {
    if (rateAt(at) === 0 && rateAt(at - 1) === 0 && rateAt(at + 1) === 0) return
    const y = upTo.reduce((sum, each) => sum + (byVersion[each] ?? 0), 0)
    edge.push({ t, y, isStart: before !== at - 1 })
    before = at
  })
  return edge
}

const NICE = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

function niceAbove(value: number): number {
  const scale = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  return (NICE.find((step) => step * scale >= value) ?? 10) * scale
}

const HEADROOM = 1.25
/** A load this many times its target is drawn on a scale of its own: the target was just lowered. */
const FAR_ABOVE = 2

/**
 * Where the y axis ends. With a target: 125 % of it, and a quarter of it more whenever that is exceeded. Without one the
 * goal is the next round number, which is left only upwards, or when the load has fallen to a tenth of it.
 */
export function domainFor(
  target: number | null,
  peak: number,
  previous: { goal: number; top: number } | null,
): { goal: number; top: number } {
  const isGoal = target !== null && target > 0 && peak <= target * FAR_ABOVE
  const goal = isGoal ? target : goalWithout(peak, previous?.goal ?? null)
  const start = previous && previous.goal === goal ? previous.top : goal * HEADROOM
  const steps = Math.max(0, Math.ceil((peak - start) / (goal * 0.25) - 1e-9))
  return { goal, top: start + steps * goal * 0.25 }
}

function goalWithout(peak: number, previous: number | null): number {
  if (previous !== null && peak <= previous * HEADROOM && peak > previous * 0.1) return previous
  return niceAbove(Math.max(100, peak))
}

/** Something that happened, at a second of the window: `update` is a line through the chart, `note` a tick on the floor. */
export interface Mark extends Happening {
  key: string
  t: number
}

/** The commands worth a mark, in the window before `now`. */
export function marksOf(commands: readonly CommandView[], now: number): Mark[] {
  const marks: Mark[] = []
  for (const { key, at, line } of commands) {
    const t = (at - now) / 1000
    if (t < -WINDOW_SECONDS || t > 0) continue
    const happening = happeningOf(line)
    if (happening) marks.push({ key, t, ...happening })
  }
  return marks.sort((a, b) => a.t - b.t)
}

/** A mark with the place of its words: right or left of it, or none, where they would run into others. */
export interface PlacedMark extends Mark {
  place: 'right' | 'left' | 'none'
  /** The second beside which its words stand. Not its own where an update's line has moved under the target's words. */
  wordsAt: number
  /** Of its words, in seconds. */
  length: number
}

/** Characters that fit beside a second of a chart as wide as it usually is. */
const USUAL_DENSITY = 1.15

/**
 * Gives words to the marks, newest first, as far as there is room. Updates have the line above the plot, notes the one on
 * its floor; `taken` are the seconds at the start of the upper line that are not free;
 * `density` is how many characters are as wide as one second.
 */
export function placeMarks(
  marks: readonly Mark[],
  taken: number,
  density = USUAL_DENSITY,
): PlacedMark[] {
  const used: Record<Mark['weight'], [number, number][]> = {
    update: [[-WINDOW_SECONDS, -WINDOW_SECONDS + taken]],
    note: [],
  }
  const isFree = (weight: Mark['weight'], from: number, to: number): boolean =>
    from >= -WINDOW_SECONDS &&
    to <= 0 &&
    used[weight].every(([start, end]) => to <= start || from >= end)
  const placed = marks.toReversed().map((mark): PlacedMark => {
    const length = mark.words.length / density + 1
    const wordsAt = mark.weight === 'update' ? Math.max(mark.t, taken - WINDOW_SECONDS) : mark.t
    const place = isFree(mark.weight, wordsAt, wordsAt + length)
      ? 'right'
      : isFree(mark.weight, wordsAt - length, wordsAt)
        ? 'left'
        : 'none'
    if (place === 'right') used[mark.weight].push([wordsAt, wordsAt + length])
    if (place === 'left') used[mark.weight].push([wordsAt - length, wordsAt])
    return { ...mark, place, wordsAt, length }
  })
  return placed.reverse()
}

/** Failures in each of the last 60 seconds, oldest first. */
export function failuresBySecond(history: readonly LoadView[]): number[] {
  const counts = Array.from({ length: WINDOW_SECONDS }, () => 0)
  const now = Math.floor((history.at(-1)?.at ?? 0) / 1000)
  for (let index = 1; index < history.length; index += 1) {
    const [before, after] = [history[index - 1]!, history[index]!]
    const place = WINDOW_SECONDS - 1 - (now - Math.floor(after.at / 1000))
    // Counters that began anew say nothing about the second between.
    const failed = after.failed - before.failed
    if (place >= 0 && failed > 0) counts[place]! += failed
  }
  return counts
}

const LABEL_PLACES = [-50, -42, -34, -26, -18, -8]
const THICK_ENOUGH = 0.16
/** Seconds between a version's name and the line of an update, or a place where its area is thin. */
const LABEL_CLEARANCE = 3
/** Below this share of the plot's height a version's name would meet the words on the floor. */
const FLOOR_WORDS = 0.3

const wordsSpan = ({ t, place, length }: PlacedMark): [number, number] => {
  return place === 'left' ? [t - length, t] : [t, t + length]
}

/** Whether a version's name at `t`, `share` of the height up, would meet a mark's line or its words. */
function isTaken(marks: readonly PlacedMark[], t: number, share: number): boolean {
  return marks.some((mark) => {
    if (mark.weight === 'update') return Math.abs(mark.t - t) < LABEL_CLEARANCE
    const [from, to] = wordsSpan(mark)
    const isOver = t > from - LABEL_CLEARANCE / 2 && t < to + LABEL_CLEARANCE / 2
    return mark.place !== 'none' && share < FLOOR_WORDS && isOver
  })
}

/** Where a version's name stands in its area: the first place (for the floor: the last) where the area is thick enough and no mark is. */
export function labelPlace(
  { points, versions }: Series,
  version: string,
  top: number,
  marks: readonly PlacedMark[] = [],
): { t: number; y: number } | null {
  const index = versions.indexOf(version)
  const places = index === 0 && versions.length > 1 ? LABEL_PLACES.toReversed() : LABEL_PLACES
  const pointAt = (t: number): Point | undefined => points.findLast((each) => each.t <= t)
  const isThick = (t: number): boolean =>
    (pointAt(t)?.byVersion[version] ?? 0) >= top * THICK_ENOUGH
  for (const t of places) {
    if (!isThick(t) || !isThick(t - LABEL_CLEARANCE) || !isThick(t + LABEL_CLEARANCE)) continue
    const rates = pointAt(t)?.byVersion ?? {}
    const below = versions.slice(0, index).reduce((sum, each) => sum + (rates[each] ?? 0), 0)
    const y = below + (rates[version] ?? 0) / 2
    if (!isTaken(marks, t, y / top)) return { t, y }
  }
  return null
}
