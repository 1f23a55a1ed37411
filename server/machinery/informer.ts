// An informer keeps a local replica of one kind: list once, watch from there, list again when told the past is gone.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'

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
