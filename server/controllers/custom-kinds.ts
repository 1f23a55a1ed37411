// Kinds that users added, for the controllers that look after every kind there is.
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'

/** The kind that a definition adds, in a version that is served; undefined when none is, or it belongs to no namespace. */
export function namespacedKindOf({ spec }: CustomResourceDefinition): Kind | undefined {
  const { group, names, versions, scope } = spec
  const version = versions.find(({ served }) => served)?.name
  if (version === undefined || scope !== 'Namespaced') return undefined
  return {
    group,
    version,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    namespaced: true,
  }
}
