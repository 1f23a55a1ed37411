// The garbage collector: objects go with their owners. One loop a kind, all sharing the index of who owns what.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { events } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import { isBeingDeleted, keyOf } from '../../shared/kubernetes/meta.ts'
import { isApiError } from '../../shared/status.ts'
import type { Controller } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { Informer, Informers, ObjectChange } from '../machinery/informer.ts'
import { createInformers } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { hearingOnly } from './filtered.ts'
import {
  addOwnerIndexes,
  BY_CUSTOM_OWNER,
  BY_OWNER,
  builtInKind,
  keyOfOwner,
  ownerName,
} from './garbage-index.ts'
import { ignoreNotFound, sameJson } from './objects.ts'
import { allAtOnce } from './batches.ts'
import { EVERY_KIND } from './every-kind.ts'
import type { FollowedKinds } from './followed-kinds.ts'
import { followKinds } from './followed-kinds.ts'
import type { OwnerState } from './garbage-plan.ts'
import {
  blockers,
  FOREGROUND,
  hasFinalizer,
  isWaiting,
  movesOwnership,
  ORPHAN,
  planCollection,
} from './garbage-plan.ts'
import { release, setOwners } from './owned.ts'

/** So many owners of kinds that are no longer served are known to have gone; the oldest are forgotten. */
const REMEMBERED = 10_000

const COLLECTED: readonly Kind[] = EVERY_KIND.filter((kind) => kind !== events)
/** Starts the garbage collector. */
export function startGarbageCollector(deps: RoomDeps): Running {
  return new GarbageCollector(deps)
}

interface Part {
  kind: Kind
  informer: Informer<KubeObject>
  controller: Controller
  close: () => Promise<void>
}

interface Dependent {
  part: Part
  object: KubeObject
}

class GarbageCollector implements Running {
  readonly #deps: RoomDeps
  readonly #parts = new Set<Part>()
  readonly #builtIn = new Map<Kind, Part>()
  readonly #custom: FollowedKinds<Part>
  readonly #synced: Promise<unknown>
  /** Kinds that users added and whose first list is not in. */
  readonly #listing = new Set<Promise<void>>()
  readonly #closing = new Set<Promise<void>>()
  /** Uids of owners that went and whose kinds users added: when such a kind is gone, too, nobody can be asked. */
  readonly #gone = new Set<string>()

  constructor(deps: RoomDeps) {
    this.#deps = deps
    const informers = COLLECTED.map((kind) => deps.informers.of(kind))
    for (const informer of informers) addOwnerIndexes(informer)
    for (const informer of informers) {
      const part = this.#startPart(informer, deps.informers)
      this.#parts.add(part)
      this.#builtIn.set(part.kind, part)
    }
    this.#custom = followKinds(deps, {
      begin: (kind) => this.#begin(kind),
      end: (part) => this.#end(part),
      served: (names) => this.#judgeAgain(names),
    })
    this.#synced = Promise.all([this.#custom.synced, ...informers.map(({ synced }) => synced)])
  }

  #startPart(informer: Informer<KubeObject>, informers: Informers): Part {
    const { kind } = informer
    const controller = startController(
      // Most changes are of a status, which nobody's ownership depends on.
      { ...this.#deps, informers: hearingOnly(informers, movesOwnership) },
      {
        name: `garbage-collector/${kind.plural}`,
        for: kind,
        concurrency: 20,
        reconcile: (key) => this.#reconcile(informer, key),
      },
    )
    const unsubscribe = informer.subscribe((change) => this.#changed(change))
    const close = async (): Promise<void> => {
      unsubscribe()
      await controller.close()
    }
    return { kind, informer, controller, close }
  }

  /** A kind that users added has informers of its own, for those that are shared never end. */
  #begin(kind: Kind): Part {
    const { client, clock, log } = this.#deps
    const informers = createInformers(client, clock, log.named('garbage-collector'))
    const informer: Informer<KubeObject> = informers.of(kind)
    addOwnerIndexes(informer)
    const forget = informer.subscribe((change) => this.#remember(change))
    const started = this.#startPart(informer, informers)
    let tellClosed = (): void => undefined
    const closed = new Promise<void>((resolve) => (tellClosed = resolve))
    const listing = Promise.race([informer.synced, closed])
    this.#listing.add(listing)
    void listing.then(() => this.#listing.delete(listing))
    const close = async (): Promise<void> => {
      tellClosed()
      forget()
      await started.close()
      informers.close()
    }
    const part = { ...started, close }
    this.#parts.add(part)
    return part
  }

  /** What goes from now on is not heard of: the dependents of all that was there are looked at. */
  #end(part: Part): void {
    this.#parts.delete(part)
    for (const object of part.informer.all()) this.#enqueueAll(this.#dependentsOf(object))
    const closing = part.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  #judgeAgain(names: readonly string[]): void {
    for (const { informer, controller } of this.#parts) {
      for (const name of names) {
        for (const object of informer.byIndex(BY_CUSTOM_OWNER, name)) {
          controller.enqueue(keyOf(object))
        }
      }
    }
  }

  #remember({ type, object, previous }: ObjectChange<KubeObject>): void {
    const uid = (previous ?? object).metadata.uid ?? ''
    const isGone = type === 'deleted' || (previous && uid !== object.metadata.uid)
    if (!isGone || this.#dependentsOf(previous ?? object).length === 0) return
    this.#gone.add(uid)
    if (this.#gone.size <= REMEMBERED) return
    for (const oldest of this.#gone) return void this.#gone.delete(oldest)
  }

  /** What is gone concerns its dependents, and the owners that waited for it; so does an owner that is let go of. */
  #changed({ type, object, previous }: ObjectChange<KubeObject>): void {
    if (!previous && type !== 'deleted') return
    const before = previous ?? object
    const isGone = type === 'deleted' || before.metadata.uid !== object.metadata.uid
    if (isGone) this.#enqueueAll(this.#dependentsOf(before))
    const { ownerReferences: owners = [] } = before.metadata
    if (!isGone && sameJson(owners, object.metadata.ownerReferences ?? [])) return
    for (const owner of owners) this.#enqueueOwner(before, owner)
  }

  #enqueueOwner(object: KubeObject, owner: OwnerReference): void {
    const part = this.#partOf(owner)
    part?.controller.enqueue(keyOfOwner(part.kind, object, owner))
  }

  #enqueueAll(dependents: readonly Dependent[]): void {
    for (const { part, object } of dependents) part.controller.enqueue(keyOf(object))
  }

  /** Undefined for kinds that are not served. */
  #partOf(owner: OwnerReference): Part | undefined {
    const kind = builtInKind(owner)
    return kind ? this.#builtIn.get(kind) : this.#custom.named(ownerName(owner))
  }

  #dependentsOf({ metadata }: KubeObject): Dependent[] {
    const dependents: Dependent[] = []
    for (const part of this.#parts) {
      for (const object of part.informer.byIndex(BY_OWNER, metadata.uid ?? '')) {
        dependents.push({ part, object })
      }
    }
    return dependents
  }

  async #reconcile(informer: Informer<KubeObject>, key: string): Promise<void> {
    await this.#synced
    while (this.#listing.size > 0) await Promise.all(this.#listing)
    const { kind } = informer
    const object = informer.get(key)
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
    const part = this.#partOf(owner)
    const kind = part?.kind ?? builtInKind(owner)
    if (!kind) return this.#stateUnserved(owner)
    // What belongs to the cluster cannot be owned by what is in a namespace, and is left alone.
    if (kind.namespaced && !object.metadata.namespace) return 'present'
    const held = part?.informer.get(keyOfOwner(kind, object, owner))
    const found = held?.metadata.uid === owner.uid ? held : await this.#ask(kind, object, owner)
    if (found === 'unserved') return this.#stateUnserved(owner)
    if (found?.metadata.uid !== owner.uid) return 'absent'
    return isWaiting(found) ? 'waiting' : 'present'
  }

  /**
   * An owner of a kind that is not served cannot be judged, unless it was seen to go. It is looked at again when its kind is
   * served (garbagecollector.go: absentOwnerCache, restMappingError).
   */
  #stateUnserved({ uid }: OwnerReference): OwnerState {
    return this.#gone.has(uid) ? 'absent' : 'present'
  }

  async #ask(
    kind: Kind,
    { metadata }: KubeObject,
    { name }: OwnerReference,
  ): Promise<KubeObject | 'unserved' | undefined> {
    try {
      const namespace = kind.namespaced ? metadata.namespace : undefined
      return await this.#deps.client.get(kind, { namespace, name })
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
      // A path that is not there names no object.
      return error.status.details?.name === undefined ? 'unserved' : undefined
    }
  }

  async close(): Promise<void> {
    this.#custom.close()
    await Promise.all([...this.#parts].map((part) => part.close()))
    await Promise.all(this.#closing)
  }
}
