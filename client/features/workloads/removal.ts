// Whether what is deleted can be brought back, and as what. Pure.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'

/** Kinds whose objects a controller makes for objects of that kind, by plural and group. */
const MADE_FOR: Record<string, readonly string[]> = {
  'deployments.apps': ['replicasets.apps'],
  'replicasets.apps': ['pods'],
  'statefulsets.apps': ['pods'],
  'daemonsets.apps': ['pods'],
  replicationcontrollers: ['pods'],
  'jobs.batch': ['pods'],
  'cronjobs.batch': ['jobs.batch'],
}

/** The kinds of which objects may have been made for one of `resource` (`deployments.apps`). */
export function kindsMadeFor(resource: string): readonly string[] {
  return MADE_FOR[resource] ?? []
}

/** Why an object of that kind would not be the same again, whatever depends on it. */
const NEVER: Record<string, string> = {
  Namespace: 'everything in it goes with it',
  Node: 'the machine it stands for registers itself, with its own state',
  CustomResourceDefinition: 'all objects of the kind go with it',
  PersistentVolume: 'its data goes with it',
  PersistentVolumeClaim: 'its data goes with it',
  ServiceAccount: 'the tokens that bear its uid are void then',
  Job: 'it would run again from the start',
  Event: 'it tells of a moment that has passed',
  Lease: 'its holder writes it anew',
}

/** Why `object` could not be brought back once deleted, as the end of "… because"; null: it could. */
export function whyForGood(object: KubeObject, dependents: readonly KubeObject[]): string | null {
  const { ownerReferences = [], finalizers = [] } = object.metadata
  const controller = ownerReferences.find((owner) => owner.controller)
  if (controller) {
    return `it belongs to ${controller.kind} ${controller.name}, which decides whether there is another`
  }
  const never = NEVER[object.kind ?? '']
  if (never !== undefined) return never
  if (finalizers.length > 0) return `${finalizers.join(', ')} has to clean up after it`
  const [first] = dependents
  if (!first) return null
  const others = dependents.length - 1
  const more = others === 0 ? '' : ` and ${others} more`
  return `${first.kind} ${first.metadata.name}${more} depend${others === 0 ? 's' : ''} on it`
}

/** Those of `candidates` that say `owner` owns them. */
export function dependentsOf(owner: KubeObject, candidates: readonly KubeObject[]): KubeObject[] {
  const { uid } = owner.metadata
  return candidates.filter(({ metadata }) =>
    metadata.ownerReferences?.some((reference) => reference.uid === uid),
  )
}

/** The object to create so that what was deleted is there again: without what the server gave this one. */
export function recreation(object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations, ownerReferences } = object.metadata
  const { status: _, ...rest } = object as KubeObject & { status?: unknown }
  const spec = specOf(object)
  return {
    ...rest,
    metadata: {
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(ownerReferences && { ownerReferences }),
    },
    ...(spec && { spec }),
  }
}

/** A pod is placed anew. */
function specOf(object: KubeObject): Record<string, unknown> | undefined {
  const { spec } = object as KubeObject & { spec?: Record<string, unknown> }
  if (object.kind !== 'Pod' || !spec) return spec
  const { nodeName: _, ...placedAnew } = spec
  return placedAnew
}

/** `kubectl delete configmap a -n b` */
export function deleteLine({ singular, plural, group }: Kind, { metadata }: KubeObject): string {
  const word = group === '' ? singular || plural : `${plural}.${group}`
  const where =
    metadata.namespace && metadata.namespace !== 'default' ? ` -n ${metadata.namespace}` : ''
  return `kubectl delete ${word} ${metadata.name}${where}`
}
