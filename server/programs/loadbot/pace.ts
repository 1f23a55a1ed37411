// An open loop: when each request is due is decided by the clock alone, whatever the servers do, and latency counts from
// then. So a stall shows as the latency of every request it held up, not as a gap in the measurements.
import type { Flight } from './flight.ts'

/** Requests that are due together; at low rates each is due alone. */
const GRID_MS = 1

/** A schedule of `rate` requests a second from `start` (ms) on: a few at each point of a fine grid. */
export class Pace {
  readonly rate: number
  private readonly start: number
  private readonly grid: number
  private point = 0
  private issued = 0

  constructor(rate: number, start: number) {
    this.rate = rate
    this.start = start
    this.grid = Math.max(GRID_MS, 1000 / rate)
  }

  /** Adds everything that has become due by `now` to the queue. */
  advance(now: number, due: Flight): void {
    const last = Math.floor((now - this.start) / this.grid)
    while (this.point < last) {
      this.point++
      const total = Math.floor((this.point * this.grid * this.rate) / 1000 + 1e-6)
      due.push(this.start + this.point * this.grid, total - this.issued)
      this.issued = total
    }
  }
}
