// What admission charged to a quota before the object it charged for could be counted.
import type { ResourceQuota } from '../../shared/kubernetes/policy.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import type { Clock } from '../machinery/clock.ts'

/** A quota that nobody but its controller changed for so long has no charge whose object is still to come. */
const SETTLED_AFTER_MS = 1_000

type Amounts = Record<string, string>

/** Since when each quota is as it is. What others than the quota controller wrote to it may be a charge. */
export class QuotaCharges {
  readonly #clock: Clock
  readonly #seen = new Map<string, { version: string | undefined; settledAt: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * What to write as used where `counted` was counted: all of it, and never less than is charged until the quota has
   * settled. Kubernetes, whose count comes every five minutes, leaves this to luck.
   * @returns `againInMs` when what is charged was more than what was counted, so that the rest has to be looked at.
   */
  usedOf(
    key: string,
    quota: ResourceQuota,
    counted: Amounts,
  ): { used: Amounts; againInMs?: number } {
    const { resourceVersion } = quota.metadata
    const before = this.#seen.get(key)
    const now = this.#clock.now()
    const isKnown = before !== undefined && before.version === resourceVersion
    const settledAt = isKnown ? before.settledAt : now + SETTLED_AFTER_MS
    this.#seen.set(key, { version: resourceVersion, settledAt })
    const charged = Object.entries(quota.status?.used ?? {}).filter(
      ([name, amount]) => name in counted && amountOf(amount) > amountOf(counted[name]),
    )
    if (now >= settledAt || charged.length === 0) return { used: counted }
    return { used: { ...counted, ...Object.fromEntries(charged) }, againInMs: settledAt - now }
  }

  /** The quota as its controller wrote it, which is no charge. */
  own(key: string, { metadata }: ResourceQuota): void {
    const settledAt = this.#seen.get(key)?.settledAt ?? 0
    this.#seen.set(key, { version: metadata.resourceVersion, settledAt })
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

function amountOf(text: string | undefined): number {
  return parseQuantity(text) ?? 0
}
