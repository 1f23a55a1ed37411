// An open loop: when each request is due is decided by the clock alone, whatever the servers do, and latency counts from
// then. So a stall shows as the latency of every request it held up, not as a gap in the measurements.
import type { Flight } from './flight.ts'

const SHORTEST_STEP_MS = 4
const LONGEST_STEP_MS = 10

/**
 * A schedule of `rate` requests a second from `start` (ms) on, in steps: what falls due within a step is due at the
 * moment `advance` is called for it. When the call comes more than a step late, it is due at the steps it missed.
 */
export class Pace {
  readonly rate: number
  /** How often (ms) to call `advance`. */
  readonly step: number
  private readonly start: number
  private last: number
  private issued = 0

  constructor(rate: number, start: number) {
    this.rate = rate
    this.start = start
    this.last = start
    this.step = Math.min(LONGEST_STEP_MS, Math.max(SHORTEST_STEP_MS, 1000 / rate))
  }

  /** Adds everything that has become due by `now` (ms) to the queue. */
  advance(now: number, due: Flight): void {
    while (now - this.last >= 2 * this.step) this.issue(this.last + this.step, due)
    this.issue(now, due)
  }

  private issue(at: number, due: Flight): void {
    const total = Math.floor(((at - this.start) * this.rate) / 1000)
    due.push(at, total - this.issued)
    this.issued = total
    this.last = at
  }
}
