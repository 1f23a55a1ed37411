// How many objects of kinds that users added a namespace holds, for quotas that name them: count/<plural>.<group>.
import type { KubeClient } from '../../shared/client.ts'
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'

const COUNT = 'count/'

/** The definition that a quota's resource is about; undefined when it is about a kind that was always there. */
export function definitionNamed(
  resource: string,
  get: (name: string) => CustomResourceDefinition | undefined,
): CustomResourceDefinition | undefined {
  if (!resource.startsWith(COUNT)) return undefined
  const definition = get(resource.slice(COUNT.length))
  return definition?.spec.scope === 'Namespaced' ? definition : undefined
}

/** Asks the API: nothing watches these kinds here, for they come and go. */
export async function countCustom(
  client: Pick<KubeClient, 'list'>,
  { spec: { group, names, versions } }: CustomResourceDefinition,
  namespace: string | undefined,
): Promise<number> {
  const version = versions.find(({ served }) => served)?.name
  if (version === undefined) return 0
  const kind: Kind = {
    group,
    version,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    namespaced: true,
  }
  const { items } = await client.list<KubeObject>(kind, { namespace })
  return items.length
}
