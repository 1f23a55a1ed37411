// What strategies may look at besides the object itself.
import type { Core } from '../core.ts'
import { prefixOf, storeKey } from '../keys.ts'
import type { StrategyContext } from '../kinds/strategy.ts'

/** The store as it stands now; lines that a strategy warns of go to `warnings`. */
export function contextOf(
  { store, clock, serviceCidr }: Core,
  warnings: string[],
): StrategyContext {
  const read = (...[kind, key]: Parameters<typeof storeKey>) =>
    store.get(storeKey(kind, key))?.value
  const readAll = (...[kind, namespace]: Parameters<typeof prefixOf>) =>
    store.list(prefixOf(kind, namespace)).entries.map((entry) => entry.value)
  return {
    now: () => clock.now(),
    serviceCidr,
    // What stands under a kind's key is an object of that kind.
    read: read as StrategyContext['read'],
    readAll: readAll as StrategyContext['readAll'],
    warn: (line) => warnings.push(line),
  }
}
