// Kinds that users added, for the controllers that look after every kind there is.
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'

/** The kind that a definition adds, in the first version that is served; undefined when none is. */
function kindOf({ spec }: CustomResourceDefinition): Kind | undefined {
  const { group, names, versions, scope } = spec
  const version = versions.find(({ served }) => served)?.name
  if (version === undefined) return undefined
  return {
    group,
    version,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    namespaced: scope === 'Namespaced',
  }
}

/** The kind that a definition adds, in a version that is served; undefined when none is, or it belongs to no namespace. */
export function namespacedKindOf(definition: CustomResourceDefinition): Kind | undefined {
  const kind = kindOf(definition)
  return kind?.namespaced ? kind : undefined
}

/** The kind that a definition adds, of whatever scope; undefined while nothing of it is served. */
export function servedKindOf(definition: CustomResourceDefinition): Kind | undefined {
  const isEstablished = conditionOf(definition.status?.conditions, 'Established')?.status === 'True'
  return isEstablished ? kindOf(definition) : undefined
}
