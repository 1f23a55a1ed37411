// One band per node: its port, its tiles in fixed slots, its label. Past a handful of nodes the last band gathers the rest.
import type { NodeView, PodState, PodView } from '../../shared/stage.ts'
import type { Density } from './density.ts'
import { densityFor } from './density.ts'
import type { Frame } from './frame.ts'
import type { TileTone } from './tone.ts'
import { toneOf } from './tone.ts'

export interface TileMark {
  /** Place on the canvas that is this tile's alone: `band/slot`. */
  cell: string
  uid: string
  /** `namespace/name` */
  key: string
  name: string
  state: PodState
  tone: TileTone
  version: string
  progress: number
  /** Of a stopping pod: from when to when its grace runs, in ms of the stage's clock. */
  grace: { since: number; until: number } | null
  x: number
  y: number
  size: number
}

/** A place in the last partly filled row that no pod has. */
export interface FreeMark {
  cell: string
  x: number
  y: number
  size: number
}

export interface Band {
  /** The node's name, or `+5 nodes`. */
  name: string
  nodes: readonly NodeView[]
  y: number
  height: number
  /** Row by row, each from left to right. */
  tiles: readonly TileMark[]
  free: readonly FreeMark[]
  /** Side of its tiles, in u. */
  tileSize: number
  isReady: boolean
  isSimulated: boolean
}

/** More bands than this would be too low to read. */
const MOST_BANDS = 8
const GAP = 13
const LOWEST_GAP_SHARE = 0.16
const FEWEST_ROWS = 2
/** The band that gathers very many nodes stands for most of the pods: it is as high as several. */
const GATHERED = { fewest: 16, shown: 5, weight: 4 }

const byName = new Intl.Collator('en', { numeric: true })

interface Group {
  name: string
  nodes: NodeView[]
}

function groupsOf(nodes: readonly NodeView[]): Group[] {
  // Nodes that run real processes come first: simulated ones must not push them out of sight.
  const sorted = [...nodes].sort(
    (a, b) => Number(a.simulated) - Number(b.simulated) || byName.compare(a.name, b.name),
  )
  if (sorted.length <= MOST_BANDS) return sorted.map((node) => ({ name: node.name, nodes: [node] }))
  const alone = sorted.length >= GATHERED.fewest ? GATHERED.shown : MOST_BANDS - 1
  const shown = sorted.slice(0, alone)
  const rest = sorted.slice(alone)
  return [
    ...shown.map((node) => ({ name: node.name, nodes: [node] })),
    { name: `+${rest.length} nodes`, nodes: rest },
  ]
}

/** Which place each pod has in its band, by uid. */
export type Slots = ReadonlyMap<string, number>

/**
 * The pods of a band by their places, some of which are empty: the place it had, else its own slot on its node, else the
 * lowest free one. Slots grow past the band while pods overlap in an update; then a pod stands in a free place for the
 * rest of its life.
 */
function slotsOf(
  pods: readonly PodView[],
  capacity: number,
  previous: Slots,
): (PodView | undefined)[] {
  const placed: (PodView | undefined)[] = Array.from({ length: capacity })
  const settle = (pod: PodView, slot: number | null | undefined): boolean => {
    if (slot === null || slot === undefined || slot >= capacity || placed[slot]) return false
    placed[slot] = pod
    return true
  }
  const newcomers = pods.filter((pod) => !settle(pod, previous.get(pod.uid)))
  const homeless = newcomers.filter((pod) => !settle(pod, pod.slot))
  let free = 0
  for (const pod of homeless) {
    while (placed[free]) free += 1
    placed[free] = pod
  }
  return placed
}

/** The bands of `nodes` with the tiles of `pods`, keeping tile size and places of the scene before. */
export function placeBands(
  frame: Frame,
  nodes: readonly NodeView[],
  pods: readonly PodView[],
  knownVersions: readonly string[],
  previous: { tileSize: number; slots: Slots } | null,
): { bands: Band[]; density: Density; slots: Slots } {
  const groups = groupsOf(nodes)
  const byNode = groupByNode(pods)
  const members = groups.map((group) => group.nodes.flatMap(({ name }) => byNode.get(name) ?? []))
  const room = frame.bottom - frame.top
  const isGathered = (at: number): boolean => groups[at]!.nodes.length > 1
  const weightOf = ({ nodes: { length } }: Group): number =>
    length >= GATHERED.fewest - GATHERED.shown ? GATHERED.weight : 1
  const weight = groups.reduce((sum, group) => sum + weightOf(group), 0)
  const gap = Math.min(GAP, (room / Math.max(1, weight)) * LOWEST_GAP_SHARE)
  const pitch = (room + gap) / Math.max(1, weight)
  const height = pitch - gap
  const fullest = Math.max(0, ...members.map(({ length }, at) => (isGathered(at) ? 0 : length)))
  const density = densityFor(frame.tilesWidth, height, fullest, previous?.tileSize)
  const slots = new Map<string, number>()
  const bands = groups.map((group, at): Band => {
    const y = frame.top + at * pitch
    const ownHeight = pitch * weightOf(group) - gap
    // The band that gathers the rest must not make the tiles of all others as small as its own.
    const own = isGathered(at)
      ? densityFor(frame.tilesWidth, ownHeight, members[at]!.length)
      : density
    const place = placer(frame, y + (ownHeight - blockHeight(own)) / 2, at, own)
    const slotted = slotsOf(members[at]!, own.columns * own.rows, previous?.slots ?? slots)
    const tiles: TileMark[] = []
    for (const [slot, pod] of slotted.entries()) {
      if (!pod) continue
      slots.set(pod.uid, slot)
      tiles.push(tileOf(pod, place(slot), knownVersions))
    }
    return {
      name: group.name,
      nodes: group.nodes,
      y,
      height: ownHeight,
      tiles,
      free: freeSlots(slotted, own).map(place),
      tileSize: own.size,
      isReady: group.nodes.every(({ ready }) => ready),
      isSimulated: group.nodes.every(({ simulated }) => simulated),
    }
  })
  return { bands, density, slots }
}

function groupByNode(pods: readonly PodView[]): Map<string, PodView[]> {
  const groups = new Map<string, PodView[]>()
  for (const pod of pods) {
    const group = groups.get(pod.node ?? '')
    if (group) group.push(pod)
    else groups.set(pod.node ?? '', [pod])
  }
  return groups
}

/** All rows that fit, whether used or not: rows must not move when another one begins. */
function blockHeight({ rows, size, gap }: Density): number {
  return rows * (size + gap) - gap
}

function placer(
  frame: Frame,
  y: number,
  band: number,
  density: Density,
): (slot: number) => FreeMark {
  const step = density.size + density.gap
  const columns = Math.max(1, density.columns)
  return (slot) => ({
    cell: `${band}/${slot}`,
    x: frame.tilesX + (slot % columns) * step,
    y: y + Math.floor(slot / columns) * step,
    size: density.size,
  })
}

/** Tiles of pods that did not change since: at five thousand pods most are the same from scene to scene. */
const made = new WeakMap<PodView, { tile: TileMark; knownVersions: readonly string[] }>()

function tileOf(pod: PodView, place: FreeMark, knownVersions: readonly string[]): TileMark {
  const held = made.get(pod)
  if (held?.knownVersions === knownVersions && isSamePlace(held.tile, place)) return held.tile
  const { uid, key, name, state, version, progress } = pod
  const tone = pod.role === 'server' ? toneOf(version, knownVersions) : 'none'
  const grace = pod.stopsBy === null ? null : { since: pod.since, until: pod.stopsBy }
  const tile: TileMark = { ...place, uid, key, name, state, version, progress, grace, tone }
  made.set(pod, { tile, knownVersions })
  return tile
}

function isSamePlace(a: FreeMark, b: FreeMark): boolean {
  return a.cell === b.cell && a.x === b.x && a.y === b.y && a.size === b.size
}

function freeSlots(slotted: readonly (PodView | undefined)[], density: Density): number[] {
  const columns = Math.max(1, density.columns)
  const last = Math.max(
    0,
    slotted.findLastIndex((pod) => pod !== undefined),
  )
  // A node with few pods or none shows two free rows, so that it looks like a place and not like a gap.
  const rows = Math.max(Math.floor(last / columns) + 1, Math.min(FEWEST_ROWS, density.rows))
  const free: number[] = []
  for (let slot = 0; slot < rows * columns; slot += 1) if (!slotted[slot]) free.push(slot)
  return free
}
