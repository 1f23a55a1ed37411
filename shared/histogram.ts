// Latencies by the million in a fixed number of buckets: log-linear, as HdrHistogram's. Values are whole microseconds.
// Below 256 every value has a bucket of its own; above, an octave is cut into 128, so a bucket is at most 1/128 (0.8 %)
// of its value wide.

const CUTS = 128
const CUT_BITS = 7
/** Longer than this (17.9 minutes) counts as this. */
export const LARGEST_VALUE = 2 ** 30 - 1
const BUCKETS = bucketOf(LARGEST_VALUE) + 1

function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - CUT_BITS)
  return shift * CUTS + (value >>> shift)
}

/** The largest value that falls into bucket `index`. */
function topOf(index: number): number {
  const shift = Math.max(0, (index >>> CUT_BITS) - 1)
  return (index - shift * CUTS + 1) * 2 ** shift - 1
}

/** The smallest value that falls into bucket `index`. */
function bottomOf(index: number): number {
  const shift = Math.max(0, (index >>> CUT_BITS) - 1)
  return (index - shift * CUTS) * 2 ** shift
}

/**
 * What one histogram has more than an earlier state of itself: pairs of bucket number and count, flat, ascending.
 * Numbers only, so that it travels as JSON.
 */
export type HistogramDelta = number[]

/** Counts of values (whole microseconds, 0 to LARGEST_VALUE) that can be merged and sent as differences. */
export class Histogram {
  private readonly counts = new Float64Array(BUCKETS)
  /** How many values were recorded. */
  total = 0

  /** Records `value` (microseconds; rounded, and held to what fits) `count` times. */
  record(value: number, count = 1): void {
    const held = value > LARGEST_VALUE ? LARGEST_VALUE : value > 0 ? value + 0.5 : 0
    const index = bucketOf(held | 0)
    this.counts[index] = (this.counts[index] ?? 0) + count
    this.total += count
  }

  /** Adds what another histogram holds. */
  merge(other: Histogram): void {
    for (let index = 0; index < BUCKETS; index++) {
      this.counts[index] = (this.counts[index] ?? 0) + (other.counts[index] ?? 0)
    }
    this.total += other.total
  }

  /** Adds a difference; throws a RangeError, and adds nothing, when it is not one. */
  add(delta: HistogramDelta): void {
    for (let at = 0; at < delta.length; at += 2) {
      const index = delta[at] ?? -1
      const count = delta[at + 1] ?? -1
      if (!Number.isInteger(index) || index < 0 || index >= BUCKETS || !(count >= 0)) {
        throw new RangeError('not a histogram delta')
      }
    }
    for (let at = 0; at < delta.length; at += 2) {
      const index = delta[at] ?? 0
      const count = delta[at + 1] ?? 0
      this.counts[index] = (this.counts[index] ?? 0) + count
      this.total += count
    }
  }

  /** What was recorded since `earlier`, an earlier state of this histogram, which is brought up to date. */
  takeDelta(earlier: Histogram): HistogramDelta {
    if (earlier.total === this.total) return []
    const delta: HistogramDelta = []
    for (let index = 0; index < BUCKETS; index++) {
      const more = (this.counts[index] ?? 0) - (earlier.counts[index] ?? 0)
      if (more !== 0) delta.push(index, more)
    }
    earlier.counts.set(this.counts)
    earlier.total = this.total
    return delta
  }

  /** The value (microseconds) that `percent` of the recorded values do not exceed; null when nothing was recorded. */
  percentile(percent: number): number | null {
    if (this.total === 0) return null
    const rank = Math.max(1, Math.ceil((percent / 100) * this.total - 1e-9))
    let seen = 0
    let last = 0
    for (let index = 0; index < BUCKETS; index++) {
      const count = this.counts[index] ?? 0
      if (count === 0) continue
      seen += count
      last = index
      if (seen >= rank) break
    }
    return topOf(last)
  }

  /** The sum of all values, each taken as the middle of its bucket (microseconds). */
  sum(): number {
    let sum = 0
    for (let index = 0; index < BUCKETS; index++) {
      const count = this.counts[index] ?? 0
      if (count > 0) sum += (count * (bottomOf(index) + topOf(index))) / 2
    }
    return sum
  }

  /** Calls back for each bucket that holds something: the middle of its values (microseconds), and how many. */
  forEach(visit: (middle: number, count: number) => void): void {
    for (let index = 0; index < BUCKETS; index++) {
      const count = this.counts[index] ?? 0
      if (count > 0) visit((bottomOf(index) + topOf(index)) / 2, count)
    }
  }

  clear(): void {
    this.counts.fill(0)
    this.total = 0
  }
}
