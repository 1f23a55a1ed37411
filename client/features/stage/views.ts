// The views the stage is about, out of the feed.
import { useMemo } from 'react'
import type { FleetView, PodView, RolloutView, ServiceView } from '../../../shared/stage.ts'
import { usePacedPods, useViews } from '../../live/live.ts'

/** The Deployment of the servers; null without the demo. */
export function useRollout(): RolloutView | null {
  return useViews('rollout')[0] ?? null
}

/** The ReplicationController of the loadbots; null without the demo. */
export function useFleet(): FleetView | null {
  return useViews('fleet')[0] ?? null
}

/** The Service in front of the servers; null without the demo. */
export function useService(): ServiceView | null {
  return useViews('service')[0] ?? null
}

/** As many as a hall can follow one by one. */
const FEW = 300
const MANY = 2_000

/** Tiles show what the API said within a tenth of a second, however many there are. */
export const TILE_PACE = (count: number): number => (count <= FEW ? 0 : count <= MANY ? 33 : 66)
/** Counts and words are read, not watched. */
export const COUNT_PACE = (count: number): number => (count <= FEW ? 0 : 250)

/** The server pods, for what counts them. */
export function useServers(): readonly PodView[] {
  const pods = usePacedPods(COUNT_PACE)
  return useMemo(() => pods.filter(({ role }) => role === 'server'), [pods])
}
