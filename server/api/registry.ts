// The kinds this API knows, found by group, version and plural as they stand in a path: those that are built in, the other
// faces under which they are served, and those that definitions add while the cluster runs.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { noSuchPath } from '../../shared/status.ts'
import type { Face, Strategy } from './kinds/strategy.ts'

export interface Registry {
  /** One strategy a stored kind. */
  readonly all: readonly Strategy[]
  /** What clients find: every stored kind, then every face. */
  readonly served: readonly Strategy[]
  /** Moves when the custom kinds change. */
  readonly generation: number
  /** The kind or face at a path; a face's strategy has the face's kind. */
  find(group: string, version: string, plural: string): Strategy | undefined
  /**
   * The strategy of the stored kind, also when asked for a face of it.
   * @throws ApiError 404 when the kind is not registered.
   */
  of(kind: Kind): Strategy
  faceOf(kind: Kind): Face | undefined
  /** Serves these besides the built-in kinds, in place of those given before. */
  setCustom(strategies: readonly Strategy[]): void
}

/** A registry of these strategies; their order is the order in which discovery lists them. */
export function createRegistry(builtIn: readonly Strategy[]): Registry {
  let all: readonly Strategy[] = builtIn
  let served: readonly Strategy[] = []
  let generation = 0
  const byPath = new Map<string, Strategy>()
  const stored = new Map<string, Strategy>()
  let ofKind = new WeakMap<Kind, Strategy>()
  function index(): void {
    byPath.clear()
    stored.clear()
    ofKind = new WeakMap()
    const views = all.flatMap((strategy) => (strategy.faces ?? []).map(viewOf(strategy)))
    served = [...all, ...views]
    for (const strategy of served) byPath.set(pathOf(strategy.kind), strategy)
    for (const strategy of all) {
      stored.set(pathOf(strategy.kind), strategy)
      for (const { kind } of strategy.faces ?? []) stored.set(pathOf(kind), strategy)
    }
    generation += 1
  }
  index()
  return {
    get all() {
      return all
    },
    get served() {
      return served
    },
    get generation() {
      return generation
    },
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    of(kind) {
      const known = ofKind.get(kind)
      if (known) return known
      const strategy = stored.get(pathOf(kind))
      if (!strategy) throw noSuchPath()
      ofKind.set(kind, strategy)
      return strategy
    },
    faceOf: (kind) => byPath.get(pathOf(kind))?.face,
    setCustom(custom) {
      all = [...builtIn, ...custom]
      index()
    },
  }
}

/** A strategy seen through a face: what clients are told of, in the face's name. */
function viewOf(strategy: Strategy): (face: Face) => Strategy {
  return (face) => {
    const { columns = strategy.columns, warning } = face
    // Short names and categories mean the present group: kubectl asks every group that has them, and warns.
    const isElsewhere = face.kind.group !== strategy.kind.group
    const kind = isElsewhere ? { ...face.kind, shortNames: [] } : face.kind
    const view = { ...strategy, kind, columns, face, faces: [] }
    if (isElsewhere) delete view.categories
    delete view.warning
    return warning === undefined ? view : { ...view, warning }
  }
}

function pathOf(kind: Kind): string {
  return `${kind.group}/${kind.version}/${kind.plural}`
}
