// The controllers of a cluster: everything that turns what is asked for into objects that make it so.
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { CertificateSigner } from '../../shared/kubernetes/certificates.ts'
import { startCertificates } from './certificates.ts'
import { startClusterRoleAggregation } from './cluster-role-aggregation.ts'
import { startCronJobs } from './cronjob.ts'
import { startDaemonSets } from './daemonset.ts'
import { startDeployments } from './deployment.ts'
import { startDisruption } from './disruption.ts'
import { startEndpoints } from './endpoints.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { startJobs } from './job.ts'
import { startNamespaces } from './namespace.ts'
import type { NodeLifecycleOptions } from './node-lifecycle.ts'
import { NODE_LIFECYCLE_DEFAULTS, startNodeLifecycle } from './node-lifecycle.ts'
import type { PodGcOptions } from './pod-gc.ts'
import { POD_GC_DEFAULTS, startPodGc } from './pod-gc.ts'
import { startReplicaSets } from './replicaset.ts'
import { startReplicationControllers } from './replicationcontroller.ts'
import { startResourceQuotas } from './resource-quota.ts'
import { startRolloutGuard } from './rollout-guard.ts'
import { startServiceAccounts } from './serviceaccount.ts'
import { startStatefulSets } from './statefulset.ts'
import { startTaintEviction } from './taint-eviction.ts'
import { startVolumes } from './volumes.ts'

export interface ControllersOptions {
  /** The API's certificate authority (PEM), given to every namespace as ConfigMap kube-root-ca.crt. */
  caPem?: string
  /** The cluster's authority; nothing is signed without. */
  sign?: CertificateSigner
  /** Where volumes are made for claims, a directory each; none are made without. */
  volumesDir?: string
  nodeLifecycle?: Partial<NodeLifecycleOptions>
  podGc?: Partial<PodGcOptions>
}

/** Starts all controllers. */
export function startControllers(deps: RoomDeps, options: ControllersOptions = {}): Running {
  const named = { ...deps, log: deps.log.named('controllers') }
  const running = [
    startServiceAccounts(named, options.caPem),
    startClusterRoleAggregation(named),
    startNamespaces(named),
    startReplicaSets(named),
    startReplicationControllers(named),
    startDeployments(named),
    startRolloutGuard(named),
    startStatefulSets(named),
    startDaemonSets(named),
    startJobs(named),
    startCronJobs(named),
    startDisruption(named),
    startResourceQuotas(named),
    startEndpoints(named),
    startNodeLifecycle(named, { ...NODE_LIFECYCLE_DEFAULTS, ...options.nodeLifecycle }),
    startTaintEviction(named),
    startPodGc(named, { ...POD_GC_DEFAULTS, ...options.podGc }),
    startGarbageCollector(named),
    ...(options.sign ? [startCertificates(named, options.sign)] : []),
    ...(options.volumesDir === undefined ? [] : [startVolumes(named, options.volumesDir)]),
  ]
  return {
    close: async () => {
      await Promise.all(running.map((controller) => controller.close()))
    },
  }
}
