// Many changes in a moment become few reconciles: the first goes through at once, the rest together after a short rest.
import type { Clock, Timer } from '../machinery/clock.ts'

export interface Throttle {
  /** Something about this key changed. */
  touch(key: string): void
  close(): void
}

/**
 * Calls `run(key)` at once, and again for all that came in meanwhile when the key has rested.
 * @param restMs how long a key rests, milliseconds; asked each time, so that large things rest longer
 */
export function createThrottle(
  clock: Clock,
  restMs: (key: string) => number,
  run: (key: string) => void,
): Throttle {
  const resting = new Map<string, { timer: Timer; touched: boolean }>()

  const go = (key: string): void => {
    const timer = clock.after(restMs(key), () => {
      const touched = resting.get(key)?.touched
      resting.delete(key)
      if (touched) go(key)
    })
    resting.set(key, { timer, touched: false })
    run(key)
  }

  return {
    touch(key) {
      const rest = resting.get(key)
      if (rest) rest.touched = true
      else go(key)
    },
    close() {
      for (const { timer } of resting.values()) timer.cancel()
      resting.clear()
    },
  }
}

/** Rests for a few milliseconds, and longer the more objects a reconcile has to look at. */
export const restFor = (objects: number): number => 5 + objects / 20
