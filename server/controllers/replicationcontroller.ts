// ReplicationControllers: what ReplicaSets were called in 2015, with a selector that knows only equality.
import { replicationControllers } from '../../shared/kubernetes/kinds.ts'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { ReplicaOwner } from './replica-plan.ts'
import { startReplicaController } from './replica-controller.ts'

function read({ metadata, spec, status }: ReplicationController): ReplicaOwner {
  const template = spec.template ?? { spec: { containers: [] } }
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata,
    replicas: spec.replicas ?? 1,
    minReadySeconds: spec.minReadySeconds ?? 0,
    selector: { matchLabels: spec.selector ?? template.metadata?.labels ?? {} },
    template,
    status,
  }
}

/** Starts the ReplicationController controller. */
export function startReplicationControllers(deps: RoomDeps): Running {
  return startReplicaController(deps, {
    kind: replicationControllers,
    component: 'replication-controller',
    read,
  })
}
