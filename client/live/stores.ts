// Everything the browser knows, in one bundle: the feed, and small zustand stores for what is not a list of views.
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { LoadView, StageInfo } from '../../shared/stage.ts'
import type { FeedStore } from './feedStore.ts'
import { createFeedStore } from './feedStore.ts'

/**
 * connecting: never connected yet. reconnecting: was live, the connection broke and is being tried again.
 * refused: the stage does not accept this browser (no or wrong token); trying again without a new one is in vain.
 */
export type ConnectionStatus = 'connecting' | 'live' | 'reconnecting' | 'refused'

export interface Connection {
  status: ConnectionStatus
  /** How old the newest word of the stage is, in ms; 0 while it speaks regularly. */
  staleMs: number
  /** Why it was refused, as a sentence; null otherwise. */
  reason: string | null
  /** Add to this machine's clock (ms) to get the stage's. */
  clockOffsetMs: number
}

/** Whether the stage is within reach: connected, or only just not. */
export function isConnected({ status, staleMs }: Connection): boolean {
  return status === 'live' || (status === 'reconnecting' && staleMs === 0)
}

/** One a second is kept, this many at most. */
export const HISTORY_SECONDS = 300

export interface LiveStores {
  feed: FeedStore
  load: StoreApi<{ load: LoadView | null }>
  /** Oldest first, one a second. */
  history: StoreApi<{ history: readonly LoadView[] }>
  connection: StoreApi<Connection>
  info: StoreApi<{ info: StageInfo | null }>
}

/** Empty stores, before the first word of the stage. */
export function createStores(): LiveStores {
  return {
    feed: createFeedStore(),
    load: createStore(() => ({ load: null as LoadView | null })),
    history: createStore(() => ({ history: [] as readonly LoadView[] })),
    connection: createStore((): Connection => ({
      status: 'connecting',
      staleMs: 0,
      reason: null,
      clockOffsetMs: 0,
    })),
    info: createStore(() => ({ info: null as StageInfo | null })),
  }
}

/** The history with one more measurement: one a second is kept, the newest of each second. */
export function withMeasurement(history: readonly LoadView[], load: LoadView): LoadView[] {
  const second = (each: LoadView): number => Math.floor(each.at / 1000)
  const last = history.at(-1)
  const kept = last && second(last) === second(load) ? history.slice(0, -1) : history
  return [...kept.slice(-(HISTORY_SECONDS - 1)), load]
}
