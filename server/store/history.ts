// The newest changes, one per revision without gaps, so a revision is a position.
import type { Change, Entry } from './store.ts'
import { CompactedError, FutureRevisionError } from './store.ts'

/** Remembers the changes after `compacted` up to `newest`, at most `limit` of them. */
export class History {
  readonly #limit: number
  #changes: Change[] = []
  /** How many of the first elements of #changes are forgotten already; they are cut off now and then. */
  #dropped = 0
  #compacted: number

  constructor(limit: number, compacted = 0) {
    this.#limit = limit
    this.#compacted = compacted
  }

  get compacted(): number {
    return this.#compacted
  }

  get newest(): number {
    return this.#compacted + this.#changes.length - this.#dropped
  }

  append(change: Change): void {
    this.#changes.push(change)
    if (this.newest - this.#compacted > this.#limit) this.compact(this.#compacted + 1)
  }

  /** Forgets changes up to and including `revision`. */
  compact(revision: number): void {
    const upTo = Math.min(revision, this.newest)
    if (upTo <= this.#compacted) return
    this.#dropped += upTo - this.#compacted
    this.#compacted = upTo
    if (this.#dropped * 2 < this.#changes.length && this.#dropped < this.#limit) return
    this.#changes = this.#changes.slice(this.#dropped)
    this.#dropped = 0
  }

  /**
   * The changes after `revision`, oldest first.
   * @throws CompactedError when some are forgotten, FutureRevisionError when `revision` has not been written.
   */
  *after(revision: number): Generator<Change> {
    this.check(revision)
    const start = this.#dropped + revision - this.#compacted
    const changes = this.#changes
    for (let index = start; index < changes.length; index++) yield changes[index]!
  }

  /** Throws what `after` throws. */
  check(revision: number): void {
    if (revision < this.#compacted) {
      throw new CompactedError(
        `revision ${revision} has been compacted; the oldest is ${this.#compacted}`,
      )
    }
    if (revision > this.newest) {
      throw new FutureRevisionError(
        `revision ${revision} has not been written; the newest is ${this.newest}`,
      )
    }
  }

  /** What stood at `revision` under each key with the prefix that changed since (undefined: nothing). */
  undoTo(revision: number, prefix: string): Map<string, Entry | undefined> {
    const before = new Map<string, Entry | undefined>()
    for (const { key, prev } of this.after(revision)) {
      if (key.startsWith(prefix) && !before.has(key)) before.set(key, prev)
    }
    return before
  }
}
