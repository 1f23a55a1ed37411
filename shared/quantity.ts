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
  return Math.ceil((parseQuantity(text) ?? 0) * 1000 - 1e-9)
}

/** Whole bytes (or things), rounded up (Quantity.Value). */
export function wholeUnits(text: string | number | undefined): number {
  return Math.ceil((parseQuantity(text) ?? 0) - 1e-9)
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
