// From a pod's claim to the directory that stands behind it.
import type { KubeClient } from '../../shared/client.ts'
import { persistentVolumeClaims, persistentVolumes } from '../../shared/kubernetes/kinds.ts'
import type { Pod, Volume } from '../../shared/kubernetes/pod.ts'
import { isNotFound } from '../../shared/status.ts'

/**
 * The volume with its claim replaced by the directory of the bound PersistentVolume; other volumes as they are.
 * @throws Error in Kubernetes' words while the claim does not exist or is not bound
 */
export async function resolveClaim(client: KubeClient, pod: Pod, volume: Volume): Promise<Volume> {
  if (!volume.persistentVolumeClaim) return volume
  const { claimName } = volume.persistentVolumeClaim
  const { namespace } = pod.metadata
  const claim = await client
    .get(persistentVolumeClaims, { namespace, name: claimName })
    .catch((error: unknown) => {
      if (isNotFound(error)) throw new Error(`persistentvolumeclaim "${claimName}" not found`)
      throw error
    })
  if (claim.metadata.deletionTimestamp !== undefined) {
    throw new Error(`PVC ${namespace}/${claimName} is being deleted`)
  }
  const name = claim.spec.volumeName
  if (!name || claim.status?.phase !== 'Bound') {
    throw new Error(`PVC ${namespace}/${claimName} is not bound`)
  }
  const { spec } = await client.get(persistentVolumes, { name })
  const path = spec.hostPath?.path ?? spec.local?.path
  if (path === undefined) {
    throw new Error(`the source of PersistentVolume ${name} is not implemented by Podium`)
  }
  // What a provisioner promised is made where it is first used.
  const type = spec.local ? 'Directory' : spec.hostPath?.type || 'DirectoryOrCreate'
  return { name: volume.name, hostPath: { path, type } }
}
