// Queries that stay live: read once, then kept up to date by a watch for as long as somebody looks.
import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { Watching } from '../../../shared/client.ts'
import { ApiError } from '../../../shared/status.ts'

/** What one live query is about: how it is read, and how a watch changes it. */
export interface LiveSource<Data> {
  queryKey: QueryKey
  /** Reads everything; the watch goes on from `resourceVersion`. */
  load: () => Promise<{ resourceVersion: string; data: Data }>
  /** Watches after a version; `onChange` is told the new version and what becomes of the data. */
  watch: (
    resourceVersion: string,
    onChange: (resourceVersion: string, change: (data: Data) => Data) => void,
  ) => Watching
}

const GATHER_MS = 40
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000
/** A tab that comes back to an object right away finds it as it was left. */
const LINGER_MS = 500

interface Held {
  holders: number
  close: () => void
}

const heldBy = new WeakMap<QueryClient, Map<string, Held>>()

/**
 * Keeps a query live while held; the same query held twice is watched once. Answers the way to let go.
 */
export function holdLive<Data>(queryClient: QueryClient, source: LiveSource<Data>): () => void {
  const all = heldBy.get(queryClient) ?? new Map<string, Held>()
  heldBy.set(queryClient, all)
  const id = JSON.stringify(source.queryKey)
  const held = all.get(id) ?? { holders: 0, close: keepLive(queryClient, source) }
  held.holders += 1
  all.set(id, held)
  let hasLetGo = false
  return () => {
    if (hasLetGo) return
    hasLetGo = true
    setTimeout(() => {
      held.holders -= 1
      if (held.holders > 0) return
      held.close()
      if (all.get(id) === held) all.delete(id)
    }, LINGER_MS)
  }
}

/** Reads, watches, and begins again when the watch cannot go on. */
function keepLive<Data>(queryClient: QueryClient, source: LiveSource<Data>): () => void {
  const ending = new AbortController()
  const { signal } = ending
  let watching: Watching | undefined
  const gather = gatherer<Data>((change) => {
    queryClient.setQueryData<Data>(source.queryKey, (data) =>
      data === undefined ? undefined : change(data),
    )
  })
  const readAndWatch = async (): Promise<void> => {
    let version = ''
    await queryClient.fetchQuery({
      queryKey: source.queryKey,
      queryFn: async () => {
        const loaded = await source.load()
        version = loaded.resourceVersion
        return loaded.data
      },
      staleTime: 0,
      retry: false,
    })
    while (!signal.aborted) {
      watching = source.watch(version, (newer, change) => {
        version = newer
        gather.add(change)
      })
      const began = performance.now()
      await watching.done
      // A server that ends watches at once is not asked in a circle.
      if (performance.now() - began < FIRST_PAUSE_MS) await pause(FIRST_PAUSE_MS, signal)
    }
  }
  const run = async (): Promise<void> => {
    let wait = FIRST_PAUSE_MS
    while (!signal.aborted) {
      const began = performance.now()
      try {
        await readAndWatch()
      } catch (error) {
        gather.flush()
        if (performance.now() - began > LONGEST_PAUSE_MS) wait = FIRST_PAUSE_MS
        // Too old a version: read again at once.
        const isExpired = error instanceof ApiError && error.code === 410
        await pause(isExpired ? 0 : wait, signal)
        wait = Math.min(wait * 2, LONGEST_PAUSE_MS)
      }
    }
  }
  void run()
  return () => {
    ending.abort()
    watching?.close()
    gather.stop()
  }
}

/** Changes of a short while are applied together, so that a busy watch does not render at every event. */
function gatherer<Data>(apply: (change: (data: Data) => Data) => void): {
  add: (change: (data: Data) => Data) => void
  flush: () => void
  stop: () => void
} {
  let waiting: ((data: Data) => Data)[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const changes = waiting
    waiting = []
    if (changes.length > 0) apply((data) => changes.reduce((held, change) => change(held), data))
  }
  return {
    add(change) {
      waiting.push(change)
      timer ??= setTimeout(flush, GATHER_MS)
    },
    flush,
    stop: () => clearTimeout(timer),
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
