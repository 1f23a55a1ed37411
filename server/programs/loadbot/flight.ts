// The requests that wait for their answers, oldest first, as runs of equal send times.

/** A queue of (time, count) runs in a ring; times are milliseconds of one clock. */
export class Flight {
  private times = new Float64Array(16)
  private counts = new Float64Array(16)
  private head = 0
  private runs = 0
  /** Requests in the queue. */
  size = 0

  /** Adds `count` requests that were due at `time`. */
  push(time: number, count: number): void {
    if (count <= 0) return
    const capacity = this.times.length
    const newest = (this.head + this.runs - 1) & (capacity - 1)
    this.size += count
    if (this.runs > 0 && this.times[newest] === time) {
      this.counts[newest] = (this.counts[newest] ?? 0) + count
      return
    }
    if (this.runs === capacity) this.grow()
    const at = (this.head + this.runs) & (this.times.length - 1)
    this.times[at] = time
    this.counts[at] = count
    this.runs++
  }

  /** Removes the oldest `count` requests (all, when there are fewer); hands over each run. */
  take(count: number, onRun: (time: number, count: number) => void): void {
    let left = Math.min(count, this.size)
    this.size -= left
    while (left > 0) {
      const here = this.counts[this.head] ?? 0
      const taken = Math.min(here, left)
      const time = this.times[this.head] ?? 0
      left -= taken
      if (taken === here) {
        this.head = (this.head + 1) & (this.times.length - 1)
        this.runs--
      } else {
        this.counts[this.head] = here - taken
      }
      onRun(time, taken)
    }
  }

  /** Removes what was due before `time`; answers how many. */
  dropBefore(time: number): number {
    let dropped = 0
    while (this.runs > 0 && (this.times[this.head] ?? 0) < time) {
      this.take(this.counts[this.head] ?? 0, (_time, count) => {
        dropped += count
      })
    }
    return dropped
  }

  private grow(): void {
    const capacity = this.times.length
    const times = new Float64Array(capacity * 2)
    const counts = new Float64Array(capacity * 2)
    for (let run = 0; run < this.runs; run++) {
      const from = (this.head + run) & (capacity - 1)
      times[run] = this.times[from] ?? 0
      counts[run] = this.counts[from] ?? 0
    }
    this.times = times
    this.counts = counts
    this.head = 0
  }
}
