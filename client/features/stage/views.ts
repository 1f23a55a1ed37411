// The views the stage is about, out of the feed.
import { useMemo } from 'react'
import type { FleetView, PodView, RolloutView, ServiceView } from '../../../shared/stage.ts'
import { useViews } from '../../live/live.ts'

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

/** The server pods. */
export function useServers(): readonly PodView[] {
  const pods = useViews('pod')
  return useMemo(() => pods.filter(({ role }) => role === 'server'), [pods])
}
