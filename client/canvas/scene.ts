// The whole flow as data: what stands where, in which state. Pure; the canvas only draws it.
import type { NodeView, PodView, ProxyMode, ServiceView } from '../../shared/stage.ts'
import type { Band, Slots } from './bands.ts'
import { placeBands } from './bands.ts'
import type { Density } from './density.ts'
import { frameOf } from './frame.ts'
import type { Frame } from './frame.ts'
import type { Places, SourceMark } from './sources.ts'
import { keepPlaces, placeSources } from './sources.ts'
import type { Strand } from './strands.ts'
import { leftStrands, rightStrands, strandsSignature } from './strands.ts'

export interface SceneInput {
  /** In u. */
  width: number
  height: number
  pods: readonly PodView[]
  nodes: readonly NodeView[]
  service: ServiceView | null
  knownVersions: readonly string[]
}

export interface Scene {
  frame: Frame
  sources: readonly SourceMark[]
  bands: readonly Band[]
  density: Density
  /** Pods that no node has taken yet. */
  waiting: readonly PodView[]
  strands: readonly Strand[]
  signature: string
  gate: { mode: ProxyMode | null } | null
  /** Kept from scene to scene: places are for life, tile sizes do not flicker. */
  memory: { places: Places; tileSize: number; slots: Slots }
}

/** The scene of `input`, keeping what must not jump from the scene before. */
export function sceneOf(input: SceneInput, previous: Scene | null): Scene {
  const frame = frameOf(input.width, input.height)
  const loadbots = input.pods.filter(
    ({ role, state }) => role === 'loadbot' && state !== 'succeeded',
  )
  const tiled = input.pods.filter(({ role }) => role === 'server' || role === 'other')
  const places = keepPlaces(
    previous?.memory.places ?? new Map<string, number>(),
    loadbots.map(({ uid }) => uid),
  )
  const sources = placeSources(frame, loadbots, places)
  const placed = tiled.filter(({ node }) => node !== null)
  const { bands, density, slots } = placeBands(
    frame,
    input.nodes,
    placed,
    input.knownVersions,
    previous?.memory ?? null,
  )
  const strands = input.service
    ? [...leftStrands(frame, sources), ...rightStrands(frame, bands)]
    : []
  return {
    frame,
    sources,
    bands,
    density,
    waiting: tiled.filter(({ node }) => node === null),
    strands,
    signature: `${frame.width}x${frame.height}:${strandsSignature(strands)}`,
    gate: input.service && { mode: input.service.proxyMode },
    memory: { places, tileSize: density.size, slots },
  }
}
