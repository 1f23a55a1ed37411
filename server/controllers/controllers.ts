// The controllers of a cluster: everything that turns what is asked for into objects that make it so.
import type { RoomDeps, Running } from '../machinery/room.ts'
import { startDeployments } from './deployment.ts'
import { startEndpoints } from './endpoints.ts'
import { startReplicaSets } from './replicaset.ts'
import { startReplicationControllers } from './replicationcontroller.ts'

/** Starts all controllers. */
export function startControllers(deps: RoomDeps): Running {
  const named = (name: string): RoomDeps => ({ ...deps, log: deps.log.named(name) })
  const running = [
    startReplicaSets(named('replicaset')),
    startReplicationControllers(named('replicationcontroller')),
    startDeployments(named('deployment')),
    startEndpoints(named('endpoints')),
  ]
  return {
    close: async () => {
      await Promise.all(running.map((controller) => controller.close()))
    },
  }
}
