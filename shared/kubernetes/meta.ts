// The parts every Kubernetes object has. Field names, shapes and meanings are those of
// k8s.io/apimachinery/pkg/apis/meta/v1; objects are plain JSON (times are RFC 3339 strings).

/** metadata.ownerReferences[] */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** metadata of every object. The API server fills uid, resourceVersion, creationTimestamp. */
export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: unknown[]
}

/** Any object of the API. Objects read from a client are shared and must not be mutated. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
}

/** What a list call answers. */
export interface KubeList<T extends KubeObject> {
  apiVersion?: string
  kind?: string
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  items: T[]
}

/** metav1.LabelSelector */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: LabelSelectorRequirement[]
}

export interface LabelSelectorRequirement {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

/** The condition shape shared by Deployments, Nodes, Pods … (reason and message are for people). */
export interface Condition<Type extends string = string> {
  type: Type
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
  lastProbeTime?: string | null
  lastHeartbeatTime?: string
  observedGeneration?: number
}

/** `namespace/name`, or just `name` for cluster-scoped objects: the key of queues and indexes. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}

/** Splits what `keyOf` joined. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/')
  if (slash < 0) return { namespace: undefined, name: key }
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The owner that manages this object, if any (metav1.GetControllerOf). */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller)
}

/** True once a delete was asked for; the object stays until its finalizers and grace period are done. */
export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** The condition of that type, if present. */
export function conditionOf<Type extends string>(
  conditions: Condition<Type>[] | undefined,
  type: Type,
): Condition<Type> | undefined {
  return conditions?.find((condition) => condition.type === type)
}
