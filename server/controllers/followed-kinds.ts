// Follows the definitions of kinds that users add: something is begun for each that is served, and ended some time after.
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { customResourceDefinitions } from '../../shared/kubernetes/kinds.ts'
import type { Timer } from '../machinery/clock.ts'
import type { ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps } from '../machinery/room.ts'
import { servedKindOf } from './custom-kinds.ts'
import { ownerName } from './garbage-index.ts'

/**
 * A kind that is no longer served is followed for so long yet: its objects went before it, and word of that may still be on
 * the way (pkg/controller/garbagecollector drops its monitors with the next of its syncs, every 30 s).
 */
const LINGER_MS = 30_000

export interface KindFollower<P> {
  begin(kind: Kind): P
  end(part: P): void
  /** Owner references may name a kind by these from now on (see `ownerName`). */
  served(names: readonly string[]): void
}

export interface FollowedKinds<P> {
  /** Resolves when something is begun for every kind that was served at the start. */
  readonly synced: Promise<void>
  /** What was begun for the kind that owner references name so (`ownerName`); undefined while it is not served. */
  named(name: string): P | undefined
  close(): void
}

/** Begins with the definitions that are there. `close` ends everything begun. */
export function followKinds<P>(deps: RoomDeps, follower: KindFollower<P>): FollowedKinds<P> {
  return new Following(deps, follower)
}

interface Followed<P> {
  kind: Kind
  part: P
  names: readonly string[]
  leaving: Timer | undefined
}

class Following<P> implements FollowedKinds<P> {
  readonly synced: Promise<void>
  readonly #deps: RoomDeps
  readonly #follower: KindFollower<P>
  readonly #byDefinition = new Map<string, Followed<P>>()
  readonly #byName = new Map<string, P>()
  readonly #unsubscribe: () => void

  constructor(deps: RoomDeps, follower: KindFollower<P>) {
    this.#deps = deps
    this.#follower = follower
    const definitions = deps.informers.of(customResourceDefinitions)
    this.synced = definitions.synced
    this.#unsubscribe = definitions.subscribe((change) => this.#heard(change))
  }

  named(name: string): P | undefined {
    return this.#byName.get(name)
  }

  #heard({ type, object }: ObjectChange<CustomResourceDefinition>): void {
    const { name = '' } = object.metadata
    const held = this.#byDefinition.get(name)
    const kind = type === 'deleted' ? undefined : servedKindOf(object)
    if (held) this.#forget(held.names)
    if (kind) this.#follow(name, held, kind, namesOf(object))
    else if (held) {
      held.names = []
      held.leaving ??= this.#deps.clock.after(LINGER_MS, () => this.#end(name, held))
    }
  }

  #follow(name: string, held: Followed<P> | undefined, kind: Kind, names: readonly string[]): void {
    held?.leaving?.cancel()
    const isSame = held && isSameKind(held.kind, kind)
    const part = isSame ? held.part : this.#follower.begin(kind)
    if (held && !isSame) this.#end(name, held)
    this.#byDefinition.set(name, { kind, part, names, leaving: undefined })
    for (const each of names) this.#byName.set(each, part)
    const added = names.filter((each) => !held?.names.includes(each))
    if (added.length > 0) this.#follower.served(added)
  }

  #forget(names: readonly string[]): void {
    for (const name of names) this.#byName.delete(name)
  }

  #end(name: string, { part }: Followed<P>): void {
    this.#byDefinition.delete(name)
    this.#follower.end(part)
  }

  close(): void {
    this.#unsubscribe()
    for (const [name, followed] of this.#byDefinition) {
      followed.leaving?.cancel()
      this.#forget(followed.names)
      this.#end(name, followed)
    }
  }
}

/** Every version that is served may stand in an owner reference. */
function namesOf({ spec: { group, names, versions } }: CustomResourceDefinition): string[] {
  return versions
    .filter(({ served }) => served)
    .map(({ name }) => ownerName({ apiVersion: `${group}/${name}`, kind: names.kind }))
}

/** Group and plural are the definition's name. */
function isSameKind(one: Kind, other: Kind): boolean {
  return (
    one.version === other.version && one.kind === other.kind && one.namespaced === other.namespaced
  )
}
