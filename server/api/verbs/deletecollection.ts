// deletecollection: delete for everything that a list answers.
import type { DeleteOptions } from '../../../shared/client.ts'
import { apiVersionOf, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { isNotFound } from '../../../shared/status.ts'
import { authorize } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { remove } from './delete.ts'
import { listEntries, type ListRequest } from './list.ts'

/** Answers the objects as they were; those that somebody else deleted meanwhile are left out. */
export async function deleteCollection(
  core: Core,
  caller: Caller,
  kind: Kind,
  selection: ListRequest,
  options: DeleteOptions,
): Promise<KubeList<KubeObject>> {
  const { namespace } = selection
  authorize(core, caller, { verb: 'deletecollection', kind, namespace })
  const { entries, metadata } = listEntries(core, caller, kind, selection)
  const items: KubeObject[] = []
  for (const entry of entries) {
    const object = entry.value as KubeObject
    const key = { namespace: object.metadata.namespace, name: object.metadata.name ?? '' }
    try {
      await remove(core, caller, kind, key, options)
      items.push(object)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items }
}
