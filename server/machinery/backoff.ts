// How long to wait after the n-th failure in a row (client-go: util/workqueue ItemExponentialFailureRateLimiter).

export interface BackoffOptions {
  /** Wait after the first failure, milliseconds. */
  baseMs: number
  /** Never wait longer, milliseconds. */
  maxMs: number
}

/** The wait after `failures` failures in a row (1 = the first): doubles from base up to max. Milliseconds. */
export function backoffAfter(failures: number, { baseMs, maxMs }: BackoffOptions): number {
  return Math.min(maxMs, baseMs * 2 ** Math.max(0, failures - 1))
}

/** Counts failures per key. */
export class Backoff<K = string> {
  readonly #options: BackoffOptions
  readonly #failures = new Map<K, number>()

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Counts one more failure of `key`; answers how long to wait, milliseconds. */
  failed(key: K): number {
    const failures = this.failures(key) + 1
    this.#failures.set(key, failures)
    return backoffAfter(failures, this.#options)
  }

  /** Failures of `key` in a row. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0
  }

  /** Keys whose last attempt failed. */
  get size(): number {
    return this.#failures.size
  }

  /** `key` succeeded, or is of no more interest. */
  forget(key: K): void {
    this.#failures.delete(key)
  }
}
