// The revisioned log in memory: a map for reads, sorted keys for lists, the newest changes for watches.
import { History } from './history.ts'
import { SortedKeys } from './sorted-keys.ts'
import type { Change, Entry, Page, Store, StoreWatch, Write } from './store.ts'
import { ConflictError } from './store.ts'
import { Watcher, Watchers } from './watchers.ts'

export interface MemoryStoreOptions {
  /** Changes kept for watches and for lists of the past; older ones are compacted. Default 20,000. */
  history?: number
  /** Changes that may wait for a paused watcher. Default 10,000. */
  watchBound?: number
}

/** What a store starts from: the entries standing at `revision`. */
interface Start {
  revision: number
  entries: Iterable<Entry>
}

export class MemoryStore implements Store {
  readonly #entries = new Map<string, Entry>()
  readonly #keys = new SortedKeys()
  readonly #history: History
  readonly #watchers = new Watchers()
  readonly #watchBound: number

  constructor(
    { history = 20_000, watchBound = 10_000 }: MemoryStoreOptions = {},
    start: Start = { revision: 0, entries: [] },
  ) {
    this.#history = new History(history, start.revision)
    this.#watchBound = watchBound
    for (const entry of start.entries) this.#put(entry)
  }

  get revision(): number {
    return this.#history.newest
  }

  get compacted(): number {
    return this.#history.compacted
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  list(prefix: string, options: { after?: string; limit?: number; at?: number } = {}): Page {
    const { after = '', limit = Infinity, at = this.revision } = options
    if (at !== this.revision) return this.#listPast(prefix, after, limit, at)
    const entries = this.#keys.from(prefix, after, limit).map((key) => this.#entries.get(key)!)
    const remaining = limit === Infinity ? 0 : this.#keys.count(prefix, after) - entries.length
    return { entries, revision: at, remaining }
  }

  // Takes back what has happened since: cost grows with the changes since `at` and the entries with the prefix.
  #listPast(prefix: string, after: string, limit: number, at: number): Page {
    const before = this.#history.undoTo(at, prefix)
    const standing: Entry[] = []
    for (const key of this.#keys.from(prefix, after)) {
      const entry = before.has(key) ? before.get(key) : this.#entries.get(key)
      if (entry) standing.push(entry)
    }
    for (const [key, entry] of before) {
      if (entry && key > after && !this.#entries.has(key)) standing.push(entry)
    }
    standing.sort((a, b) => (a.key < b.key ? -1 : 1))
    const entries = standing.slice(0, limit)
    return { entries, revision: at, remaining: standing.length - entries.length }
  }

  write(write: Write): Promise<Change> {
    try {
      const change = this.plan(write)
      this.apply(change)
      this.deliver(change)
      return Promise.resolve(change)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The change a write makes now. Throws ConflictError, or what `write.value` throws. */
  plan({ key, value, expected }: Write): Change {
    const prev = this.#entries.get(key)
    const unexpected = expected !== undefined && expected !== (prev?.revision ?? 0)
    if (unexpected || (!value && !prev)) throw new ConflictError(key, prev)
    const revision = this.revision + 1
    const createRevision = prev?.createRevision ?? revision
    if (!value) return { type: 'delete', key, value: prev!.value, revision, createRevision, prev }
    return { type: 'put', key, value: value(revision), revision, createRevision, prev }
  }

  /** Makes the change visible to reads; its revision is the next one. */
  apply(change: Change): void {
    const { type, key, value, revision, createRevision } = change
    if (type === 'put') this.#put({ key, value, revision, createRevision })
    else {
      this.#entries.delete(key)
      this.#keys.remove(key)
    }
    this.#history.append(change)
  }

  /** Tells the watchers about a change that has been applied. */
  deliver(change: Change): void {
    this.#watchers.deliver(change)
  }

  #put(entry: Entry): void {
    if (!this.#entries.has(entry.key)) this.#keys.add(entry.key)
    this.#entries.set(entry.key, entry)
  }

  watch(prefix: string, after: number, onChange: (change: Change) => void): StoreWatch {
    const watcher: Watcher = new Watcher(prefix, onChange, {
      bound: this.#watchBound,
      onEnd: () => this.#watchers.remove(watcher),
    })
    try {
      watcher.start(this.#history.after(after), this.revision)
      this.#watchers.add(watcher)
    } catch (error) {
      watcher.end(error)
    }
    return watcher
  }

  compact(revision: number): void {
    this.#history.compact(revision)
  }

  /** Every entry, in no order. */
  entries(): Entry[] {
    return [...this.#entries.values()]
  }

  close(): Promise<void> {
    this.#watchers.close()
    return Promise.resolve()
  }
}

/** A store that keeps nothing: for tests and `--data-dir memory`. */
export function openMemoryStore(options?: MemoryStoreOptions): Store {
  return new MemoryStore(options)
}
