/** Percent as the hall reads it: whole from ten on, one decimal below. */
export function percentOf(value: number): string {
  return value >= 9.95 || value === 0 ? String(Math.round(value)) : value.toFixed(1)
}
