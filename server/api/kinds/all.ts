// The kinds that the API serves, in the order in which discovery lists them.
import { configMapStrategy, secretStrategy, serviceAccountStrategy } from './config.ts'
import { cronJobStrategy } from './cron-jobs.ts'
import { deploymentStrategy } from './deployments.ts'
import { endpointsStrategy, endpointSliceStrategy } from './endpoints.ts'
import { eventStrategy } from './events.ts'
import { jobStrategy } from './jobs.ts'
import { leaseStrategy } from './leases.ts'
import { namespaceStrategy } from './namespaces.ts'
import { nodeStrategy } from './nodes.ts'
import { podStrategy } from './pods.ts'
import { replicaSetStrategy } from './replica-sets.ts'
import { replicationControllerStrategy } from './replication-controllers.ts'
import { serviceStrategy } from './services.ts'
import type { Strategy } from './strategy.ts'

/** One strategy a kind. A strategy is only ever handed objects of its own kind, so its type may be forgotten here. */
export const strategies = [
  configMapStrategy,
  endpointsStrategy,
  eventStrategy,
  namespaceStrategy,
  nodeStrategy,
  podStrategy,
  replicationControllerStrategy,
  secretStrategy,
  serviceAccountStrategy,
  serviceStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  jobStrategy,
  cronJobStrategy,
  leaseStrategy,
  endpointSliceStrategy,
] as unknown as readonly Strategy[]
