// A clock for tests: time stands still until it is told to move.
import type { Clock } from './clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on by `ms`, running what becomes due in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>
  /** Timers that wait. */
  readonly pending: number
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A clock that stands at `start` (ms since the epoch; default 2025-01-01). */
export function createManualClock(start = Date.UTC(2025, 0, 1)): ManualClock {
  let now = start
  const timers = new Set<{ at: number; run: () => void }>()

  const earliest = (until: number): { at: number; run: () => void } | undefined => {
    let first: { at: number; run: () => void } | undefined
    for (const timer of timers) {
      if (timer.at <= until && (!first || timer.at < first.at)) first = timer
    }
    return first
  }

  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    async advance(ms) {
      const until = now + ms
      await settle()
      for (let timer = earliest(until); timer; timer = earliest(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.run()
        await settle()
      }
      now = until
    },
    get pending() {
      return timers.size
    },
  }
}
