// An informer keeps a local replica of one kind: list once, watch from there, list again when told the past is gone.
import type { KubeClient, Watching } from '../../shared/client.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../shared/kubernetes/meta.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import { isGone } from '../../shared/status.ts'
import type { Replica, WatchEvent } from '../../shared/watch.ts'
import { applyWatchEvent } from '../../shared/watch.ts'
import { backoffAfter } from './backoff.ts'
import type { Clock, Timer } from './clock.ts'
import { Indexes } from './indexes.ts'
import type { Log } from './log.ts'
import { messageOf } from './log.ts'

/** `previous` is absent for an addition, `object` is the last known state for a deletion. */
export interface ObjectChange<T extends KubeObject> {
  type: 'added' | 'modified' | 'deleted'
  object: T
  previous: T | undefined
}

export interface Informer<T extends KubeObject> {
  readonly kind: Kind<T>
  /** Resolves when the first list is in. */
  readonly synced: Promise<void>
  /** By `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): T | undefined
  all(): IterableIterator<T>
  /** Objects for which the index function (given once to `addIndex`) answered `value`. */
  byIndex(index: string, value: string): readonly T[]
  /** Adds an index; adding the same name again is harmless. Cost per event is O(values of that object). */
  addIndex(index: string, valuesOf: (object: T) => readonly string[]): void
  /** Calls back for every change from now on, after a first 'added' for all that is held. Answers the way to stop. */
  subscribe(onChange: (change: ObjectChange<T>) => void): () => void
  /** The resourceVersion up to which the replica is complete. */
  readonly resourceVersion: string
}

export interface Informers {
  /** The shared informer of a kind, started on first use. */
  of<T extends KubeObject>(kind: Kind<T>): Informer<T>
  close(): void
}

/** Between attempts to reach a server that does not answer (client-go: tools/cache/reflector.go starts at 800 ms). */
const RETRY = { baseMs: 100, maxMs: 10_000 }

/** What informers need of a client. */
export type ListingClient = Pick<KubeClient, 'list' | 'watch'>

/** The shared informers of one client. */
export function createInformers(client: ListingClient, clock: Clock, log: Log): Informers {
  const held = new Map<string, Replicator<KubeObject>>()
  return {
    of<T extends KubeObject>(kind: Kind<T>): Informer<T> {
      const name = `${apiVersionOf(kind)}/${kind.plural}`
      let replicator = held.get(name)
      if (!replicator) {
        replicator = new Replicator<KubeObject>(kind, {
          client,
          clock,
          log: log.named(kind.plural),
        })
        held.set(name, replicator)
        replicator.start()
      }
      return replicator as unknown as Informer<T>
    },
    close() {
      for (const replicator of held.values()) replicator.close()
    },
  }
}

interface ReplicatorDeps {
  client: ListingClient
  clock: Clock
  log: Log
}

class Replicator<T extends KubeObject> implements Informer<T> {
  readonly kind: Kind<T>
  readonly synced: Promise<void>
  readonly #deps: ReplicatorDeps
  readonly #replica: Replica<T> = { resourceVersion: '', objects: new Map() }
  readonly #indexes = new Indexes<T>()
  readonly #subscribers = new Set<(change: ObjectChange<T>) => void>()
  #tellSynced!: () => void
  #watching: Watching | undefined
  #retry: Timer | undefined
  #failures = 0
  #closed = false

  constructor(kind: Kind<T>, deps: ReplicatorDeps) {
    this.kind = kind
    this.#deps = deps
    this.synced = new Promise((resolve) => {
      this.#tellSynced = resolve
    })
  }

  get resourceVersion(): string {
    return this.#replica.resourceVersion
  }

  get(key: string): T | undefined {
    return this.#replica.objects.get(key)
  }

  all(): IterableIterator<T> {
    return this.#replica.objects.values()
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#indexes.get(index, value)
  }

  addIndex(index: string, valuesOf: (object: T) => readonly string[]): void {
    this.#indexes.add(index, valuesOf, this.#replica.objects)
  }

  subscribe(onChange: (change: ObjectChange<T>) => void): () => void {
    // The same function given twice is two subscriptions.
    const subscriber = (change: ObjectChange<T>): void => onChange(change)
    for (const object of this.#replica.objects.values()) {
      this.#tell(subscriber, { type: 'added', object, previous: undefined })
    }
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  start(): void {
    void this.#list()
  }

  close(): void {
    this.#closed = true
    this.#retry?.cancel()
    this.#watching?.close()
    this.#subscribers.clear()
  }

  async #list(): Promise<void> {
    try {
      const list = await this.#deps.client.list(this.kind)
      if (this.#closed) return
      this.#replace(list)
      this.#tellSynced()
      this.#watch()
    } catch (error) {
      this.#again(error, () => void this.#list())
    }
  }

  /** Makes the replica what the list says, telling subscribers the difference. */
  #replace(list: KubeList<T>): void {
    const gone = new Map(this.#replica.objects)
    for (const object of list.items) {
      gone.delete(keyOf(object))
      this.#apply({ type: 'MODIFIED', object })
    }
    for (const [key, object] of gone) {
      this.#replica.objects.delete(key)
      this.#gone(key, object, object)
    }
    this.#replica.resourceVersion = list.metadata.resourceVersion ?? '0'
  }

  #watch(): void {
    const startedAt = this.#deps.clock.now()
    const { client } = this.#deps
    const options = { resourceVersion: this.resourceVersion, allowWatchBookmarks: true }
    this.#watching = client.watch(this.kind, options, (event) => {
      this.#failures = 0
      this.#apply(event)
    })
    this.#watching.done.then(
      () => {
        // An ordinary end, as servers do every few minutes; one that comes at once is treated as a failure.
        if (this.#deps.clock.now() - startedAt >= 1000) this.#failures = 0
        this.#again(undefined, () => this.#watch())
      },
      (error: unknown) => {
        if (isGone(error)) this.#again(undefined, () => void this.#list())
        else this.#again(error, () => this.#watch())
      },
    )
  }

  #again(error: unknown, attempt: () => void): void {
    if (this.#closed) return
    if (error !== undefined) this.#deps.log.warn(messageOf(error))
    this.#failures += 1
    // The first attempt after a break is made at once.
    const wait = this.#failures === 1 ? 0 : backoffAfter(this.#failures - 1, RETRY)
    this.#retry = this.#deps.clock.after(wait, attempt)
  }

  #apply(event: WatchEvent<T>): void {
    if (this.#closed) return
    const key = event.type === 'BOOKMARK' ? '' : keyOf(event.object)
    const previous = this.#replica.objects.get(key)
    if (applyWatchEvent(this.#replica, event) === 'skipped') return
    const { object } = event
    if (event.type !== 'DELETED') {
      this.#indexes.move(key, previous, object)
      this.#tellAll({ type: previous ? 'modified' : 'added', object, previous })
    } else if (previous) this.#gone(key, object, previous)
  }

  #gone(key: string, object: T, previous: T): void {
    this.#indexes.move(key, previous, undefined)
    this.#tellAll({ type: 'deleted', object, previous })
  }

  #tellAll(change: ObjectChange<T>): void {
    for (const subscriber of Array.from(this.#subscribers)) this.#tell(subscriber, change)
  }

  #tell(subscriber: (change: ObjectChange<T>) => void, change: ObjectChange<T>): void {
    try {
      subscriber(change)
    } catch (error) {
      this.#deps.log.error(`a subscriber failed on ${keyOf(change.object)}`, error)
    }
  }
}
