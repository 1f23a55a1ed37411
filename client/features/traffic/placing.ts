// Places and rates as the Traffic view writes them.
import type { CSSProperties } from 'react'
import { formatCompact } from '../../ui/numbers.ts'

/** Left, top: in u from the corner of the flow. */
export function at(x: number, y: number): CSSProperties {
  return { left: `calc(${x.toFixed(1)} * var(--u))`, top: `calc(${y.toFixed(1)} * var(--u))` }
}

/** `613/s`, `12.4k/s`; what is not measured is said. */
export function rateText(rate: number | null): string {
  if (rate === null) return 'measuring'
  return rate > 0 && rate < 10 ? `${rate}/s` : `${formatCompact(rate)}/s`
}
