// What is recommended to a container, and how much of it is within what the LimitRanges of a namespace let containers have
// (vertical-pod-autoscaler/pkg/utils/vpa/capping.go, limitrange). Pure.
import { canonicalQuantity, parseQuantity } from '../quantity.ts'
import type { Container } from './pod.ts'
import type { LimitRange } from './policy.ts'

/** Amounts by resource: `cpu`, `memory`. */
export type Amounts = Record<string, string>

export interface ContainerRecommendation {
  containerName: string
  target: Amounts
  lowerBound?: Amounts
  upperBound?: Amounts
  /** The target before the policy's bounds. */
  uncappedTarget?: Amounts
}

/** What requests of one container may be, in base units. */
interface Bounds {
  least: number
  most: number
}

/**
 * The recommendation with target and bounds that the API would let a pod have.
 * @param container as it is now: where limits follow requests they keep this ratio
 * @param limitsFollow false: the limit stays, and no request may be above it
 */
export function withinLimitRanges(
  recommendation: ContainerRecommendation,
  container: Container,
  ranges: readonly LimitRange[],
  limitsFollow: boolean,
): ContainerRecommendation {
  const capped = (amounts: Amounts): Amounts =>
    Object.fromEntries(
      Object.entries(amounts).map(([resource, amount]) => {
        const { least, most } = boundsOf(resource, container, ranges, limitsFollow)
        const value = parseQuantity(amount) ?? 0
        if (value > most) return [resource, amountText(resource, most, Math.floor)]
        return [resource, value < least ? amountText(resource, least) : amount]
      }),
    )
  const { target, lowerBound, upperBound } = recommendation
  return {
    ...recommendation,
    target: capped(target),
    ...(lowerBound && { lowerBound: capped(lowerBound) }),
    ...(upperBound && { upperBound: capped(upperBound) }),
  }
}

function boundsOf(
  resource: string,
  { resources }: Container,
  ranges: readonly LimitRange[],
  limitsFollow: boolean,
): Bounds {
  const items = ranges
    .flatMap(({ spec }) => spec?.limits ?? [])
    .filter(({ type }) => type === 'Container')
  const amounts = (which: 'min' | 'max'): number[] =>
    items.flatMap((item) => parseQuantity(item[which]?.[resource]) ?? [])
  const limit = parseQuantity(resources?.limits?.[resource])
  const request = parseQuantity(resources?.requests?.[resource]) ?? limit
  // A maximum binds the limit, which follows in proportion; a minimum binds the request itself (plugin LimitRanger).
  const follows = limitsFollow && limit !== undefined && limit > 0 && request !== undefined
  const share = follows ? request / limit : 1
  const most = Math.min(...amounts('max').map((each) => each * share))
  return {
    least: Math.max(0, ...amounts('min')),
    most: limitsFollow || limit === undefined ? most : Math.min(most, limit),
  }
}

/** An amount as a quantity: cores in thousandths, anything else whole, rounded up unless said otherwise. */
export function amountText(resource: string, amount: number, round = Math.ceil): string {
  // What is whole but for the error of floating point stays what it is.
  const whole = (value: number): number =>
    Math.abs(value - Math.round(value)) < 1e-6 ? Math.round(value) : round(value)
  const text =
    resource === 'cpu'
      ? `${whole(amount * 1000)}m`
      : `${whole(Math.min(amount, Number.MAX_SAFE_INTEGER))}`
  return canonicalQuantity(text) ?? text
}
