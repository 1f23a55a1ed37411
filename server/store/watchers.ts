// Who watches which prefix, and the fan-out of a change to them.
import type { Change, StoreWatch } from './store.ts'
import { SlowWatcherError } from './store.ts'

/** One watch: replays `past` first, then takes live changes in order; while paused they wait, at most `bound` of them. */
export class Watcher implements StoreWatch {
  readonly prefix: string
  readonly done: Promise<void>
  readonly #onChange: (change: Change) => void
  readonly #bound: number
  readonly #onEnd: () => void
  #settle!: { resolve: () => void; reject: (error: unknown) => void }
  #waiting: Change[] = []
  /** Revisions up to here have been taken. */
  #seen = 0
  /** Nothing is delivered before `watch` has returned. */
  #started = false
  #paused = false
  #draining = false
  #ended = false

  constructor(
    prefix: string,
    onChange: (change: Change) => void,
    { bound, onEnd }: { bound: number; onEnd: () => void },
  ) {
    this.prefix = prefix
    this.#onChange = onChange
    this.#bound = bound
    this.#onEnd = onEnd
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Whoever does not look at `done` must not bring the process down.
    this.done.catch(() => {})
  }

  /** Delivers the past, which reaches up to revision `upTo`, then whatever comes in after it. */
  start(past: Iterable<Change>, upTo: number): void {
    for (const change of past) {
      if (change.key.startsWith(this.prefix)) this.#waiting.push(change)
    }
    this.#seen = upTo
    queueMicrotask(() => {
      this.#started = true
      this.#drain()
    })
  }

  take(change: Change): void {
    if (change.revision <= this.#seen || this.#ended) return
    this.#seen = change.revision
    this.#waiting.push(change)
    if (this.#paused && this.#waiting.length > this.#bound) {
      this.end(new SlowWatcherError(`more than ${this.#bound} changes wait for the watcher`))
    } else this.#drain()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#drain()
  }

  // Changes that arrive while others are handed out join the end of the same queue.
  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    let handed = 0
    while (this.#started && !this.#paused && !this.#ended && handed < this.#waiting.length) {
      this.#hand(this.#waiting[handed++]!)
    }
    if (handed === this.#waiting.length) this.#waiting.length = 0
    else this.#waiting.splice(0, handed)
    this.#draining = false
  }

  close(): void {
    this.end()
  }

  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#onEnd()
    if (!this.#draining) this.#waiting = []
    if (error === undefined) this.#settle.resolve()
    else this.#settle.reject(error)
  }

  #hand(change: Change): void {
    try {
      this.#onChange(change)
    } catch (error) {
      this.end(error)
    }
  }
}

/** All watchers of a store, found by the prefixes of a key: cost is the number of distinct prefix lengths in use. */
export class Watchers {
  readonly #byPrefix = new Map<string, Set<Watcher>>()
  /** Prefix length -> number of prefixes of that length. */
  readonly #lengths = new Map<number, number>()
  readonly #undelivered: Change[] = []
  #delivering = false

  add(watcher: Watcher): void {
    const { prefix } = watcher
    const held = this.#byPrefix.get(prefix)
    if (held) {
      held.add(watcher)
      return
    }
    this.#byPrefix.set(prefix, new Set([watcher]))
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1)
  }

  remove(watcher: Watcher): void {
    const { prefix } = watcher
    const held = this.#byPrefix.get(prefix)
    if (!held?.delete(watcher) || held.size > 0) return
    this.#byPrefix.delete(prefix)
    const left = this.#lengths.get(prefix.length)! - 1
    if (left === 0) this.#lengths.delete(prefix.length)
    else this.#lengths.set(prefix.length, left)
  }

  /** Hands the change to its watchers. A change written by a watcher waits until all have seen the one before. */
  deliver(change: Change): void {
    this.#undelivered.push(change)
    if (this.#delivering) return
    this.#delivering = true
    for (let index = 0; index < this.#undelivered.length; index++) {
      this.#deliverOne(this.#undelivered[index]!)
    }
    this.#undelivered.length = 0
    this.#delivering = false
  }

  #deliverOne(change: Change): void {
    for (const length of this.#lengths.keys()) {
      if (length > change.key.length) continue
      const watchers = this.#byPrefix.get(change.key.slice(0, length))
      if (!watchers) continue
      for (const watcher of watchers) watcher.take(change)
    }
  }

  /** Ends every watch. */
  close(): void {
    for (const watchers of this.#byPrefix.values()) {
      for (const watcher of watchers) watcher.end()
    }
  }
}
