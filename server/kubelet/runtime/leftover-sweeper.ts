// Kills what a container left behind outside its process group (a daemon that made a session of its own). One look at
// /proc serves all containers that ended in the meantime.
import type { Clock, Timer } from '../../machinery/clock.ts'
import { killProcessesWith } from './processes.ts'

const COLLECT_MS = 100
const LOOKS = 3

/** Collects environment entries for a moment, then kills the processes that carry them. */
export class LeftoverSweeper {
  readonly #clock: Clock
  /** Entry → looks still to take. */
  readonly #entries = new Map<string, number>()
  #timer: Timer | undefined
  #sweeping: Promise<void> = Promise.resolve()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Kills processes that carry this `NAME=value`, shortly. */
  sweepSoon(entry: string): void {
    this.#entries.set(entry, LOOKS)
    this.#arm()
  }

  /** Sweeps at once what was asked for. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#sweeping
    if (this.#entries.size > 0) await killProcessesWith(new Set(this.#entries.keys()))
  }

  #arm(): void {
    if (this.#closed || this.#timer) return
    this.#timer = this.#clock.after(COLLECT_MS, () => {
      this.#sweeping = this.#sweep()
    })
  }

  async #sweep(): Promise<void> {
    const entries = new Set(this.#entries.keys())
    const kills = await killProcessesWith(entries)
    for (const entry of entries) {
      const left = (this.#entries.get(entry) ?? 1) - 1
      if (left > 0 && kills > 0) this.#entries.set(entry, left)
      else this.#entries.delete(entry)
    }
    this.#timer = undefined
    if (this.#entries.size > 0) this.#arm()
  }
}
