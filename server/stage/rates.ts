// Rates from counts that only grow.

/**
 * Per second, from one count to a later one, `ms` apart; whole numbers from ten on.
 * @returns null when there is nothing to compare with, or the count began anew
 */
export function rateBetween(from: number | undefined, to: number, ms: number): number | null {
  if (from === undefined || ms <= 0 || to < from) return null
  const rate = ((to - from) * 1000) / ms
  return rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate)
}
