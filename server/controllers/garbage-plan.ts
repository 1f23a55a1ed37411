// What becomes of an object whose owners go (pkg/controller/garbagecollector).
import type { KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { ObjectChange } from '../machinery/informer.ts'
import { sameJson } from './objects.ts'

export const ORPHAN = 'orphan'
export const FOREGROUND = 'foregroundDeletion'

/** `waiting`: being deleted, but only after its dependents. */
export type OwnerState = 'present' | 'waiting' | 'absent'

export type Collection =
  | { type: 'keep' }
  /** Some owners are left: those that are not are taken off. */
  | { type: 'disown'; owners: OwnerReference[] }
  | { type: 'delete'; policy: 'Foreground' | 'Background' | 'Orphan' }

/** True while the object waits for its dependents to go before it. */
export function isWaiting(object: KubeObject): boolean {
  return isBeingDeleted(object) && hasFinalizer(object, FOREGROUND)
}

export function hasFinalizer({ metadata }: KubeObject, name: string): boolean {
  return metadata.finalizers?.includes(name) ?? false
}

/**
 * What to do with an object, given what is known of each of its owners (in order).
 * @param hasDependents whether other objects are owned by this one
 */
export function planCollection(
  object: KubeObject,
  states: readonly OwnerState[],
  hasDependents: boolean,
): Collection {
  const owners = object.metadata.ownerReferences ?? []
  if (isBeingDeleted(object) || owners.length === 0) return { type: 'keep' }
  const left = owners.filter((_, index) => states[index] === 'present')
  if (left.length === owners.length) return { type: 'keep' }
  if (left.length > 0) return { type: 'disown', owners: left }
  if (states.includes('waiting') && hasDependents) return { type: 'delete', policy: 'Foreground' }
  if (hasFinalizer(object, ORPHAN)) return { type: 'delete', policy: 'Orphan' }
  const policy = hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background'
  return { type: 'delete', policy }
}

/** The dependents that an owner which is deleted in the foreground has to wait for. */
export function blockers<T extends KubeObject>(owner: KubeObject, dependents: readonly T[]): T[] {
  return dependents.filter(({ metadata }) =>
    metadata.ownerReferences?.some(
      ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion,
    ),
  )
}

/** Whether a change is about what the collector looks at. */
export function movesOwnership({ type, object, previous }: ObjectChange<KubeObject>): boolean {
  if (type === 'added')
    return isBeingDeleted(object) || object.metadata.ownerReferences?.length !== undefined
  if (!previous) return true
  const [now, before] = [object.metadata, previous.metadata]
  return (
    now.uid !== before.uid ||
    now.deletionTimestamp !== before.deletionTimestamp ||
    !sameJson(now.ownerReferences, before.ownerReferences) ||
    !sameJson(now.finalizers, before.finalizers)
  )
}
