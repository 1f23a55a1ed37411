// Resource quantities: `100m`, `1.5`, `64Mi`, `2G`, `1e3` (apimachinery/pkg/api/resource/quantity.go).

const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/

/**
 * The number of base units (cores, bytes, things) a quantity stands for.
 * @returns undefined when the text is not a quantity.
 */
export function parseQuantity(text: string | number | undefined): number | undefined {
  if (text === undefined) return undefined
  const match = FORM.exec(String(text))
  if (!match) return undefined
  const [, digits, exponent, suffix = ''] = match
  if (exponent) return Number(`${digits}${exponent}`)
  return Number(digits) * SUFFIXES[suffix]!
}

/** Thousandths of a core, rounded up as the scheduler does (Quantity.MilliValue). */
export function milliCpu(text: string | number | undefined): number {
  return Math.ceil((parseQuantity(text) ?? 0) * 1000 - 1e-9) || 0
}

/** Whole bytes (or things), rounded up (Quantity.Value). */
export function wholeUnits(text: string | number | undefined): number {
  return Math.ceil((parseQuantity(text) ?? 0) - 1e-9) || 0
}

/** `250` → `250m`, `2000` → `2`. */
export function formatMilliCpu(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
}

/** Bytes in the largest binary unit that divides them: `67108864` → `64Mi`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const size = SUFFIXES[unit] ?? 1
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(bytes)
}

const DECIMAL_UNITS = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const NANOS = 1_000_000_000n

/** Up to three digits leave nothing to move into the unit; most quantities are written so. */
const SURELY_CANONICAL = /^[1-9]\d{0,2}(?:[numkMGTPE]|[KMGTPE]i)?$/

/** The exact value in billionths, rounded up where it is finer than that (as Quantity does). */
function nanosOf(digits: string, scale: number, factor: bigint): bigint {
  const negative = digits.startsWith('-')
  const [whole = '', fraction = ''] = digits.replace(/^[+-]/, '').split('.')
  const scaled = BigInt(`0${whole}${fraction}`) * factor * NANOS
  const exponent = scale - fraction.length
  if (exponent >= 0) return (negative ? -1n : 1n) * scaled * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  const up = (scaled + divisor - 1n) / divisor
  return negative ? -up : up
}

/** The largest unit in which the number is whole. */
function inLargestUnit(nanos: bigint, units: readonly string[], step: bigint): string {
  let amount = nanos
  let unit = 0
  while (amount !== 0n && amount % step === 0n && unit + 1 < units.length) {
    amount /= step
    unit += 1
  }
  return `${amount}${amount === 0n ? '' : units[unit]}`
}

/**
 * The one form Kubernetes stores and answers: `0.5` → `500m`, `1024Mi` → `1Gi`, `1000m` → `1` (Quantity.CanonicalizeBytes).
 * @returns undefined when the text is not a quantity.
 */
export function canonicalQuantity(text: string | number): string | undefined {
  if (typeof text === 'string' && SURELY_CANONICAL.test(text)) return text
  const match = FORM.exec(String(text))
  if (!match) return undefined
  const [, digits = '', exponent, suffix = ''] = match
  if (exponent) {
    const power = Number(exponent.slice(1))
    if (Math.abs(power) > 30) return undefined
    const amount = nanosOf(digits, power, 1n)
    return amount % NANOS === 0n
      ? inLargestUnit(amount / NANOS, ['', 'e3', 'e6', 'e9', 'e12', 'e15', 'e18'], 1000n)
      : inLargestUnit(amount, DECIMAL_UNITS, 1000n)
  }
  if (!suffix.endsWith('i')) {
    const power = (DECIMAL_UNITS.indexOf(suffix) - 3) * 3
    return inLargestUnit(nanosOf(digits, power, 1n), DECIMAL_UNITS, 1000n)
  }
  const nanos = nanosOf(digits, 0, BigInt(SUFFIXES[suffix]!))
  const small = nanos > -1024n * NANOS && nanos < 1024n * NANOS
  if (small || nanos % NANOS !== 0n) return inLargestUnit(nanos, DECIMAL_UNITS, 1000n)
  return inLargestUnit(nanos / NANOS, ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'], 1024n)
}
