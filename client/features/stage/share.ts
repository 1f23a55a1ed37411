// Max surge and max unavailable: whole numbers, or percentages that stay percentages.

const PERCENT_STEP = 5

/** As the API takes it: `6` is a number, `25%` stays text. */
export function asShare(share: string): number | string {
  return /^\d+$/.test(share) ? Number(share) : share
}

/** `6` one up is 7; `25%` one up is `30%`. Never below 0, never above 100 %. */
export function stepShare(share: string, by: number): number | string {
  const value = Number.parseInt(share, 10)
  if (Number.isNaN(value)) return Math.max(0, by)
  if (share.endsWith('%')) return `${Math.min(100, Math.max(0, value + by * PERCENT_STEP))}%`
  return Math.max(0, value + by)
}
