// A container's log, followed: lines in a ring of bounded length, told in small batches.
import type { KubeClient, ObjectKey } from '../../../shared/client.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import { lineCutter } from './socketStream.ts'

export interface LogOptions {
  container?: string | undefined
  /** The container's life before this one; it has ended, so it is not followed. */
  previous?: boolean
  /** How much of the past to begin with. */
  tailLines?: number
  timestamps?: boolean
}

export interface LogState {
  /** Oldest first, the newest `MAX_LINES`. */
  lines: readonly string[]
  /** How many older ones were let go. */
  dropped: number
  /** The log was read to its end: the container does not write any more. */
  ended: boolean
  error: Error | null
}

export const MAX_LINES = 5_000
const GATHER_MS = 50

export const EMPTY_LOG: LogState = { lines: [], dropped: 0, ended: false, error: null }

/** Follows a log and tells its state at most twenty times a second. Answers the way to stop. */
export function followLog(
  client: Pick<KubeClient, 'stream'>,
  pod: ObjectKey,
  options: LogOptions,
  onState: (state: LogState) => void,
): () => void {
  const ending = new AbortController()
  let state = EMPTY_LOG
  let fresh: string[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const tell = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (ending.signal.aborted) return
    const all = [...state.lines, ...fresh]
    const excess = Math.max(0, all.length - MAX_LINES)
    state = { ...state, lines: all.slice(excess), dropped: state.dropped + excess }
    fresh = []
    onState(state)
  }
  const cut = lineCutter((line) => {
    fresh.push(line)
    timer ??= setTimeout(tell, GATHER_MS)
  })
  const run = async (): Promise<void> => {
    const { body } = await client.stream(pods, pod, {
      path: 'log',
      query: queryOf(options),
      signal: ending.signal,
    })
    for await (const bytes of body) cut(bytes)
    cut(NEWLINE)
    state = { ...state, ended: true }
    tell()
  }
  run().catch((error: unknown) => {
    state = { ...state, error: error instanceof Error ? error : new Error(String(error)) }
    tell()
  })
  return () => {
    ending.abort()
    clearTimeout(timer)
  }
}

/** A last line without an end counts too. */
const NEWLINE = new Uint8Array([10])

function queryOf({ container, previous, tailLines, timestamps }: LogOptions) {
  return {
    ...(container && { container }),
    ...(previous ? { previous: 'true' } : { follow: 'true' }),
    ...(tailLines !== undefined && { tailLines: String(tailLines) }),
    ...(timestamps && { timestamps: 'true' }),
  }
}
