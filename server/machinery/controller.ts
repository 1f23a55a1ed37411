// A controller: keys in a queue, one reconcile per key at a time, retried with back-off. Level, not edge.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { controllerOf, keyOf } from '../../shared/kubernetes/meta.ts'
import { isConflict } from '../../shared/status.ts'
import { Backoff } from './backoff.ts'
import type { Informer } from './informer.ts'
import { messageOf } from './log.ts'
import type { RoomDeps, Running } from './room.ts'
import { WorkQueue } from './workqueue.ts'

/** Throw to retry with back-off; throw TerminalError to give up until the object changes again. */
export class TerminalError extends Error {}

/** Says to look again after that many milliseconds; nothing means done. */
export type ReconcileResult = { againInMs: number } | void

/** Another kind whose changes concern objects of the controller's own kind. */
export interface Source<T extends KubeObject = KubeObject> {
  kind: Kind<T>
  /** Keys (`namespace/name`) to reconcile for this change; called for the object before and after. */
  keysFor: (object: T) => readonly string[]
}

/** A Source of whatever kind: what `watches` holds. */
export interface AnySource {
  kind: Kind
  keysFor: (object: never) => readonly string[]
}

/** A Source whose function knows the type of its objects from the kind. */
export function source<T extends KubeObject>(
  kind: Kind<T>,
  keysFor: (object: T) => readonly string[],
): Source<T> {
  return { kind, keysFor }
}

export interface ControllerOptions {
  name: string
  /** Objects of this kind are reconciled under their own key. */
  for: Kind
  /** Kinds whose objects carry a controller owner reference to ours. */
  owns?: readonly Kind[]
  watches?: readonly AnySource[]
  /** Keys reconciled at the same time; default 4. */
  concurrency?: number
  reconcile: (key: string) => Promise<ReconcileResult>
}

export interface Controller extends Running {
  /** Reconcile this key soon. */
  enqueue(key: string): void
  /**
   * Resolves when the kinds are listed and no key waits, runs, or is to be retried after a failure. Keys that asked to be
   * looked at again later (`againInMs`) do not count before their time.
   */
  settled(): Promise<void>
}

export type StartController = (deps: RoomDeps, options: ControllerOptions) => Controller

/** First retry after 5 ms as in client-go; never less often than every 15 s, because a hall is watching. */
const RETRY = { baseMs: 5, maxMs: 15_000 }

/**
 * Starts a controller. Reconciling begins when all its kinds are listed. `close` resolves when no reconcile runs any more.
 */
export const startController: StartController = (deps, options) => new Loop(deps, options)

class Loop implements Controller {
  readonly #deps: RoomDeps
  readonly #options: ControllerOptions
  readonly #queue: WorkQueue
  readonly #backoff = new Backoff(RETRY)
  readonly #stops: (() => void)[] = []
  readonly #running = new Set<Promise<void>>()
  #watchers: (() => void)[] = []
  #synced = false
  #closed = false

  constructor(deps: RoomDeps, options: ControllerOptions) {
    const log = deps.log.named(options.name)
    this.#deps = { ...deps, log }
    this.#options = options
    this.#queue = new WorkQueue(deps.clock, () => this.#pump())
    const synced = [
      this.#follow(options.for, (object) => [keyOf(object)]),
      ...(options.owns ?? []).map((kind) =>
        this.#follow(kind, (object) => this.#ownerKeys(object)),
      ),
      ...(options.watches ?? []).map((source) =>
        this.#follow(source.kind, source.keysFor as Source['keysFor']),
      ),
    ]
    void Promise.all(synced).then(() => {
      this.#synced = true
      this.#pump()
      this.#tellSettled()
    })
  }

  #follow(kind: Kind, keysFor: (object: KubeObject) => readonly string[]): Promise<void> {
    const informer: Informer<KubeObject> = this.#deps.informers.of(kind)
    const stop = informer.subscribe(({ object, previous }) => {
      const keys = new Set(keysFor(object))
      if (previous && previous !== object) for (const key of keysFor(previous)) keys.add(key)
      for (const key of keys) this.enqueue(key)
    })
    this.#stops.push(stop)
    return informer.synced
  }

  #ownerKeys(object: KubeObject): string[] {
    const owner = controllerOf(object)
    const { kind, namespaced } = this.#options.for
    const ours = owner?.kind === kind && groupOf(owner.apiVersion) === this.#options.for.group
    if (!ours) return []
    return [namespaced ? `${object.metadata.namespace ?? ''}/${owner.name}` : owner.name]
  }

  enqueue(key: string): void {
    this.#queue.add(key)
  }

  #pump(): void {
    const { concurrency = 4 } = this.#options
    while (this.#synced && !this.#closed && this.#running.size < concurrency) {
      const key = this.#queue.take()
      if (key === undefined) return
      const run = this.#process(key).finally(() => {
        this.#running.delete(run)
        this.#queue.done(key)
        this.#pump()
        this.#tellSettled()
      })
      this.#running.add(run)
    }
  }

  async #process(key: string): Promise<void> {
    try {
      const result = await this.#options.reconcile(key)
      this.#backoff.forget(key)
      if (result && !this.#closed) this.#queue.addAfter(key, result.againInMs)
    } catch (error) {
      this.#failed(key, error)
    }
  }

  #failed(key: string, error: unknown): void {
    if (this.#closed) return
    const { log } = this.#deps
    if (error instanceof TerminalError) {
      log.warn(`${key}: ${error.message}`)
      this.#backoff.forget(key)
      return
    }
    const wait = this.#backoff.failed(key)
    // Somebody wrote in between: ordinary, the retry sees the newer object.
    if (isConflict(error)) log.debug(`${key}: ${messageOf(error)}`)
    else log.warn(`${key}: ${messageOf(error)}`)
    this.#queue.addAfter(key, wait)
  }

  get #isSettled(): boolean {
    const { waiting, processing } = this.#queue.state
    return this.#closed || (this.#synced && waiting + processing === 0 && this.#backoff.size === 0)
  }

  settled(): Promise<void> {
    if (this.#isSettled) return Promise.resolve()
    return new Promise((resolve) => this.#watchers.push(resolve))
  }

  #tellSettled(): void {
    if (this.#watchers.length === 0 || !this.#isSettled) return
    const watchers = this.#watchers
    this.#watchers = []
    for (const tell of watchers) tell()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#queue.close()
    await Promise.all(this.#running)
    this.#tellSettled()
  }
}

/** `apps/v1` -> `apps`, `v1` -> ``. */
function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
