// Many writes at the same time, but not blindly.

/** Pods created or deleted in one reconcile at most (replica_set.go BurstReplicas). */
export const BURST = 500

/**
 * Runs `work` `count` times in batches of 1, 2, 4 …, each batch at the same time, and stops after a batch in which
 * something failed: when pods cannot be created the API hears it once, not a thousand times (slowStartBatch).
 * @returns how many succeeded, and the first failure
 */
export async function slowStart(
  count: number,
  work: () => Promise<void>,
): Promise<{ done: number; failure: Error | undefined }> {
  let done = 0
  for (let size = 1; done < count; size *= 2) {
    const batch = Math.min(size, count - done)
    const results = await Promise.allSettled(Array.from({ length: batch }, work))
    const failed = results.filter((result) => result.status === 'rejected')
    done += batch - failed.length
    if (failed[0]) return { done, failure: failed[0].reason as Error }
  }
  return { done, failure: undefined }
}

/** Runs `work` on all at the same time; when all have ended, throws the first failure. */
export async function allAtOnce<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const results = await Promise.allSettled(items.map(work))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
