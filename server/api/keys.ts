// Where objects stand in the store: /registry/<group>/<plural>/[<namespace>/]<name>, as kube-apiserver keeps them in etcd.
import type { ObjectKey } from '../../shared/client.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { badRequest } from '../../shared/status.ts'

/** The prefix of a kind's objects, in one namespace or in all. */
export function prefixOf(kind: Kind, namespace?: string): string {
  const all = `/registry/${kind.group || 'core'}/${kind.plural}/`
  return namespace && kind.namespaced ? `${all}${segment(namespace)}/` : all
}

/**
 * The key of one object.
 * @throws ApiError 400 when a name is missing or cannot stand in a path.
 */
export function storeKey(kind: Kind, { namespace, name }: ObjectKey): string {
  if (!kind.namespaced) return prefixOf(kind) + segment(name)
  if (!namespace)
    throw badRequest('an empty namespace may not be set when a resource name is provided')
  return prefixOf(kind, namespace) + segment(name)
}

/** Names with these would reach other keys (apimachinery/pkg/api/validation/path). */
function segment(name: string): string {
  if (!name) throw badRequest('resource name may not be empty')
  if (name === '.' || name === '..' || /[/%\0]/.test(name)) {
    throw badRequest(`invalid resource name "${name}": may not be '.', '..' or contain '/' or '%'`)
  }
  return name
}
