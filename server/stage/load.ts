// The load as the hall sees it: reads the aggregator's frames through the API, and says four times a second what they add up to.
import type { KubeClient, StreamResponse } from '../../shared/client.ts'
import { services } from '../../shared/kubernetes/kinds.ts'
import type { FailureRecord } from '../../shared/load.ts'
import type { LoadView } from '../../shared/stage.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Running } from '../machinery/room.ts'
import { emptyFold, foldFrame, parseFrame, readLoad } from './loadFold.ts'

const SAY_EVERY_MS = 250
/** Frames come ten times a second; without one for so long the numbers are not live. */
const LIVE_WITHIN_MS = 1_000
/** Without a frame for so long the connection is given up. */
const SILENCE_MS = 3_000
const RETRY_MS = { first: 200, most: 2_000 }
/** A line longer than this is no frame. */
const MAX_LINE = 16_000_000
/** One measurement a second, for late joiners. */
const HISTORY_SECONDS = 90

export interface LoadDeps {
  client: KubeClient
  clock: Clock
  /** The Service of the aggregator. */
  aggregator: { namespace: string; name: string }
  /** What the loadbots are set to send per second in all; null when that is not limited. */
  target: () => number | null
  /** Called four times a second. */
  onLoad: (load: LoadView) => void
  /** Called with what failed lately; frames repeat it. */
  onFailures: (failures: readonly FailureRecord[]) => void
}

export interface Load extends Running {
  /** undefined before the first frame. */
  current(): LoadView | undefined
  /** One a second, oldest first, without byBot and byServer. */
  history(): LoadView[]
}

/** Starts reading; reconnects by itself for ever. */
export function startLoad(deps: LoadDeps): Load {
  const { clock } = deps
  const fold = emptyFold()
  const since = clock.now()
  const history: LoadView[] = []
  let current: LoadView | undefined
  let lastFrameAt: number | undefined
  const stopping = new AbortController()

  const reading = readForEver(deps, stopping.signal, (line) => {
    const frame = parseFrame(line)
    if (!frame) return
    foldFrame(fold, frame)
    if (frame.failures) deps.onFailures(frame.failures)
    lastFrameAt = clock.now()
  })
  const say = (): void => {
    if (stopping.signal.aborted) return
    if (lastFrameAt !== undefined) {
      const { failed: failedByCause, ...numbers } = readLoad(fold)
      current = {
        ...numbers,
        at: lastFrameAt,
        since,
        target: deps.target(),
        failed: Object.values(failedByCause).reduce((sum, count) => sum + count, 0),
        failedByCause,
        live: clock.now() - lastFrameAt <= LIVE_WITHIN_MS,
      }
      remember(history, current)
      deps.onLoad(current)
    }
    clock.after(SAY_EVERY_MS, say)
  }
  clock.after(SAY_EVERY_MS, say)
  return {
    current: () => current,
    history: () => history,
    async close() {
      stopping.abort()
      await reading
    },
  }
}

/** Keeps the newest measurement of each second. */
function remember(history: LoadView[], load: LoadView): void {
  const slim = { ...load, byBot: {}, byServer: {} }
  const last = history.at(-1)
  if (last && Math.floor(last.at / 1000) === Math.floor(load.at / 1000)) history.pop()
  history.push(slim)
  if (history.length > HISTORY_SECONDS) history.shift()
}

async function readForEver(
  deps: LoadDeps,
  stopped: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  let pause = RETRY_MS.first
  while (!stopped.aborted) {
    const hadLines = await untilAborted(readOnce(deps, stopped, onLine), stopped).catch(() => false)
    pause = hadLines ? RETRY_MS.first : Math.min(RETRY_MS.most, pause * 2)
    await wait(deps.clock, pause, stopped).catch(() => undefined)
  }
}

/** Reads one connection to its end; answers whether it said anything. */
async function readOnce(
  { client, clock, aggregator }: LoadDeps,
  stopped: AbortSignal,
  onLine: (line: string) => void,
): Promise<boolean> {
  const silence = new AbortController()
  let quietSince = clock.now()
  const watchdog = (): void => {
    if (silence.signal.aborted) return
    if (clock.now() - quietSince > SILENCE_MS) silence.abort()
    else clock.after(SILENCE_MS, watchdog)
  }
  clock.after(SILENCE_MS, watchdog)
  try {
    const response = await client.stream(services, aggregator, {
      path: 'proxy/frames',
      signal: AbortSignal.any([stopped, silence.signal]),
    })
    if (response.status !== 200) return false
    let hadLines = false
    await eachLine(response, stopped, (line) => {
      quietSince = clock.now()
      hadLines = true
      onLine(line)
    })
    return hadLines
  } finally {
    silence.abort()
  }
}

async function eachLine(
  response: StreamResponse,
  stopped: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body) {
    if (stopped.aborted) return
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) return
    for (const line of lines) if (line !== '') onLine(line)
  }
}

/** `promise`, or a rejection as soon as `signal` aborts: closing does not wait for a cluster that hangs. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('closed'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (abort) signal.removeEventListener('abort', abort)
  }
}

/** Resolves after `ms`; rejects at once when `signal` aborts. */
function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return untilAborted(new Promise((resolve) => void clock.after(ms, resolve)), signal)
}
