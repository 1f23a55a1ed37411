// ReplicaSets: so many pods of one template, found by their labels.
import { deployments, replicaSets } from '../../shared/kubernetes/kinds.ts'
import { controllerOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodActive } from '../../shared/kubernetes/pod.ts'
import type { ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { indexOwners, ownedBy } from './owned.ts'
import type { ReplicaOwner } from './replica-plan.ts'
import { startReplicaController } from './replica-controller.ts'

function read({ metadata, spec, status }: ReplicaSet): ReplicaOwner {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata,
    replicas: spec.replicas ?? 1,
    minReadySeconds: spec.minReadySeconds ?? 0,
    selector: spec.selector,
    template: spec.template ?? { spec: { containers: [] } },
    status,
  }
}

/** Starts the ReplicaSet controller. */
export function startReplicaSets(deps: RoomDeps): Running {
  const sets = deps.informers.of(replicaSets)
  indexOwners(sets)
  // Pods of all sets of one Deployment count when nodes are compared (getPodsRankedByRelatedPodsOnSameNode).
  const relatedPods = (set: ReplicaSet, pods: Informer<Pod>): readonly Pod[] => {
    const deployment = controllerOf(set)
    const siblings = deployment?.kind === deployments.kind ? ownedBy(sets, deployment.uid) : [set]
    return siblings.flatMap(({ metadata }) => ownedBy(pods, metadata.uid).filter(isPodActive))
  }
  return startReplicaController(deps, {
    kind: replicaSets,
    component: 'replicaset-controller',
    read,
    relatedPods,
  })
}
