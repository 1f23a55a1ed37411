// The feed: every change has a position, the newest are kept, so that a browser that was away gets just what it missed.
import { applyChange, changeBetween, emptyFeed, VIEW_KINDS } from '../../shared/feed.ts'
import type {
  FeedBatch,
  FeedChange,
  FeedReset,
  View,
  ViewKind,
  ViewOf,
} from '../../shared/stage.ts'

/** Changes kept for those who resume; about a megabyte. */
const RING_CHANGES = 8_192

export interface Feed {
  readonly position: number
  /** Says what a view is now; only what differs becomes a change. */
  put(view: View): void
  drop(kind: ViewKind, key: string): void
  get<K extends ViewKind>(kind: K, key: string): ViewOf<K> | undefined
  all<K extends ViewKind>(kind: K): ReadonlyMap<string, ViewOf<K>>
  /** What changed after `position`; undefined when that is no longer (or not yet) held: reset then. */
  since(position: number, at: number): FeedBatch | undefined
  reset(at: number): FeedReset
  /** True when `from` belongs to this run. */
  isOfThisRun(run: string): boolean
  /** Called after every change. */
  onNews(listener: (change: FeedChange) => void): void
}

/** An empty feed. @param run names this run of the stage; positions of another mean nothing */
export function createFeed(run: string, keep = RING_CHANGES): Feed {
  const state = emptyFeed()
  state.run = run
  /** The change that led to position p is at [p % keep]. */
  const ring: FeedChange[] = []
  const listeners: ((change: FeedChange) => void)[] = []

  const publish = (change: FeedChange): void => {
    applyChange(state, change)
    state.position += 1
    ring[state.position % keep] = change
    for (const listener of listeners) listener(change)
  }
  return {
    get position() {
      return state.position
    },
    put(view) {
      const change = changeBetween(state.views[view.kind].get(view.key), view)
      if (change) publish(change)
    },
    drop(kind, key) {
      if (state.views[kind].has(key)) publish({ drop: { kind, key } })
    },
    get: (kind, key) => state.views[kind].get(key),
    all: (kind) => state.views[kind],
    since(from, at) {
      const missed = state.position - from
      if (!Number.isSafeInteger(from) || missed < 0 || missed > keep) return undefined
      const changes: FeedChange[] = []
      for (let position = from + 1; position <= state.position; position += 1) {
        changes.push(ring[position % keep]!)
      }
      return { from, to: state.position, at, changes }
    },
    reset: (at) => ({
      run,
      position: state.position,
      at,
      views: VIEW_KINDS.flatMap((kind): View[] => [...state.views[kind].values()]),
    }),
    isOfThisRun: (other) => other === run,
    onNews: (listener) => void listeners.push(listener),
  }
}
