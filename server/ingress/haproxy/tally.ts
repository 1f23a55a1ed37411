// Counts that only grow, though each reload begins a worker process that counts from nothing.
import type { BackendCounts, Statistics } from './statistics.ts'

type Counts = Readonly<Record<string, BackendCounts>>

export class Tally {
  /** What workers that were replaced had counted when they were last asked. */
  #before: Counts = {}
  #newest: Statistics | undefined

  take(statistics: Statistics): void {
    if (this.#newest && this.#newest.pid !== statistics.pid) this.#before = this.counts()
    this.#newest = statistics
  }

  /** By backend of the newest routing table, all workers together. */
  counts(): Counts {
    const sum: Record<string, BackendCounts> = {}
    for (const [id, { requests, failed }] of Object.entries(this.#newest?.backends ?? {})) {
      const before = this.#before[id] ?? { requests: 0, failed: 0 }
      sum[id] = { requests: before.requests + requests, failed: before.failed + failed }
    }
    return sum
  }
}
