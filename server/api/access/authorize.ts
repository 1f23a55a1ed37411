// What a caller may do. Administrators and the cluster's own components: everything. Service accounts: reading, but no
// secrets. Texts are those of k8s.io/apiserver/pkg/endpoints/handlers/responsewriters.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { Caller } from '../../../shared/operation.ts'
import { forbidden } from '../../../shared/status.ts'

export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export interface Attempt {
  verb: Verb
  kind: Kind
  namespace?: string | undefined
  name?: string | undefined
  subresource?: string | undefined
}

export const ADMINISTRATORS = 'system:masters'
const SERVICE_ACCOUNTS = 'system:serviceaccounts'
const READING: readonly Verb[] = ['get', 'list', 'watch']

/** Throws ApiError 403 unless the caller may. */
export function authorize(caller: Caller, attempt: Attempt): void {
  if (!mayDo(caller, attempt)) throw refusal(caller, attempt)
}

function mayDo(caller: Caller, { verb, kind }: Attempt): boolean {
  if (caller.groups.includes(ADMINISTRATORS)) return true
  if (!caller.groups.includes(SERVICE_ACCOUNTS)) return false
  return READING.includes(verb) && kind.plural !== 'secrets'
}

function refusal(caller: Caller, { verb, kind, namespace, name, subresource }: Attempt) {
  const resource = subresource ? `${kind.plural}/${subresource}` : kind.plural
  const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  return forbidden(
    { plural: kind.plural, group: kind.group },
    name ?? '',
    `User "${caller.user}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${scope}`,
  )
}

/** May this caller reach paths that are no objects, such as /openapi/v3? Everyone who is known may read them. */
export function isKnown(caller: Caller): boolean {
  return caller.groups.includes(ADMINISTRATORS) || caller.groups.includes(SERVICE_ACCOUNTS)
}
