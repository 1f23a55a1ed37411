// Measures what containers use, again and again: one look at all processes serves every node of this machine.
import type { Clock, Timer } from '../../machinery/clock.ts'
import type { Log } from '../../machinery/log.ts'
import type { Running } from '../../machinery/room.ts'
import type { ContainerRuntime, Usage } from './runtime.ts'

/** What one container used at a moment. */
export interface Reading extends Usage {
  /** ms since the epoch. */
  at: number
  /** Processors' worth of time per second over `windowMs`; null at the first look. */
  cpuCores: number | null
  windowMs: number
}

export interface Meter extends Running {
  /** By container id, as last measured. */
  readonly readings: ReadonlyMap<string, Reading>
  /** When `readings` was measured, ms since the epoch; 0 before the first time. */
  readonly at: number
  /** Calls after each measurement; answers how to stop that. */
  onReading(listener: () => void): () => void
}

/** Short enough that what grows fast is seen before the machine is full. */
const EVERY_MS = 1000
/** Processor use is averaged over this time: long enough to be steady, short enough for a scene. */
const WINDOW_MS = 10_000

interface Sample {
  at: number
  cpuSeconds: number
}

/** Starts measuring the containers of a runtime, every `everyMs` milliseconds. */
export function startMeter(
  runtime: Pick<ContainerRuntime, 'usage'>,
  { clock, log, everyMs = EVERY_MS }: { clock: Clock; log: Log; everyMs?: number },
): Meter {
  const listeners = new Set<() => void>()
  let histories = new Map<string, Sample[]>()
  let readings: ReadonlyMap<string, Reading> = new Map()
  let at = 0
  let closed = false
  let timer: Timer | undefined
  let measuring = Promise.resolve()

  const measure = async (): Promise<void> => {
    const usage = await runtime.usage()
    if (closed) return
    at = clock.now()
    const kept = new Map<string, Sample[]>()
    const next = new Map<string, Reading>()
    for (const [id, use] of usage) {
      const history = [...(histories.get(id) ?? []), { at, cpuSeconds: use.cpuSeconds }]
      kept.set(id, withinWindow(history))
      next.set(id, readingOf(use, kept.get(id)!))
    }
    histories = kept
    readings = next
    for (const listener of listeners) listener()
  }
  const again = (): void => {
    if (closed) return
    timer = clock.after(everyMs, () => {
      measuring = measure()
        .catch((error: unknown) => log.warn(`use could not be measured: ${String(error)}`))
        .then(again)
    })
  }
  again()
  return {
    get readings() {
      return readings
    },
    get at() {
      return at
    },
    onReading(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      closed = true
      timer?.cancel()
      await measuring
    },
  }
}

/** Keeps one sample from before the window begins, so that the window is full. */
function withinWindow(history: readonly Sample[]): Sample[] {
  const begin = history.at(-1)!.at - WINDOW_MS
  const second = history.findIndex(({ at }) => at > begin)
  return history.slice(Math.max(0, second - 1))
}

/** Processes that ended take their time with them: then less is reported, never less than nothing. */
function readingOf(use: Usage, history: readonly Sample[]): Reading {
  const oldest = history[0]!
  const newest = history.at(-1)!
  const windowMs = newest.at - oldest.at
  const seconds = Math.max(0, newest.cpuSeconds - oldest.cpuSeconds)
  return {
    ...use,
    at: newest.at,
    windowMs,
    cpuCores: windowMs > 0 ? (seconds * 1000) / windowMs : null,
  }
}
