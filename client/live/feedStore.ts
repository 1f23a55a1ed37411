// Holds what the feed says, outside of React: the canvas reads it at every frame, hooks subscribe to one kind of it.
import { applyBatch, applyReset, emptyFeed, VIEW_KINDS } from '../../shared/feed.ts'
import type { FeedBatch, FeedReset, ViewKind, ViewOf } from '../../shared/stage.ts'

export interface FeedStore {
  /** Everything of one kind by key. Live: read it, do not keep it across frames. */
  getAll<K extends ViewKind>(kind: K): ReadonlyMap<string, ViewOf<K>>
  get<K extends ViewKind>(kind: K, key: string): ViewOf<K> | undefined
  /** The same as an array that stays identical until something of that kind changes. */
  list<K extends ViewKind>(kind: K): readonly ViewOf<K>[]
  /** Grows with every change of that kind; comparing it is the cheapest "anything new?". */
  version(kind: ViewKind): number
  /** Calls back after a batch changed that kind. Answers the way to stop. */
  subscribe(kind: ViewKind, onChange: () => void): () => void
  /** The last position seen, to resume from; null before the first reset. */
  resumePoint(): { run: string; position: number } | null
  reset(reset: FeedReset): void
  /** Applies a batch; `gap` means: subscribe again. */
  apply(batch: FeedBatch): 'applied' | 'seen' | 'gap'
}

interface KindState {
  version: number
  /** Made on demand; undefined when something changed since. */
  list: readonly unknown[] | undefined
  listeners: Set<() => void>
}

/** An empty store. */
export function createFeedStore(): FeedStore {
  const state = emptyFeed()
  const kinds = new Map<ViewKind, KindState>(
    VIEW_KINDS.map((kind) => [kind, { version: 0, list: undefined, listeners: new Set() }]),
  )
  const of = (kind: ViewKind): KindState => kinds.get(kind)!
  const touch = (touched: Iterable<ViewKind>): void => {
    const changed = [...touched].map(of)
    for (const kind of changed) {
      kind.version += 1
      kind.list = undefined
    }
    for (const kind of changed) for (const listener of kind.listeners) listener()
  }
  return {
    getAll: (kind) => state.views[kind],
    get: (kind, key) => state.views[kind].get(key),
    list: <K extends ViewKind>(kind: K) =>
      (of(kind).list ??= [...state.views[kind].values()]) as readonly ViewOf<K>[],
    version: (kind) => of(kind).version,
    subscribe(kind, onChange) {
      of(kind).listeners.add(onChange)
      return () => of(kind).listeners.delete(onChange)
    },
    resumePoint: () => (state.run === null ? null : { run: state.run, position: state.position }),
    reset(reset) {
      applyReset(state, reset)
      touch(VIEW_KINDS)
    },
    apply(batch) {
      const result = applyBatch(state, batch)
      if (result.outcome === 'applied') touch(result.touched)
      return result.outcome
    },
  }
}
