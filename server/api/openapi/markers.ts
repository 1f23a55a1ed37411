// What the types of k8s.io/api say in Go tags and markers (+listType, +listMapKey, +mapType, patchStrategy, patchMergeKey)
// and what a client library's models therefore no longer know. Written as `Type.field`; types are those of core/v1, apps/v1,
// discovery/v1, authentication/v1 and meta/v1 that the served kinds reach.
import type { Schema } from './definitions.ts'

/** Lists merged item by item: the keys of an item. Strategic merge goes by the first. */
const LISTS_BY_KEY: Record<string, string> = {
  'CertificateSigningRequestStatus.conditions': 'type',
  'Container.env': 'name',
  'Container.ports': 'containerPort protocol',
  'Container.volumeDevices': 'devicePath',
  'Container.volumeMounts': 'mountPath',
  'ContainerStatus.allocatedResourcesStatus': 'name',
  'ContainerStatus.volumeMounts': 'mountPath',
  'CustomResourceDefinitionStatus.conditions': 'type',
  'DaemonSetStatus.conditions': 'type',
  'DeploymentStatus.conditions': 'type',
  'EphemeralContainer.env': 'name',
  'EphemeralContainer.ports': 'containerPort protocol',
  'EphemeralContainer.volumeDevices': 'devicePath',
  'EphemeralContainer.volumeMounts': 'mountPath',
  'NamespaceStatus.conditions': 'type',
  'NodeStatus.addresses': 'type',
  'NodeStatus.conditions': 'type',
  'ObjectMeta.ownerReferences': 'uid',
  'PersistentVolumeClaimStatus.conditions': 'type',
  'PodSpec.containers': 'name',
  'PodSpec.ephemeralContainers': 'name',
  'PodSpec.hostAliases': 'ip',
  'PodSpec.imagePullSecrets': 'name',
  'PodSpec.initContainers': 'name',
  'PodSpec.resourceClaims': 'name',
  'PodSpec.schedulingGates': 'name',
  'PodSpec.topologySpreadConstraints': 'topologyKey whenUnsatisfiable',
  'PodSpec.volumes': 'name',
  'PodStatus.conditions': 'type',
  'PodStatus.podIPs': 'ip',
  'PodStatus.resourceClaimStatuses': 'name',
  'ReplicaSetStatus.conditions': 'type',
  'ReplicationControllerStatus.conditions': 'type',
  'ServiceAccount.secrets': 'name',
  'ServiceSpec.ports': 'port protocol',
  'ServiceStatus.conditions': 'type',
  'StatefulSetStatus.conditions': 'type',
}

/** Keyed lists that only server-side apply merges; strategic merge replaces them. */
const APPLY_ONLY_LISTS: Record<string, string> = {
  'JSONSchemaProps.x-kubernetes-validations': 'rule',
  'ResourceRequirements.claims': 'name',
  'ResourceStatus.resources': 'resourceID',
}

/** Fields whose patch strategy is retainKeys: keys that the patch does not list are dropped. */
const RETAIN_KEYS = [
  'DeploymentSpec.strategy',
  'PodSpec.resourceClaims',
  'PodSpec.volumes',
  'PodStatus.resourceClaimStatuses',
]

const SETS = [
  'ContainerRestartRuleOnExitCodes.values',
  'Endpoint.addresses',
  'NodeAllocatableResourceClaimStatus.containers',
  'PodFailurePolicyOnExitCodesRequirement.values',
  'UncountedTerminatedPods.failed',
  'UncountedTerminatedPods.succeeded',
]

/** Sets that strategic merge unites as well. */
const MERGED_SETS = ['NodeSpec.podCIDRs', 'ObjectMeta.finalizers']

/** Atomic for server-side apply, yet merged by this key in strategic merge. */
const ATOMIC_BUT_MERGED: Record<string, string> = {
  'JobStatus.conditions': 'type',
  'PodStatus.hostIPs': 'ip',
}

const ATOMIC_MAPS = [
  'PodSpec.nodeSelector',
  'ReplicationControllerSpec.selector',
  'ServiceSpec.selector',
]

/** Types that server-side apply replaces as a whole. */
export const ATOMIC_TYPES: ReadonlySet<string> = new Set(
  `ConfigMapKeySelector EndpointAddress EndpointPort FileKeySelector LocalObjectReference NodeSelector NodeSelectorTerm
  ObjectFieldSelector ObjectReference ResourceFieldSelector SecretKeySelector TypedLocalObjectReference LabelSelector
  OwnerReference TopologySelectorTerm`.split(/\s+/),
)

/** What a key of a list is where an item leaves it out. */
const KEY_DEFAULTS: Record<string, string> = {
  'ContainerPort.protocol': 'TCP',
  'ServicePort.protocol': 'TCP',
}

/** Fields of type resource.Quantity, which the models call strings. */
export const QUANTITIES: ReadonlySet<string> = new Set(
  `ContainerStatus.allocatedResources EmptyDirVolumeSource.sizeLimit HPAScalingRules.tolerance
  MetricTarget.averageValue MetricTarget.value MetricValueStatus.averageValue MetricValueStatus.value
  NodeAllocatableResourceClaimStatus.resources NodeStatus.allocatable NodeStatus.capacity
  PersistentVolumeClaimStatus.allocatedResources PersistentVolumeClaimStatus.capacity PersistentVolumeSpec.capacity
  PodSpec.overhead PodStatus.allocatedResources ResourceFieldSelector.divisor
  ResourceRequirements.limits ResourceRequirements.requests VolumeResourceRequirements.limits
  VolumeResourceRequirements.requests`.split(/\s+/),
)

/** Every field named above that has keys or a strategy of its own. */
export const MARKED_FIELDS: readonly string[] = [
  ...Object.keys({ ...LISTS_BY_KEY, ...APPLY_ONLY_LISTS, ...ATOMIC_BUT_MERGED }),
  ...RETAIN_KEYS,
  ...SETS,
  ...MERGED_SETS,
  ...ATOMIC_MAPS,
]

/** The markers of one list; a list that nothing else is said of is atomic. */
function listMarkers(field: string): Partial<Schema> {
  const keys = (LISTS_BY_KEY[field] ?? APPLY_ONLY_LISTS[field])?.split(' ')
  const mergeKey = LISTS_BY_KEY[field]?.split(' ')[0] ?? ATOMIC_BUT_MERGED[field]
  const isSet = SETS.includes(field) || MERGED_SETS.includes(field)
  const merge = mergeKey !== undefined || MERGED_SETS.includes(field)
  const strategies = [merge && 'merge', RETAIN_KEYS.includes(field) && 'retainKeys'].filter(Boolean)
  return {
    'x-kubernetes-list-type': keys ? 'map' : isSet ? 'set' : 'atomic',
    ...(keys && { 'x-kubernetes-list-map-keys': keys }),
    ...(mergeKey && { 'x-kubernetes-patch-merge-key': mergeKey }),
    ...(strategies.length > 0 && { 'x-kubernetes-patch-strategy': strategies.join(',') }),
  }
}

/** What to add to the schema of one field, named by its type and itself (`PodSpec.containers`). */
export function markersOf(field: string, isList: boolean): Partial<Schema> {
  if (isList) return listMarkers(field)
  if (KEY_DEFAULTS[field]) return { default: KEY_DEFAULTS[field] }
  if (ATOMIC_MAPS.includes(field)) return { 'x-kubernetes-map-type': 'atomic' }
  if (RETAIN_KEYS.includes(field)) return { 'x-kubernetes-patch-strategy': 'retainKeys' }
  return {}
}
