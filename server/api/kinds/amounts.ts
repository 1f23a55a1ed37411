// Numbers of pods, or percentages of them, as update strategies give them.
import type { StatusCause } from '../../../shared/status.ts'
import { invalid, notNegative } from './rules/causes.ts'

const PERCENT = /^[0-9]+%$/
const PERCENT_RULE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

/** A count of pods, or a percentage of them. */
export function amountCauses(field: string, amount: number | string | undefined): StatusCause[] {
  if (typeof amount === 'number') return notNegative(field, amount)
  if (amount === undefined) return []
  if (!PERCENT.test(amount)) return [invalid(field, amount, PERCENT_RULE)]
  if (Number.parseInt(amount, 10) <= 100) return []
  return [invalid(field, amount, 'must not be greater than 100%')]
}

export function isZeroAmount(amount: number | string | undefined): boolean {
  return Number.parseInt(String(amount ?? 0), 10) === 0
}
