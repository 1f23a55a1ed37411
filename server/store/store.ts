// The revisioned log everything rests on: etcd's semantics behind an interface the size of a sentence.
// It knows keys and JSON values, not Pods.

/** A JSON object. Values are immutable once written: readers share them. */
export type Value = object

/** One key's newest state, or one change of it. */
export interface Entry<V extends Value = Value> {
  readonly key: string
  readonly value: V
  /** The revision that wrote this value. */
  readonly revision: number
  /** The revision that created the key. */
  readonly createRevision: number
}

/** A change as watchers see it. `prev` is absent for a creation; a deletion carries the last value. */
export interface Change<V extends Value = Value> {
  readonly type: 'put' | 'delete'
  readonly key: string
  /** The new value, or the last one for a deletion. */
  readonly value: V
  readonly revision: number
  readonly createRevision: number
  readonly prev: Entry<V> | undefined
}

/**
 * `expected`: 0 = the key must not exist; n = it must stand at revision n; absent = whatever.
 * `value` is called with the revision about to be written, so that an object can carry its own resourceVersion;
 * undefined deletes the key.
 */
export interface Write<V extends Value = Value> {
  key: string
  value: ((revision: number) => V) | undefined
  expected?: number
}

export interface Page<V extends Value = Value> {
  /** In key order. */
  entries: Entry<V>[]
  /** The revision the page shows. */
  revision: number
  /** Entries with the prefix after the last one of this page. */
  remaining: number
}

export interface StoreWatch {
  /** Rejects with CompactedError, or SlowWatcherError when the watcher could not keep up; resolves on close. */
  readonly done: Promise<void>
  /**
   * Stops delivery until `resume`: for a watcher whose own outlet is full. Changes wait meanwhile; one too many and the
   * watcher is dropped with SlowWatcherError.
   */
  pause(): void
  resume(): void
  close(): void
}

export interface Store {
  /** The newest revision written; 0 when empty. */
  readonly revision: number
  /** Changes up to and including this one are forgotten: a watch may start after it, a list be read at it, not before. */
  readonly compacted: number

  get(key: string): Entry | undefined
  /** Entries whose key starts with `prefix`, from after `after`, at most `limit`, at the newest revision or `at` an older one. */
  list(prefix: string, options?: { after?: string; limit?: number; at?: number }): Page
  /**
   * Appends one change. It is visible to reads and watches at once in revision order; the promise resolves when it is
   * durable (it then survives kill -9 and power loss). Rejects with ConflictError when `expected` does not hold, or when
   * a key that is not there is to be deleted.
   */
  write(write: Write): Promise<Change>
  /**
   * Every change with the prefix after revision `after`, oldest first, then live ones as they happen, each exactly once.
   * The first call of `onChange` comes after `watch` has returned; live changes arrive before their `write` returns.
   */
  watch(prefix: string, after: number, onChange: (change: Change) => void): StoreWatch
  /** Forgets history up to `revision`; current values stay. */
  compact(revision: number): void
  close(): Promise<void>
}

/** `expected` did not hold; `actual` is the entry that stands there, if any. */
export class ConflictError extends Error {
  readonly actual: Entry | undefined
  constructor(key: string, actual: Entry | undefined) {
    super(`${key} stands at revision ${actual?.revision ?? 0}`)
    this.actual = actual
  }
}

/** The asked-for revision has been compacted. */
export class CompactedError extends Error {}

/** The asked-for revision has not been written yet. */
export class FutureRevisionError extends Error {}

/** The watcher's queue grew past its bound; it must start again from the last revision it saw. */
export class SlowWatcherError extends Error {}
