// REST paths of the Kubernetes API, built in one place.
import type { ObjectKey } from './client.ts'
import type { Kind } from './kubernetes/kinds.ts'

/** `/api/v1` or `/apis/apps/v1`. */
export function groupPath(kind: Kind): string {
  return kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`
}

/** The path of a kind's collection, in one namespace or in all. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const scope = namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${groupPath(kind)}${scope}/${kind.plural}`
}

/** The path of one object, or of something below it (`log`, `proxy/metrics`). */
export function objectPath(kind: Kind, { namespace, name }: ObjectKey, below = ''): string {
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`
  return below ? `${path}/${below}` : path
}
