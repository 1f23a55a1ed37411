// Numbers as the hall reads them.

/** `38914220` → `38,914,220`. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

const SCALES: [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
]

/** Three significant digits: `42.4k`, `258k`, `1.02M`, `87`. */
export function formatCompact(value: number): string {
  for (const [scale, letter] of SCALES) {
    // 999,600 would round to 1000k; it belongs to the next letter.
    if (value >= scale * 0.9995) {
      const scaled = value / scale
      return `${scaled.toFixed(scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0)}${letter}`
    }
  }
  return String(Math.round(value))
}

/** Where there is little room: `87`, `1.2k`, `12k`, `3.4M`. */
export function formatShort(value: number): string {
  const [scale, letter] = SCALES.find(([scale]) => value >= scale * 0.9995) ?? [1, '']
  const scaled = value / scale
  return `${scale === 1 || scaled >= 9.95 ? Math.round(scaled) : scaled.toFixed(1)}${letter}`
}

/** An axis label without needless digits: `1M`, `500k`, `1.25M`, `0`. */
export function formatTick(value: number): string {
  for (const [scale, letter] of SCALES) {
    if (value >= scale) return `${Number((value / scale).toFixed(2))}${letter}`
  }
  return String(Number(value.toFixed(2)))
}

/** A latency as figure and unit: `0.9 ms`, `19.6 ms`, `143 ms`, `1.25 s`. */
export function formatLatency(ms: number | null): { figure: string; unit: string } {
  if (ms === null) return { figure: '–', unit: 'ms' }
  if (ms < 99.95) return { figure: ms.toFixed(1), unit: 'ms' }
  if (ms < 999.5) return { figure: ms.toFixed(0), unit: 'ms' }
  return { figure: (ms / 1000).toFixed(2), unit: 's' }
}

/**
 * Share of requests that succeeded, in percent with three decimals, rounded down:
 * one failure among a billion still shows. Null when there were none.
 */
export function formatSuccess(answered: number, failed: number): string | null {
  const total = answered + failed
  if (total === 0) return null
  if (failed === 0) return '100.000'
  const thousandths = Math.min(99_999, Math.floor((answered / total) * 100_000))
  return (thousandths / 1000).toFixed(3)
}

/** Local wall clock: `12:04:31`. */
export function formatClock(ms: number): string {
  const date = new Date(ms)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/** `1 pod`, `2 pods`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** How long ago, as a clock shows it: `−3:12`. */
export function formatLag(seconds: number): string {
  return `−${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
