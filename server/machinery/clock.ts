// Time is handed in, never taken: loops get a Clock, plans get a `now`.

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs once after `ms`; never keeps the process alive. */
  after(ms: number, run: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

/** A time (ms since epoch) as Kubernetes writes it: RFC 3339, whole seconds. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** A time (ms since epoch) as Kubernetes writes a MicroTime: six digits after the point. */
export function microTimeText(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
