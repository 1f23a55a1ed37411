// How often which amount was used, old samples weighing less and less: half as much after each half-life
// (vertical-pod-autoscaler/pkg/recommender/util: histogram.go, decaying_histogram.go).

export interface Buckets {
  /** The width of the first; each next is wider by `ratio`. */
  first: number
  ratio: number
  count: number
}

/** Buckets from 0 to at least `max`. */
export function bucketsUpTo(max: number, first: number, ratio: number): Buckets {
  const count = Math.ceil(Math.log((max * (ratio - 1)) / first + 1) / Math.log(ratio)) + 1
  return { first, ratio, count }
}

function bucketOf({ first, ratio, count }: Buckets, value: number): number {
  if (value < first) return 0
  const at = Math.floor(Math.log((value * (ratio - 1)) / first + 1) / Math.log(ratio) + 1e-9)
  return Math.min(at, count - 1)
}

function startOf({ first, ratio }: Buckets, bucket: number): number {
  return (first * (ratio ** bucket - 1)) / (ratio - 1)
}

/** Weights are kept as they were at one moment; when that lies this many half-lives back, it is moved. */
const MOST_DOUBLINGS = 100
const NOTHING = 1e-4

export class DecayingHistogram {
  readonly #buckets: Buckets
  readonly #halfLifeMs: number
  readonly #weights: Float64Array
  #total = 0
  #referenceMs: number | undefined

  constructor(buckets: Buckets, halfLifeMs: number) {
    this.#buckets = buckets
    this.#halfLifeMs = halfLifeMs
    this.#weights = new Float64Array(buckets.count)
  }

  /** @param at when it was used, ms since epoch. A negative weight takes an earlier sample away. */
  add(value: number, weight: number, at: number): void {
    const bucket = bucketOf(this.#buckets, value)
    const by = weight * this.#factorAt(at)
    this.#weights[bucket] = Math.max(0, (this.#weights[bucket] ?? 0) + by)
    this.#total = this.#weights.reduce((sum, each) => sum + each, 0)
  }

  get isEmpty(): boolean {
    return this.#total < NOTHING * 2 ** -MOST_DOUBLINGS
  }

  /** The end of the bucket below which `share` (0 to 1) of the weight lies; 0 when there is none. */
  percentile(share: number): number {
    if (this.isEmpty) return 0
    let sum = 0
    const wanted = share * this.#total
    const { count } = this.#buckets
    let bucket = 0
    for (; bucket < count - 1; bucket += 1) {
      sum += this.#weights[bucket] ?? 0
      if (sum >= wanted && sum > 0) break
    }
    return startOf(this.#buckets, Math.min(bucket + 1, count - 1))
  }

  #factorAt(at: number): number {
    this.#referenceMs ??= at
    if (at - this.#referenceMs > MOST_DOUBLINGS * this.#halfLifeMs) {
      const halves = Math.floor((at - this.#referenceMs) / this.#halfLifeMs)
      for (let i = 0; i < this.#weights.length; i += 1) {
        this.#weights[i] = (this.#weights[i] ?? 0) * 2 ** -halves
      }
      this.#referenceMs += halves * this.#halfLifeMs
    }
    return 2 ** ((at - this.#referenceMs) / this.#halfLifeMs)
  }
}
