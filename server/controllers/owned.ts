// Who owns what: finding owned objects by index, and taking on or letting go of what a selector reaches.
import type { KubeClient } from '../../shared/client.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject, ObjectMeta, OwnerReference } from '../../shared/kubernetes/meta.ts'
import { controllerOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { ObjectReference } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { LabelMatcher } from '../../shared/selectors.ts'
import type { Source } from '../machinery/controller.ts'
import type { Informer } from '../machinery/informer.ts'

const BY_CONTROLLER = 'controllers/controller-uid'
const WITHOUT_CONTROLLER = 'controllers/namespace-of-orphans'

/** Lets `candidatesOf` find objects of this kind without looking at all of them. */
export function indexOwners(informer: Informer<KubeObject>): void {
  informer.addIndex(BY_CONTROLLER, (object) => {
    const uid = controllerOf(object)?.uid
    return uid ? [uid] : []
  })
  informer.addIndex(WITHOUT_CONTROLLER, (object) =>
    controllerOf(object) ? [] : [object.metadata.namespace ?? ''],
  )
}

/** Objects that the controller with this uid manages. */
export function ownedBy<T extends KubeObject>(
  informer: Informer<T>,
  uid: string | undefined,
): readonly T[] {
  return informer.byIndex(BY_CONTROLLER, uid ?? '')
}

/** Objects of the namespace that nobody manages. */
export function orphansIn<T extends KubeObject>(
  informer: Informer<T>,
  namespace: string | undefined,
): readonly T[] {
  return informer.byIndex(WITHOUT_CONTROLLER, namespace ?? '')
}

/** Objects that the owner manages, and objects of its namespace that nobody manages. */
export function candidatesOf<T extends KubeObject>(
  informer: Informer<T>,
  { uid, namespace }: ObjectMeta,
): readonly T[] {
  const orphans = orphansIn(informer, namespace)
  const own = ownedBy(informer, uid)
  return orphans.length === 0 ? own : [...own, ...orphans]
}

/** Pods without a node stand under this name, which no node can have. */
export const UNASSIGNED = '#unassigned'
const BY_NODE = 'controllers/node'

/** Lets `podsOn` find the pods of a node. */
export function indexNodes(informer: Informer<Pod>): void {
  informer.addIndex(BY_NODE, ({ spec }) => [spec.nodeName ?? UNASSIGNED])
}

export function podsOn(informer: Informer<Pod>, node: string): readonly Pod[] {
  return informer.byIndex(BY_NODE, node)
}

export interface Claim<T> {
  /** Managed by the owner and matching its selector. */
  own: T[]
  /** Of nobody, matching the selector. */
  adopt: T[]
  /** Managed by the owner, no longer matching. */
  release: T[]
}

/** Sorts candidates by what the owner has to do with them (controller_ref_manager.go). */
export function claim<T extends KubeObject>(
  ownerUid: string | undefined,
  matches: LabelMatcher,
  candidates: readonly T[],
  mayAdopt: (object: T) => boolean,
): Claim<T> {
  const result: Claim<T> = { own: [], adopt: [], release: [] }
  for (const object of candidates) {
    const fits = matches(object.metadata.labels)
    const controller = controllerOf(object)
    if (controller) {
      if (controller.uid === ownerUid) (fits ? result.own : result.release).push(object)
    } else if (fits && !isBeingDeleted(object) && mayAdopt(object)) result.adopt.push(object)
  }
  return result
}

/** Makes `owner` the controller of an object of nobody. Fails with 409 when the object changed meanwhile. */
export function adopt<T extends KubeObject>(
  client: KubeClient,
  kind: Kind<T>,
  object: T,
  owner: OwnerReference,
): Promise<T> {
  const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.uid)
  return setOwners(client, kind, object, [...others, owner])
}

/** Takes the owner with this uid off an object. */
export function release<T extends KubeObject>(
  client: KubeClient,
  kind: Kind<T>,
  object: T,
  ownerUid: string | undefined,
): Promise<T> {
  const owners = object.metadata.ownerReferences ?? []
  return setOwners(
    client,
    kind,
    object,
    owners.filter(({ uid }) => uid !== ownerUid),
  )
}

/** Replaces the owner references, provided that nobody wrote the object since it was read. */
export function setOwners<T extends KubeObject>(
  client: KubeClient,
  kind: Kind<T>,
  object: T,
  owners: readonly OwnerReference[],
): Promise<T> {
  const { namespace, name = '', uid, resourceVersion } = object.metadata
  const ownerReferences = owners.length > 0 ? owners : null
  const patch = { metadata: { uid, resourceVersion, ownerReferences } }
  return client.patch(kind, { namespace, name }, patch, { type: 'merge' })
}

/** The reference an Event carries: lists leave out kind and apiVersion of their items. */
export function referenceOf(kind: Kind, { metadata }: KubeObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  }
}

/** A source of `ControllerOptions.watches`, its kinds checked here. */
export function source<T extends KubeObject>(
  kind: Kind<T>,
  keysFor: (object: T) => readonly string[],
): Source<never> {
  return { kind, keysFor } as unknown as Source<never>
}
