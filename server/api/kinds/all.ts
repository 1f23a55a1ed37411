// The kinds that the API serves, in the order in which discovery lists them.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { certificateSigningRequestStrategy } from './certificate-signing-requests.ts'
import { configMapStrategy, secretStrategy, serviceAccountStrategy } from './config.ts'
import { cronJobStrategy } from './cron-jobs.ts'
import { customResourceDefinitionStrategy } from './custom-resource-definitions.ts'
import { controllerRevisionStrategy } from './controller-revisions.ts'
import { daemonSetStrategy } from './daemon-sets.ts'
import { deploymentStrategy } from './deployments.ts'
import { endpointsStrategy, endpointSliceStrategy } from './endpoints.ts'
import { eventStrategy } from './events.ts'
import { faces } from './faces.ts'
import { ingressClassStrategy, ingressStrategy } from './ingresses.ts'
import { jobStrategy } from './jobs.ts'
import { horizontalPodAutoscalerStrategy } from './horizontal-pod-autoscalers.ts'
import { leaseStrategy } from './leases.ts'
import { limitRangeStrategy } from './limit-ranges.ts'
import { namespaceStrategy } from './namespaces.ts'
import { networkPolicyStrategy } from './network-policies.ts'
import { nodeStrategy } from './nodes.ts'
import { persistentVolumeClaimStrategy } from './persistent-volume-claims.ts'
import { persistentVolumeStrategy } from './persistent-volumes.ts'
import { podTemplateStrategy } from './pod-templates.ts'
import { podStrategy } from './pods.ts'
import {
  podDisruptionBudgetStrategy,
  priorityClassStrategy,
  resourceQuotaStrategy,
} from './policy.ts'
import {
  clusterRoleBindingStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  roleStrategy,
} from './rbac.ts'
import { replicaSetStrategy } from './replica-sets.ts'
import { replicationControllerStrategy } from './replication-controllers.ts'
import { serviceStrategy } from './services.ts'
import { statefulSetStrategy } from './stateful-sets.ts'
import { storageClassStrategy } from './storage-classes.ts'
import type { Face, Strategy } from './strategy.ts'

const facesOf = (kind: Kind): Face[] =>
  faces.filter(({ of }) => of === kind).map(({ face }) => face)

/** One strategy a kind. A strategy is only ever handed objects of its own kind, so its type may be forgotten here. */
const builtIn = [
  configMapStrategy,
  endpointsStrategy,
  eventStrategy,
  limitRangeStrategy,
  namespaceStrategy,
  nodeStrategy,
  persistentVolumeStrategy,
  persistentVolumeClaimStrategy,
  podStrategy,
  podTemplateStrategy,
  replicationControllerStrategy,
  resourceQuotaStrategy,
  secretStrategy,
  serviceAccountStrategy,
  serviceStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  daemonSetStrategy,
  statefulSetStrategy,
  controllerRevisionStrategy,
  storageClassStrategy,
  jobStrategy,
  cronJobStrategy,
  horizontalPodAutoscalerStrategy,
  certificateSigningRequestStrategy,
  leaseStrategy,
  customResourceDefinitionStrategy,
  ingressStrategy,
  ingressClassStrategy,
  networkPolicyStrategy,
  endpointSliceStrategy,
  podDisruptionBudgetStrategy,
  priorityClassStrategy,
  clusterRoleBindingStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  roleStrategy,
] as unknown as readonly Strategy[]

/** The strategies, each with the other faces of its kind. */
export const strategies: readonly Strategy[] = builtIn.map((strategy) => {
  const others = facesOf(strategy.kind)
  return others.length > 0 ? { ...strategy, faces: others } : strategy
})
