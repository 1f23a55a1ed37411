// StatefulSets: pods with numbers for names, each with claims of its own, made and replaced in order.
import { persistentVolumeClaims, pods, statefulSets } from '../../shared/kubernetes/kinds.ts'
import type { OwnerReference } from '../../shared/kubernetes/meta.ts'
import type { Pod, PodTemplateSpec, Volume } from '../../shared/kubernetes/pod.ts'
import { isPodActive } from '../../shared/kubernetes/pod.ts'
import {
  POD_INDEX_LABEL,
  POD_NAME_LABEL,
  REVISION_HASH_LABEL,
  type StatefulSet,
} from '../../shared/kubernetes/sets.ts'
import type { PersistentVolumeClaim } from '../../shared/kubernetes/storage.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { isAlreadyExists, isNotFound } from '../../shared/status.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import { carryOutClaim } from './claims.ts'
import { controllerReference, ignoreNotFound, sameJson } from './objects.ts'
import { candidatesOf, claim, indexOwners, referenceOf } from './owned.ts'
import { PendingWrites } from './pending-writes.ts'
import { Revisions } from './revisions.ts'
import { ordinalOf, planStatefulSet } from './statefulset-plan.ts'

/** Starts the StatefulSet controller. */
export function startStatefulSets(deps: RoomDeps): Running {
  return new StatefulSetController(deps).controller
}

class StatefulSetController {
  readonly controller: Controller
  readonly #deps: RoomDeps
  readonly #sets: Informer<StatefulSet>
  readonly #pods: Informer<Pod>
  readonly #revisions: Revisions
  readonly #writes: PendingWrites
  readonly #events: EventRecorder

  constructor(deps: RoomDeps) {
    this.#deps = deps
    this.#sets = deps.informers.of(statefulSets)
    this.#pods = deps.informers.of(pods)
    indexOwners(this.#pods)
    this.#revisions = new Revisions(deps, statefulSets.kind)
    this.#writes = new PendingWrites(this.#pods)
    this.#events = createEventRecorder({ ...deps, component: 'statefulset-controller' })
    this.controller = startController(deps, {
      name: 'statefulset-controller',
      for: statefulSets,
      owns: [pods],
      reconcile: (key) => this.#reconcile(key),
    })
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const set = this.#sets.get(key)
    if (!set) return this.#writes.forget(key)
    if (!this.#writes.areInView(key)) return
    const own = await this.#claimed(key, set)
    const inUse = new Set([
      ...own.map(({ metadata }) => metadata.labels?.[REVISION_HASH_LABEL] ?? ''),
      set.status?.currentRevision ?? '',
    ])
    const update = (await this.#revisions.sync(set, inUse)).metadata.name ?? ''
    const current = set.status?.currentRevision ?? update
    const plan = planStatefulSet(set, own, current, update, this.#deps.clock.now())
    await allAtOnce(plan.condemned, (pod) => this.#handClaims(set, pod))
    await allAtOnce(plan.remove, (pod) => this.#remove(key, set, pod))
    for (const { ordinal, revision } of plan.create) {
      const template = revision === update ? undefined : this.#revisions.template(set, revision)
      await this.#create(key, set, ordinal, template ?? set.spec.template, revision)
    }
    if (!sameJson(plan.status, set.status)) {
      await this.#deps.client
        .update(statefulSets, { ...set, status: plan.status }, { subresource: 'status' })
        .catch(ignoreNotFound)
    }
    return plan.againInMs === undefined ? undefined : { againInMs: plan.againInMs }
  }

  async #claimed(key: string, set: StatefulSet): Promise<Pod[]> {
    const candidates = candidatesOf(this.#pods, set.metadata)
    const { own, ...found } = claim(
      set.metadata.uid,
      matcherOf(set.spec.selector),
      candidates,
      (pod) => isPodActive(pod) && ordinalOf(set, pod) !== undefined,
    )
    const reference = ownerOf(set)
    await carryOutClaim(this.#deps.client, found, reference, (pod) => this.#writes.wrote(key, pod))
    return [...own, ...found.adopt]
  }

  async #create(
    key: string,
    set: StatefulSet,
    ordinal: number,
    template: PodTemplateSpec,
    revision: string,
  ): Promise<void> {
    const pod = podOf(set, ordinal, template, revision)
    const { name } = pod.metadata
    const what = `Pod ${name} in StatefulSet ${set.metadata.name}`
    try {
      await this.#createClaims(set, pod)
      this.#writes.wrote(key, await this.#deps.client.create(pods, pod))
      this.#say(set, 'Normal', 'SuccessfulCreate', `create ${what} successful`)
    } catch (error) {
      // Our own that is not in view yet, or somebody else's, which is waited for.
      if (isAlreadyExists(error)) return
      const why = `create ${what} failed error: ${(error as Error).message}`
      this.#say(set, 'Warning', 'FailedCreate', why)
      throw error
    }
  }

  async #createClaims(set: StatefulSet, pod: Pod): Promise<void> {
    for (const one of claimsOf(set, pod)) {
      const { name } = one.metadata
      try {
        await this.#deps.client.create(persistentVolumeClaims, one)
        const what = `create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success`
        this.#say(set, 'Normal', 'SuccessfulCreate', what)
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    }
  }

  async #remove(key: string, set: StatefulSet, pod: Pod): Promise<void> {
    const { namespace, name = '', uid = '' } = pod.metadata
    try {
      await this.#deps.client.delete(pods, { namespace, name }, { preconditions: { uid } })
      const what = `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`
      this.#say(set, 'Normal', 'SuccessfulDelete', what)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    this.#writes.deleted(key, pod)
  }

  /** With whenScaled Delete, claims go with the pod that is one too many. */
  async #handClaims(set: StatefulSet, pod: Pod): Promise<void> {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return
    const { name = '', uid = '', namespace } = pod.metadata
    const owner: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name, uid }
    for (const { metadata } of claimsOf(set, pod)) {
      const patch = { metadata: { ownerReferences: [...(metadata.ownerReferences ?? []), owner] } }
      await this.#deps.client
        .patch(persistentVolumeClaims, { namespace, name: metadata.name ?? '' }, patch, {
          type: 'merge',
        })
        .then(undefined, ignoreNotFound)
    }
  }

  #say(set: StatefulSet, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.event(referenceOf(statefulSets, set), type, reason, message)
  }
}

function ownerOf(set: StatefulSet): OwnerReference {
  return controllerReference({ ...set, apiVersion: 'apps/v1' }, statefulSets.kind)
}

/** The claims of one pod: `<template>-<pod>`. With whenDeleted Delete they go with the set. */
function claimsOf(set: StatefulSet, pod: Pod): PersistentVolumeClaim[] {
  const policy = set.spec.persistentVolumeClaimRetentionPolicy
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${metadata.name}-${pod.metadata.name}`,
      ...(set.metadata.namespace !== undefined && { namespace: set.metadata.namespace }),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ...(policy?.whenDeleted === 'Delete' && { ownerReferences: [ownerOf(set)] }),
    },
    spec,
  }))
}

/** The pod of a number: it has that name for life, as its host name too, and its claims as volumes. */
export function podOf(
  set: StatefulSet,
  ordinal: number,
  template: PodTemplateSpec,
  revision: string,
): Pod {
  const name = `${set.metadata.name}-${ordinal}`
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(set.metadata.namespace !== undefined && { namespace: set.metadata.namespace }),
      labels: {
        ...labels,
        [POD_NAME_LABEL]: name,
        [POD_INDEX_LABEL]: String(ordinal),
        [REVISION_HASH_LABEL]: revision,
      },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [ownerOf(set)],
    },
    spec: { ...template.spec, hostname: name },
  }
  if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName
  const mine = new Map<string, Volume>(
    (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => [
      metadata.name ?? '',
      {
        name: metadata.name ?? '',
        persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
      },
    ]),
  )
  if (mine.size > 0) {
    const others = (template.spec.volumes ?? []).filter((volume) => !mine.has(volume.name))
    pod.spec.volumes = [...others, ...mine.values()]
  }
  return pod
}
