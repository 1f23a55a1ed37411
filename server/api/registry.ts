// The kinds this API knows, found by group, version and plural as they stand in a path.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { noSuchPath } from '../../shared/status.ts'
import type { Strategy } from './kinds/strategy.ts'

export interface Registry {
  readonly all: readonly Strategy[]
  find(group: string, version: string, plural: string): Strategy | undefined
  /** @throws ApiError 404 when the kind is not registered. */
  of(kind: Kind): Strategy
}

/** A registry of these strategies; the order is the order in which discovery lists them. */
export function createRegistry(strategies: readonly Strategy[]): Registry {
  const byPath = new Map<string, Strategy>()
  for (const strategy of strategies) byPath.set(pathOf(strategy.kind), strategy)
  return {
    all: strategies,
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    of(kind) {
      const strategy = byPath.get(pathOf(kind))
      if (!strategy) throw noSuchPath()
      return strategy
    },
  }
}

function pathOf(kind: Kind): string {
  return `${kind.group}/${kind.version}/${kind.plural}`
}
