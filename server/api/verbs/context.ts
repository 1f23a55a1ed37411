// What strategies may look at besides the object itself.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Core } from '../core.ts'
import { prefixOf, storeKey } from '../keys.ts'
import type { StrategyContext } from '../kinds/strategy.ts'

export function contextOf(core: Core, warnings: string[]): StrategyContext {
  return {
    now: () => core.clock.now(),
    read: <R extends KubeObject>(
      kind: Parameters<typeof storeKey>[0],
      key: Parameters<typeof storeKey>[1],
    ) => core.store.get(storeKey(kind, key))?.value as R | undefined,
    readAll: <R extends KubeObject>(kind: Parameters<typeof storeKey>[0], namespace?: string) =>
      core.store.list(prefixOf(kind, namespace)).entries.map((entry) => entry.value as R),
    warn: (line) => warnings.push(line),
  }
}
