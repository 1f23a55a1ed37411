// Puts a demo's objects into a cluster, leaving alone what is already there: a restart finds its show as it was.
import type { KubeClient } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import {
  configMaps,
  deployments,
  replicationControllers,
  roleBindings,
  roles,
  serviceAccounts,
  services,
} from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { isAlreadyExists } from '../../../shared/status.ts'

const KINDS: readonly Kind[] = [
  configMaps,
  services,
  serviceAccounts,
  roles,
  roleBindings,
  deployments,
  replicationControllers,
]

/**
 * Creates each object that does not exist yet.
 * @throws ApiError when the API refuses one for another reason
 */
export async function createMissing(
  client: KubeClient,
  objects: readonly KubeObject[],
): Promise<void> {
  for (const object of objects) {
    const kind = KINDS.find((candidate) => candidate.kind === object.kind)
    if (!kind) throw new Error(`a demo may not contain a ${object.kind}`)
    try {
      await client.create(kind, object)
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
  }
}
