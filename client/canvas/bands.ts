// One band per node: its port, its tiles in fixed slots, its label. Past a handful of nodes the last band gathers the rest.
import type { NodeView, PodState, PodView } from '../../shared/stage.ts'
import type { Density } from './density.ts'
import { densityFor } from './density.ts'
import type { Frame } from './frame.ts'
import type { Tone } from './tone.ts'
import { toneOf } from './tone.ts'

export interface TileMark {
  /** Place on the canvas that is this tile's alone: `band/slot`. */
  cell: string
  uid: string
  name: string
  state: PodState
  tone: Tone
  version: string
  progress: number
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
  /** The node's name, or `5 more nodes`. */
  name: string
  nodes: readonly NodeView[]
  y: number
  height: number
  tiles: readonly TileMark[]
  free: readonly FreeMark[]
  isReady: boolean
  isSimulated: boolean
}

/** More bands than this would be too low to read. */
const MOST_BANDS = 8
const GAP = 13
const LOWEST_GAP_SHARE = 0.16

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
  const shown = sorted.slice(0, MOST_BANDS - 1)
  const rest = sorted.slice(MOST_BANDS - 1)
  return [
    ...shown.map((node) => ({ name: node.name, nodes: [node] })),
    { name: `${rest.length} more nodes`, nodes: rest },
  ]
}

/** The slot of each pod of a band: its own on its node; in a gathered band one after the other. */
function slotsOf(group: Group, pods: readonly PodView[]): [PodView, number][] {
  if (group.nodes.length > 1) {
    const sorted = [...pods].sort(
      (a, b) => byName.compare(a.node ?? '', b.node ?? '') || (a.slot ?? 0) - (b.slot ?? 0),
    )
    return sorted.map((pod, at) => [pod, at])
  }
  return pods.map((pod) => [pod, pod.slot ?? 0])
}

/** The bands of `nodes` with the tiles of `pods` (the server pods). `previousSize`: the tile size in force. */
export function placeBands(
  frame: Frame,
  nodes: readonly NodeView[],
  pods: readonly PodView[],
  knownVersions: readonly string[],
  previousSize: number | null,
): { bands: Band[]; density: Density } {
  const groups = groupsOf(nodes)
  const byNode = groupByNode(pods)
  const slotted = groups.map((group) =>
    slotsOf(
      group,
      group.nodes.flatMap(({ name }) => byNode.get(name) ?? []),
    ),
  )
  const pitch = (frame.bottom - frame.top) / Math.max(1, groups.length)
  const gap = Math.min(GAP, pitch * LOWEST_GAP_SHARE)
  const height = pitch - gap
  const needed = slotted.map((slots) => Math.max(0, ...slots.map(([, slot]) => slot + 1)))
  const density = densityFor(frame.tilesWidth, height, Math.max(0, ...needed), previousSize)
  const bands = groups.map((group, at): Band => {
    const y = frame.top + gap / 2 + at * pitch
    const place = placer(frame, y, at, density)
    return {
      name: group.name,
      nodes: group.nodes,
      y,
      height,
      tiles: slotted[at]!.map(([pod, slot]) => tileOf(pod, place(slot), knownVersions)),
      free: freeSlots(slotted[at]!, needed[at]!, density).map(place),
      isReady: group.nodes.every(({ ready }) => ready),
      isSimulated: group.nodes.every(({ simulated }) => simulated),
    }
  })
  return { bands, density }
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

function tileOf(pod: PodView, place: FreeMark, knownVersions: readonly string[]): TileMark {
  const { uid, name, state, version, progress } = pod
  return { ...place, uid, name, state, version, progress, tone: toneOf(version, knownVersions) }
}

function freeSlots(slotted: [PodView, number][], needed: number, density: Density): number[] {
  const taken = new Set(slotted.map(([, slot]) => slot))
  const columns = Math.max(1, density.columns)
  // A node without pods shows one free row, so that it does not look absent.
  const shown = Math.max(1, Math.ceil(needed / columns)) * columns
  return Array.from({ length: shown }, (_, slot) => slot).filter((slot) => !taken.has(slot))
}
