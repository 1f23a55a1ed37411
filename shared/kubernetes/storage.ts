// Volumes that outlive pods: PersistentVolume, PersistentVolumeClaim (core/v1) and StorageClass (storage.k8s.io/v1).
import type { Condition, KubeObject, LabelSelector } from './meta.ts'
import type { ObjectReference } from './network.ts'

export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod'

export interface PersistentVolume extends KubeObject {
  spec: {
    capacity?: Record<string, string>
    accessModes?: AccessMode[]
    persistentVolumeReclaimPolicy?: 'Retain' | 'Delete' | 'Recycle'
    storageClassName?: string
    volumeMode?: 'Filesystem' | 'Block'
    claimRef?: ObjectReference
    hostPath?: { path: string; type?: string }
    local?: { path: string; fsType?: string }
    nodeAffinity?: { required?: unknown }
    mountOptions?: string[]
  }
  status?: {
    phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed'
    message?: string
    reason?: string
    lastPhaseTransitionTime?: string
  }
}

export interface PersistentVolumeClaim extends KubeObject {
  spec: {
    accessModes?: AccessMode[]
    resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
    selector?: LabelSelector
    storageClassName?: string
    volumeName?: string
    volumeMode?: 'Filesystem' | 'Block'
  }
  status?: {
    phase?: 'Pending' | 'Bound' | 'Lost'
    accessModes?: AccessMode[]
    capacity?: Record<string, string>
    conditions?: Condition[]
  }
}

export interface StorageClass extends KubeObject {
  provisioner: string
  parameters?: Record<string, string>
  reclaimPolicy?: 'Retain' | 'Delete'
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer'
  allowVolumeExpansion?: boolean
  mountOptions?: string[]
}

/** Marks the class of claims that name none. */
export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'
/** Makes directories below the cluster's data directory. */
export const PROVISIONER = 'podium.dev/directory'
/** What older manifests name the class with. */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
