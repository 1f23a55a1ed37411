// The garbage collector: objects go with their owners. One loop a kind, all sharing the index of who owns what.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { events } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import { isBeingDeleted, keyOf } from '../../shared/kubernetes/meta.ts'
import { isNotFound } from '../../shared/status.ts'
import type { Controller } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { hearingOnly } from './filtered.ts'
import { ignoreNotFound, sameJson } from './objects.ts'
import { allAtOnce } from './batches.ts'
import { EVERY_KIND, kindNamed } from './every-kind.ts'
import type { OwnerState } from './garbage-plan.ts'
import {
  blockers,
  FOREGROUND,
  hasFinalizer,
  isWaiting,
  ORPHAN,
  planCollection,
} from './garbage-plan.ts'
import { release, setOwners } from './owned.ts'

const BY_OWNER = 'controllers/owner-uid'

/** Starts the garbage collector. */
export function startGarbageCollector(deps: RoomDeps): Running {
  return new GarbageCollector(deps)
}

interface Part {
  kind: Kind
  informer: Informer<KubeObject>
  controller: Controller
  unsubscribe: () => void
}

interface Dependent {
  part: Part
  object: KubeObject
}

class GarbageCollector implements Running {
  readonly #deps: RoomDeps
  readonly #parts = new Map<Kind, Part>()
  readonly #synced: Promise<unknown>

  constructor(deps: RoomDeps) {
    this.#deps = deps
    const kinds = EVERY_KIND.filter((kind) => kind !== events)
    const informers = kinds.map((kind) => deps.informers.of(kind))
    this.#synced = Promise.all(informers.map(({ synced }) => synced))
    for (const informer of informers) {
      informer.addIndex(BY_OWNER, ({ metadata }) =>
        (metadata.ownerReferences ?? []).map(({ uid }) => uid),
      )
    }
    for (const informer of informers) this.#parts.set(informer.kind, this.#startPart(informer))
  }

  #startPart(informer: Informer<KubeObject>): Part {
    const { kind } = informer
    // Most changes are of a status, which nobody's ownership depends on.
    const informers = hearingOnly(this.#deps.informers, movesOwnership)
    const controller = startController(
      { ...this.#deps, informers },
      {
        name: `garbage-collector/${kind.plural}`,
        for: kind,
        concurrency: 20,
        reconcile: (key) => this.#reconcile(kind, key),
      },
    )
    const unsubscribe = informer.subscribe((change) => this.#changed(change))
    return { kind, informer, controller, unsubscribe }
  }

  /** What is gone concerns its dependents, and the owners that waited for it. */
  #changed({ type, object, previous }: ObjectChange<KubeObject>): void {
    const replaced = previous && previous.metadata.uid !== object.metadata.uid
    if (type !== 'deleted' && !replaced) return
    const gone = previous ?? object
    this.#enqueueAll(this.#dependentsOf(gone))
    for (const owner of gone.metadata.ownerReferences ?? []) this.#enqueueOwner(gone, owner)
  }

  #enqueueOwner(object: KubeObject, owner: OwnerReference): void {
    const kind = kindNamed(owner.apiVersion, owner.kind)
    if (kind) this.#parts.get(kind)?.controller.enqueue(keyOfOwner(kind, object, owner))
  }

  #enqueueAll(dependents: readonly Dependent[]): void {
    for (const { part, object } of dependents) part.controller.enqueue(keyOf(object))
  }

  #dependentsOf({ metadata }: KubeObject): Dependent[] {
    const dependents: Dependent[] = []
    for (const part of this.#parts.values()) {
      for (const object of part.informer.byIndex(BY_OWNER, metadata.uid ?? '')) {
        dependents.push({ part, object })
      }
    }
    return dependents
  }

  async #reconcile(kind: Kind, key: string): Promise<void> {
    await this.#synced
    const object = this.#parts.get(kind)?.informer.get(key)
    if (!object) return
    if (isBeingDeleted(object)) {
      if (hasFinalizer(object, ORPHAN)) await this.#orphanDependents(kind, object)
      else if (isWaiting(object)) await this.#waitForDependents(kind, object)
    } else if (object.metadata.ownerReferences?.length) await this.#collect(kind, object)
  }

  /** Orphaning: the dependents lose this owner, then it may go. */
  async #orphanDependents(kind: Kind, object: KubeObject): Promise<void> {
    await allAtOnce(this.#dependentsOf(object), async (dependent) =>
      release(this.#deps.client, dependent.part.kind, dependent.object, object.metadata.uid).catch(
        ignoreNotFound,
      ),
    )
    await this.#letGo(kind, object, ORPHAN)
  }

  /** Foreground: when nothing is left that blocks it, the owner may go. */
  async #waitForDependents(kind: Kind, object: KubeObject): Promise<void> {
    const dependents = this.#dependentsOf(object)
    const blocking = blockers(
      object,
      dependents.map((dependent) => dependent.object),
    )
    if (blocking.length === 0) return this.#letGo(kind, object, FOREGROUND)
    this.#enqueueAll(dependents)
  }

  /** Takes the collector's finalizer off an object. */
  async #letGo(kind: Kind, { metadata }: KubeObject, finalizer: string): Promise<void> {
    const { namespace, name = '', uid, resourceVersion } = metadata
    const others = (metadata.finalizers ?? []).filter((one) => one !== finalizer)
    const finalizers = others.length > 0 ? others : null
    const patch = { metadata: { uid, resourceVersion, finalizers } }
    await this.#deps.client
      .patch(kind, { namespace, name }, patch, { type: 'merge' })
      .catch(ignoreNotFound)
  }

  async #collect(kind: Kind, object: KubeObject): Promise<void> {
    const { client } = this.#deps
    const owners = object.metadata.ownerReferences ?? []
    const states = await Promise.all(owners.map((owner) => this.#stateOf(object, owner)))
    const plan = planCollection(object, states, this.#dependentsOf(object).length > 0)
    const { namespace, name = '', uid = '' } = object.metadata
    if (plan.type === 'disown') {
      await setOwners(client, kind, object, plan.owners).catch(ignoreNotFound)
    }
    if (plan.type === 'delete') {
      const options = { propagationPolicy: plan.policy, preconditions: { uid } }
      await client.delete(kind, { namespace, name }, options).catch(ignoreNotFound)
    }
  }

  /** What is not in view is asked for: nothing is deleted because a view lags. */
  async #stateOf(object: KubeObject, owner: OwnerReference): Promise<OwnerState> {
    const kind = kindNamed(owner.apiVersion, owner.kind)
    // Owners of kinds unknown here cannot be judged.
    if (!kind) return 'present'
    const held = this.#parts.get(kind)?.informer.get(keyOfOwner(kind, object, owner))
    const found = held?.metadata.uid === owner.uid ? held : await this.#ask(kind, object, owner)
    if (found?.metadata.uid !== owner.uid) return 'absent'
    return isWaiting(found) ? 'waiting' : 'present'
  }

  async #ask(
    kind: Kind,
    { metadata }: KubeObject,
    { name }: OwnerReference,
  ): Promise<KubeObject | undefined> {
    try {
      const namespace = kind.namespaced ? metadata.namespace : undefined
      return await this.#deps.client.get(kind, { namespace, name })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async close(): Promise<void> {
    const parts = [...this.#parts.values()]
    for (const { unsubscribe } of parts) unsubscribe()
    await Promise.all(parts.map(({ controller }) => controller.close()))
  }
}

/** Whether a change is about what this collector looks at. */
function movesOwnership({ type, object, previous }: ObjectChange<KubeObject>): boolean {
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

/** Owners are in the namespace of what they own, or in none. */
function keyOfOwner(kind: Kind, { metadata }: KubeObject, owner: OwnerReference): string {
  return kind.namespaced ? `${metadata.namespace}/${owner.name}` : owner.name
}
