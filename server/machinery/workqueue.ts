// The keys that need looking at (client-go: util/workqueue). A key waits at most once, is never handed out while it is
// being worked on, and is handed out again afterwards when it was added meanwhile.
import type { Clock, Timer } from './clock.ts'

export interface WorkQueueState {
  /** Keys ready to be taken. */
  waiting: number
  /** Keys taken and not yet done. */
  processing: number
  /** Keys that become ready later. */
  delayed: number
}

export class WorkQueue<K = string> {
  readonly #clock: Clock
  /** Called whenever a key may have become ready. */
  readonly #onReady: () => void
  /** Ready keys in order of arrival. */
  readonly #waiting = new Set<K>()
  readonly #processing = new Set<K>()
  /** Added while being processed: waits again when done. */
  readonly #again = new Set<K>()
  readonly #delayed = new Map<K, { due: number; timer: Timer }>()
  #closed = false

  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock
    this.#onReady = onReady
  }

  /** Makes the key ready now. Adding it again before it is taken changes nothing. */
  add(key: K): void {
    if (this.#closed) return
    this.#undelay(key)
    if (this.#processing.has(key)) {
      this.#again.add(key)
      return
    }
    if (this.#waiting.has(key)) return
    this.#waiting.add(key)
    this.#onReady()
  }

  /** Makes the key ready after `ms`, or sooner if it is already due sooner. */
  addAfter(key: K, ms: number): void {
    if (ms <= 0) {
      this.add(key)
      return
    }
    const due = this.#clock.now() + ms
    if (this.#closed || this.#waiting.has(key)) return
    if ((this.#delayed.get(key)?.due ?? Infinity) <= due) return
    this.#undelay(key)
    this.#delayed.set(key, { due, timer: this.#clock.after(ms, () => this.add(key)) })
  }

  /** The next ready key, now being processed; undefined when there is none. */
  take(): K | undefined {
    for (const key of this.#waiting) {
      this.#waiting.delete(key)
      this.#processing.add(key)
      return key
    }
    return undefined
  }

  /** The key that was taken has been dealt with. */
  done(key: K): void {
    this.#processing.delete(key)
    if (this.#again.delete(key)) this.add(key)
  }

  get state(): WorkQueueState {
    return {
      waiting: this.#waiting.size + this.#again.size,
      processing: this.#processing.size,
      delayed: this.#delayed.size,
    }
  }

  /** Forgets everything that waits and takes nothing more. */
  close(): void {
    this.#closed = true
    for (const { timer } of this.#delayed.values()) timer.cancel()
    this.#delayed.clear()
    this.#waiting.clear()
    this.#again.clear()
  }

  #undelay(key: K): void {
    this.#delayed.get(key)?.timer.cancel()
    this.#delayed.delete(key)
  }
}
