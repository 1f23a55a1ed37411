// What the rest of the client knows of the stage: stores filled from one socket, hooks to read them, one call to act.
import { createContext, use, useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { countReadyServers, gateStateOf } from '../../shared/gates.ts'
import type { GateState } from '../../shared/gates.ts'
import type {
  Action,
  ActionResult,
  LoadView,
  PodView,
  StageInfo,
  ViewKind,
  ViewOf,
} from '../../shared/stage.ts'
import { postAction } from './actions.ts'
import { connectLive } from './connection.ts'
import type { FeedStore } from './feedStore.ts'
import { liveNow, reel, stores } from './page.ts'
import { startReplay } from './replay.ts'
import type { Connection, LiveStores } from './stores.ts'
import { isConnected } from './stores.ts'
import { createWords } from './words.ts'

/** Where the hooks below read: what is now, unless a part of the page shows the past. */
export const ShownStores = createContext<LiveStores>(stores)

/** The stores that the calling part of the page shows, for what must not wait for React. */
export function useShownStores(): LiveStores {
  return use(ShownStores)
}

/** A tab that is only glanced away from stays awake. */
const SLEEP_AFTER_MS = 10_000

/** Connects the stores to the stage this page came from. Called once, by the entry. Answers the way to stop. */
export function startLive(): { close(): void } {
  const connection = connectLive(stores, { url: '', reel })
  const stopReplay = startReplay()
  let timer: ReturnType<typeof setTimeout> | undefined
  const onVisibility = (): void => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => connection.sleep(), SLEEP_AFTER_MS)
    else connection.wake()
  }
  document.addEventListener('visibilitychange', onVisibility)
  return {
    close() {
      document.removeEventListener('visibilitychange', onVisibility)
      clearTimeout(timer)
      stopReplay()
      connection.close()
    },
  }
}

/** All views of one kind; the array changes identity only when one of them changes. */
export function useViews<K extends ViewKind>(kind: K): readonly ViewOf<K>[] {
  const { feed } = use(ShownStores)
  return useSyncExternalStore(useSubscribe(kind), () => feed.list(kind))
}

function useSubscribe(kind: ViewKind): (onChange: () => void) => () => void {
  const { feed } = use(ShownStores)
  return useCallback((onChange) => hearSoon(feed, kind, onChange), [feed, kind])
}

const words = createWords()

/** Hears of a kind's changes a moment after the canvas. */
function hearSoon(feed: FeedStore, kind: ViewKind, onChange: () => void): () => void {
  const stop = feed.subscribe(kind, () => words.tell(onChange))
  return () => {
    stop()
    words.forget(onChange)
  }
}

/**
 * The pods, looked at again at most every `paceMs` (by how many there are): what adds up thousands of them has no use for
 * sixty sums a second. 0: whenever words follow (words.ts).
 */
export function usePacedPods(paceMs: (count: number) => number): readonly PodView[] {
  const { feed } = use(ShownStores)
  const [pods, setPods] = useState(() => feed.list('pod'))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = (): void => {
      timer = undefined
      setPods(feed.list('pod'))
    }
    const onChange = (): void => {
      const pace = paceMs(feed.getAll('pod').size)
      if (pace === 0) take()
      else timer ??= setTimeout(take, pace)
    }
    take()
    const stop = hearSoon(feed, 'pod', onChange)
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [feed, paceMs])
  return pods
}

/**
 * Whether the stage has said what it is and what there is; before that nothing is known, not even that there is nothing.
 */
export function useIsLoaded(): boolean {
  const { feed } = use(ShownStores)
  const hasInfo = useInfo() !== null
  const hasViews = useSyncExternalStore(useSubscribe('pod'), () => feed.resumePoint() !== null)
  return hasInfo && hasViews
}

/** The newest measurement; null until the first. Changes four times a second. */
export function useLoad(): LoadView | null {
  return useStore(use(ShownStores).load, ({ load }) => load)
}

/** Measurements one a second, oldest first; the newest may be younger than a second. */
export function useHistory(): readonly LoadView[] {
  return useStore(use(ShownStores).history, ({ history }) => history)
}

export function useConnection(): Connection {
  return useStore(use(ShownStores).connection)
}

/**
 * Whether the stage is within reach. A connection that breaks and is back within a moment, as happens on a busy machine,
 * was never away: only a break that is also a silence counts.
 */
export function useIsConnected(): boolean {
  return useStore(use(ShownStores).connection, isConnected)
}

/** What does not change while the stage runs; null until it was said. */
export function useInfo(): StageInfo | null {
  return useStore(use(ShownStores).info, ({ info }) => info)
}

/** What the gates (`can` in shared/gates.ts) need to know. */
export function useGateState(): GateState {
  const info = useInfo()
  return gateStateOf(info, {
    rollouts: useViews('rollout'),
    fleets: useViews('fleet'),
    services: useViews('service'),
    nodes: useViews('node'),
    scenes: useViews('scene'),
    readyServers: useReadyServers(),
  })
}

/** Counted at every change of a pod, but nothing is drawn anew unless the number changes. */
function useReadyServers(): number {
  const { feed } = use(ShownStores)
  return useSyncExternalStore(useSubscribe('pod'), () =>
    countReadyServers(feed.getAll('pod').values()),
  )
}

/** The stage's clock now, in ms since the epoch: what `since` and `at` of views compare with. */
export const stageNow = liveNow

/** Asks the stage to act. @throws Error with a sentence to show. */
export function sendAction(action: Action): Promise<ActionResult> {
  return postAction('', action)
}
