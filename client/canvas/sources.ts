// Where loadbots stand: staggered columns, filled evenly from top to bottom. A loadbot keeps its place for life.
import type { PodState, PodView } from '../../shared/stage.ts'
import type { Frame } from './frame.ts'

export interface SourceMark {
  uid: string
  /** `namespace/name` */
  key: string
  name: string
  state: PodState
  x: number
  y: number
  radius: number
}

/** Which place each loadbot has, by uid. */
export type Places = ReadonlyMap<string, number>

/** Places for `uids` in their order: known ones keep theirs, new ones take the lowest free. */
export function keepPlaces(previous: Places, uids: readonly string[]): Places {
  const taken = new Set<number>()
  for (const uid of uids) {
    const place = previous.get(uid)
    if (place !== undefined) taken.add(place)
  }
  const next = new Map<string, number>()
  let free = 0
  for (const uid of uids) {
    let place = previous.get(uid)
    if (place === undefined) {
      while (taken.has(free)) free += 1
      place = free
      taken.add(place)
    }
    next.set(uid, place)
  }
  return next
}

const FULL_RADIUS = 9.5
const COMFORTABLE_ROWS = 8
const CLOSEST_PITCH = 26

/** How many columns hold `count` loadbots on `height` u: few while they stand comfortably, more when they would touch. */
function columnsFor(count: number, height: number): number {
  if (count <= COMFORTABLE_ROWS) return 1
  if (count <= COMFORTABLE_ROWS * 2) return 2
  const rowsAtMost = Math.max(1, Math.floor(height / CLOSEST_PITCH))
  return Math.max(3, Math.ceil(count / rowsAtMost))
}

/** The loadbots' marks, top to bottom. */
export function placeSources(frame: Frame, pods: readonly PodView[], places: Places): SourceMark[] {
  const count = Math.max(0, ...pods.map(({ uid }) => (places.get(uid) ?? 0) + 1))
  const height = frame.bottom - frame.top - 6
  const columns = columnsFor(count, height)
  const rows = Math.ceil(count / columns)
  const pitchX = (frame.sourcesRight - frame.sourcesLeft) / Math.max(1, columns - 1)
  const pitchY = height / Math.max(1, rows)
  const radius = Math.min(FULL_RADIUS, pitchY * 0.36, columns > 1 ? pitchX * 0.36 : FULL_RADIUS)
  const marks = pods.map((pod): SourceMark => {
    const place = places.get(pod.uid) ?? 0
    const column = place % columns
    const row = Math.floor(place / columns)
    // Odd columns stand half a row lower, so that strands leave between their neighbours.
    const stagger = columns === 1 ? 0.5 : column % 2 === 1 ? 0.75 : 0.25
    return {
      uid: pod.uid,
      key: pod.key,
      name: pod.name,
      state: pod.state,
      x:
        columns === 1
          ? frame.sourcesRight - 66
          : frame.sourcesRight - (columns - 1 - column) * pitchX,
      y: frame.top + 3 + (row + stagger) * pitchY,
      radius,
    }
  })
  return marks.sort((a, b) => a.y - b.y || a.x - b.x)
}
