// Which volume a claim gets, and what becomes of a volume whose claim is gone (pv_controller.go).
import type { Pod } from '../../shared/kubernetes/pod.ts'
import {
  CLASS_ANNOTATION,
  PROVISIONER,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
} from '../../shared/kubernetes/storage.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import { matcherOf } from '../../shared/selectors.ts'

export type ClaimPlan =
  | { do: 'nothing' }
  /** No pod uses it any more: it may go. */
  | { do: 'let go' }
  | { do: 'bind'; volume: PersistentVolume }
  | { do: 'provision'; storageClass: StorageClass }
  | { do: 'lose' }
  | { do: 'wait'; type: 'Normal' | 'Warning'; reason: string; message: string }

export interface ClaimWorld {
  volumes: Iterable<PersistentVolume>
  volume: (name: string) => PersistentVolume | undefined
  storageClass: (name: string) => StorageClass | undefined
  /** Pods that name the claim. */
  users: readonly Pod[]
}

function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? ''
}

/** What to do for a claim now. */
export function planClaim(claim: PersistentVolumeClaim, world: ClaimWorld): ClaimPlan {
  if (isBeingDeleted(claim)) {
    return world.users.some((pod) => !isPodTerminal(pod)) ? { do: 'nothing' } : { do: 'let go' }
  }
  const { volumeName } = claim.spec
  if (volumeName) return planNamed(claim, world.volume(volumeName))
  const volume = findVolume(claim, world.volumes)
  return volume ? { do: 'bind', volume } : planProvision(claim, world)
}

/** A claim that names its volume. */
function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  const isBound = claim.status?.phase === 'Bound'
  if (!volume) return isBound ? { do: 'lose' } : { do: 'nothing' }
  if (!mayHave(volume, claim)) return isBound ? { do: 'lose' } : { do: 'nothing' }
  return isBound ? { do: 'nothing' } : { do: 'bind', volume }
}

/** Whether the volume is kept for nobody else. */
function mayHave({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim) {
  if (!claimRef) return true
  const named = claimRef.name === metadata.name && claimRef.namespace === metadata.namespace
  return named && (!claimRef.uid || claimRef.uid === metadata.uid)
}

/** The smallest volume that is enough; one that is kept for this claim comes first (index.go findBestMatchForClaim). */
function findVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
): PersistentVolume | undefined {
  const { spec } = claim
  const wanted = storageOf(spec.resources?.requests)
  const matches = matcherOf(spec.selector ?? {})
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    if (isBeingDeleted(volume) || !mayHave(volume, claim)) continue
    if (volume.spec.claimRef) return volume
    const fits =
      volume.status?.phase === 'Available' &&
      classOf(volume) === classOf(claim) &&
      storageOf(volume.spec.capacity) >= wanted &&
      (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
      matches(volume.metadata.labels)
    if (fits && (!best || storageOf(volume.spec.capacity) < storageOf(best.spec.capacity))) {
      best = volume
    }
  }
  return best
}

function storageOf(amounts: Record<string, string> | undefined): number {
  return parseQuantity(amounts?.['storage']) ?? 0
}

function planProvision(claim: PersistentVolumeClaim, world: ClaimWorld): ClaimPlan {
  const name = classOf(claim)
  const wait = (type: 'Normal' | 'Warning', reason: string, message: string): ClaimPlan => ({
    do: 'wait',
    type,
    reason,
    message,
  })
  if (name === '') {
    const why = 'no persistent volumes available for this claim and no storage class is set'
    return wait('Normal', 'FailedBinding', why)
  }
  const storageClass = world.storageClass(name)
  if (!storageClass) {
    return wait('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`)
  }
  const isUsed = world.users.some(({ spec }) => spec.nodeName)
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && !isUsed) {
    const why = 'waiting for first consumer to be created before binding'
    return wait('Normal', 'WaitForFirstConsumer', why)
  }
  if (storageClass.provisioner === PROVISIONER && !claim.spec.selector) {
    return { do: 'provision', storageClass }
  }
  const why = claim.spec.selector
    ? 'claim Selector is not supported'
    : `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator.`
  return claim.spec.selector
    ? wait('Warning', 'ProvisioningFailed', why)
    : wait('Normal', 'ExternalProvisioning', why)
}

export type VolumePlan =
  | { do: 'nothing' }
  | { do: 'let go' }
  | { do: 'say'; phase: 'Available' | 'Bound' | 'Released' }
  /** Its claim is gone, and its data go with it. */
  | { do: 'reclaim' }

/** What to do for a volume now; `claim` is the one that its claimRef names, if there is one of that name. */
export function planVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): VolumePlan {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec
  const isKept = claim !== undefined && (!claimRef?.uid || claim.metadata.uid === claimRef.uid)
  const isBound = claimRef?.uid !== undefined && isKept
  if (isBeingDeleted(volume)) return isBound ? { do: 'nothing' } : { do: 'let go' }
  // Without a uid it is only kept for a claim that may come.
  const phase = isBound ? 'Bound' : claimRef?.uid ? 'Released' : 'Available'
  if (volume.status?.phase !== phase) return { do: 'say', phase }
  return phase === 'Released' && policy === 'Delete' ? { do: 'reclaim' } : { do: 'nothing' }
}
