// PersistentVolumes and their claims: bound to each other, made when a class says so, gone when nobody uses them.
import { rm } from 'node:fs/promises'
import path from 'node:path'
import {
  persistentVolumeClaims as claims,
  persistentVolumes as volumes,
  pods,
  storageClasses,
  type Kind,
} from '../../shared/kubernetes/kinds.ts'
import { keyOf, type KubeObject } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import {
  DEFAULT_CLASS,
  PROVISIONER,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
} from '../../shared/kubernetes/storage.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { ignoreNotFound } from './objects.ts'
import { timeText } from '../machinery/clock.ts'
import { referenceOf, source } from './owned.ts'
import { planClaim, planVolume } from './volume-plan.ts'

const BY_CLAIM = 'controllers/claim'
const PROTECTIONS = ['kubernetes.io/pvc-protection', 'kubernetes.io/pv-protection']
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

const STANDARD: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { [DEFAULT_CLASS]: 'true' } },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
}

/**
 * Starts the controllers of volumes and claims.
 * @param directory where volumes of the default class are made: one directory each
 */
export function startVolumes(deps: RoomDeps, directory: string): Running {
  return new VolumeControllers(deps, directory)
}

function claimKeys({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim ? [`${metadata.namespace}/${claim.claimName}`] : [],
  )
}

function claimKeyOf({ spec: { claimRef } }: PersistentVolume): string[] {
  return claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : []
}

class VolumeControllers implements Running {
  readonly #deps: RoomDeps
  readonly #directory: string
  readonly #claims: Informer<PersistentVolumeClaim>
  readonly #volumes: Informer<PersistentVolume>
  readonly #classes: Informer<StorageClass>
  readonly #pods: Informer<Pod>
  readonly #events: EventRecorder
  readonly #running: Running[]

  constructor(deps: RoomDeps, directory: string) {
    this.#deps = deps
    this.#directory = directory
    this.#claims = deps.informers.of(claims)
    this.#volumes = deps.informers.of(volumes)
    this.#classes = deps.informers.of(storageClasses)
    this.#pods = deps.informers.of(pods)
    this.#pods.addIndex(BY_CLAIM, claimKeys)
    this.#events = createEventRecorder({ ...deps, component: 'persistentvolume-controller' })
    const pending = (): string[] =>
      [...this.#claims.all()].filter(({ spec }) => !spec.volumeName).map(keyOf)
    const named = (volume: PersistentVolume): string[] => {
      const kept = claimKeyOf(volume)
      return kept.length > 0 ? kept : pending()
    }
    this.#running = [
      startController(deps, {
        name: 'persistentvolumeclaim-controller',
        for: claims,
        watches: [source(pods, claimKeys), source(volumes, named), source(storageClasses, pending)],
        reconcile: (key) => this.#reconcileClaim(key),
      }),
      startController(deps, {
        name: 'persistentvolume-controller',
        for: volumes,
        watches: [source(claims, ({ spec }) => (spec.volumeName ? [spec.volumeName] : []))],
        reconcile: (key) => this.#reconcileVolume(key),
      }),
    ]
    void this.#makeStandard()
  }

  /** The class of claims that name none. Who deletes it gets it back with the next start. */
  async #makeStandard(): Promise<void> {
    try {
      await this.#deps.client.create(storageClasses, STANDARD)
    } catch (error) {
      if (!isAlreadyExists(error)) {
        this.#deps.log.warn(`there is no default StorageClass: ${(error as Error).message}`)
      }
    }
  }

  async #reconcileClaim(key: string): Promise<void> {
    const claim = this.#claims.get(key)
    if (!claim) return
    const plan = planClaim(claim, {
      volumes: this.#volumes.all(),
      volume: (name) => this.#volumes.get(name),
      storageClass: (name) => this.#classes.get(name),
      users: this.#pods.byIndex(BY_CLAIM, key),
    })
    switch (plan.do) {
      case 'let go':
        return this.#letGo(claims, claim)
      case 'bind':
        return this.#bind(claim, plan.volume)
      case 'provision':
        return this.#provision(claim, plan.storageClass)
      case 'lose':
        return this.#lose(claim)
      case 'wait':
        this.#say(claims, claim, plan.type, plan.reason, plan.message)
        return
      case 'nothing':
    }
  }

  /** First the volume is kept for the claim, then the claim names the volume: neither half is ever taken for the whole. */
  async #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { client } = this.#deps
    const { name = '', resourceVersion } = volume.metadata
    if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
      const { kind, ...claimRef } = { ...referenceOf(claims, claim), kind: claims.kind }
      const patch = { metadata: { resourceVersion }, spec: { claimRef: { kind, ...claimRef } } }
      await client.patch(volumes, { name }, patch, { type: 'merge' })
    }
    const { namespace, name: claimName = '' } = claim.metadata
    const annotations = { [BIND_COMPLETED]: 'yes', [BOUND_BY_CONTROLLER]: 'yes' }
    const named = await client.patch(
      claims,
      { namespace, name: claimName },
      { metadata: { annotations }, spec: { volumeName: name } },
      { type: 'merge' },
    )
    const { capacity, accessModes } = volume.spec
    const status = {
      phase: 'Bound' as const,
      ...(capacity && { capacity }),
      ...(accessModes && { accessModes }),
    }
    await client.update(claims, { ...named, status }, { subresource: 'status' })
  }

  async #provision(claim: PersistentVolumeClaim, storageClass: StorageClass): Promise<void> {
    const name = `pvc-${claim.metadata.uid}`
    const storage = claim.spec.resources?.requests?.['storage'] ?? '0'
    const volume: PersistentVolume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { [PROVISIONED_BY]: PROVISIONER } },
      spec: {
        capacity: { storage },
        ...(claim.spec.accessModes && { accessModes: claim.spec.accessModes }),
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name ?? '',
        claimRef: referenceOf(claims, claim),
        hostPath: { path: this.#directoryOf(name), type: 'DirectoryOrCreate' },
      },
    }
    try {
      await this.#deps.client.create(volumes, volume)
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      return
    }
    const message = `Successfully provisioned volume ${name}`
    this.#say(claims, claim, 'Normal', 'ProvisioningSucceeded', message)
  }

  #directoryOf(volume: string): string {
    return path.join(this.#directory, volume)
  }

  async #lose(claim: PersistentVolumeClaim): Promise<void> {
    const status = { ...claim.status, phase: 'Lost' as const }
    await this.#deps.client.update(claims, { ...claim, status }, { subresource: 'status' })
    const why = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
    this.#say(claims, claim, 'Warning', 'ClaimLost', why)
  }

  async #reconcileVolume(key: string): Promise<void> {
    const volume = this.#volumes.get(key)
    if (!volume) return
    const [claimKey = ''] = claimKeyOf(volume)
    const plan = planVolume(volume, this.#claims.get(claimKey))
    if (plan.do === 'let go') return this.#letGo(volumes, volume)
    if (plan.do === 'reclaim') return this.#reclaim(volume)
    if (plan.do === 'nothing') return
    const lastPhaseTransitionTime = timeText(this.#deps.clock.now())
    const status = { phase: plan.phase, lastPhaseTransitionTime }
    await this.#deps.client
      .update(volumes, { ...volume, status }, { subresource: 'status' })
      .then(undefined, ignoreNotFound)
  }

  /** Only directories that were made here are removed. */
  async #reclaim(volume: PersistentVolume): Promise<void> {
    const { name = '', uid } = volume.metadata
    const mine = this.#directoryOf(name)
    if (volume.metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER) {
      const why =
        'error getting deleter volume plugin for volume: no deletable volume plugin matched'
      this.#say(volumes, volume, 'Warning', 'VolumeFailedDelete', why)
      return
    }
    if (volume.spec.hostPath?.path === mine) await rm(mine, { recursive: true, force: true })
    const preconditions = uid ? { preconditions: { uid } } : {}
    await this.#deps.client.delete(volumes, { name }, preconditions).catch(ignoreNotFound)
  }

  async #letGo(kind: Kind, { metadata }: KubeObject): Promise<void> {
    const { namespace, name = '', resourceVersion, finalizers = [] } = metadata
    const kept = finalizers.filter((one) => !PROTECTIONS.includes(one))
    if (kept.length === finalizers.length) return
    const patch = { metadata: { resourceVersion, finalizers: kept } }
    await this.#deps.client
      .patch(kind, { namespace, name }, patch, { type: 'merge' })
      .then(undefined, ignoreNotFound)
  }

  #say(
    kind: Kind,
    object: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.#events.event(referenceOf(kind, object), type, reason, message)
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.close()))
  }
}
