// The life of namespaces, seen from the objects in them (apiserver/pkg/admission/plugin/namespace/lifecycle).
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { namespaces } from '../../../shared/kubernetes/kinds.ts'
import { isBeingDeleted, type KubeObject } from '../../../shared/kubernetes/meta.ts'
import { ApiError, forbidden, notFound } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { storeKey } from '../keys.ts'

const IMMORTAL: readonly string[] = ['default', 'kube-system', 'kube-public']

/** @throws ApiError 404 when the namespace does not exist, 403 while it is being deleted. */
export function requireLivingNamespace(core: Core, kind: Kind, object: KubeObject): void {
  const { namespace, name = '' } = object.metadata
  if (!kind.namespaced || !namespace) return
  const entry = core.store.get(storeKey(namespaces, { name: namespace }))
  if (!entry) throw notFound(namespaces, namespace)
  if (!isBeingDeleted(entry.value as KubeObject)) return
  const refusal = forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  )
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  const details = { ...refusal.status.details, causes: [cause] }
  throw new ApiError({ ...refusal.status, details })
}

/** @throws ApiError 403 for the namespaces a cluster cannot be without. */
export function requireMortalNamespace(kind: Kind, name: string): void {
  if (kind.kind === namespaces.kind && kind.group === '' && IMMORTAL.includes(name)) {
    throw forbidden(namespaces, name, 'this namespace may not be deleted')
  }
}
