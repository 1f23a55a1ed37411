// Keys in order, as a list of short sorted runs: a lookup is two binary searches, an insert moves at most one run.
// (A B+ tree of two levels; with 100,000 keys the upper level has some 300 runs.)

const RUN_LIMIT = 512

/** The first index in `sorted` for which `isPast` holds, given that it holds from some point on. */
function firstWhere<T>(sorted: readonly T[], isPast: (item: T) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isPast(sorted[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}

interface Place {
  run: number
  index: number
}

export class SortedKeys {
  // Never an empty run.
  readonly #runs: string[][] = []

  add(key: string): void {
    const at = Math.max(0, firstWhere(this.#runs, (run) => run[0]! > key) - 1)
    const run = this.#runs[at]
    if (!run) {
      this.#runs.push([key])
      return
    }
    const index = firstWhere(run, (held) => held >= key)
    if (run[index] === key) return
    run.splice(index, 0, key)
    if (run.length > RUN_LIMIT) this.#runs.splice(at + 1, 0, run.splice(RUN_LIMIT >>> 1))
  }

  remove(key: string): void {
    const { run: at, index } = this.#placeOf(key)
    const run = this.#runs[at]
    if (run?.[index] !== key) return
    run.splice(index, 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** Keys that start with `prefix` and come after `after`, in order, at most `limit`. */
  from(prefix: string, after = '', limit = Infinity): string[] {
    const start = this.#startOf(prefix, after)
    const end = this.#endOf(prefix)
    const found: string[] = []
    for (let at = start.run; at <= end.run && found.length < limit; at++) {
      const run = this.#runs[at]
      if (!run) break
      const from = at === start.run ? start.index : 0
      const to = Math.min(at === end.run ? end.index : run.length, from + limit - found.length)
      for (let index = from; index < to; index++) found.push(run[index]!)
    }
    return found
  }

  /** How many keys `from` would yield. */
  count(prefix: string, after = ''): number {
    const start = this.#startOf(prefix, after)
    const end = this.#endOf(prefix)
    if (start.run > end.run) return 0
    let count = end.index - start.index
    for (let run = start.run; run < end.run; run++) count += this.#runs[run]!.length
    return Math.max(0, count)
  }

  /** Where `key` is or would be. */
  #placeOf(key: string): Place {
    return this.#firstPlace((held) => held >= key)
  }

  #startOf(prefix: string, after: string): Place {
    if (after < prefix) return this.#placeOf(prefix)
    return this.#firstPlace((held) => held > after)
  }

  #endOf(prefix: string): Place {
    return this.#firstPlace((held) => held > prefix && !held.startsWith(prefix))
  }

  #firstPlace(isPast: (key: string) => boolean): Place {
    const run = firstWhere(this.#runs, (keys) => isPast(keys[keys.length - 1]!))
    const keys = this.#runs[run]
    return { run, index: keys ? firstWhere(keys, isPast) : 0 }
  }
}
