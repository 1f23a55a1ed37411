// Carries out what a set of clusters means for one service after another: conditions of the own export, the import with the
// Service behind it, and its EndpointSlices. Every cluster does this for itself, from what it sees of the others.
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import { PROGRAMMED_REVISION_ANNOTATION, SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases, namespaces, services } from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { Condition, KubeObject } from '../../shared/kubernetes/meta.ts'
import { isBeingDeleted, keyOf, splitKey } from '../../shared/kubernetes/meta.ts'
import {
  MULTICLUSTER_SERVICE_LABEL,
  serviceExports,
  serviceImports,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { ServiceExport, ServiceImport } from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import { isNotFound } from '../../shared/status.ts'
import { timeText } from '../machinery/clock.ts'
import type { Controller } from '../machinery/controller.ts'
import { source, startController } from '../machinery/controller.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { exportConditions, refusalOf } from './export-plan.ts'
import type { Named, Source } from './import-plan.ts'
import {
  derivedName,
  derivedServiceOf,
  holds,
  importedSlices,
  importOf,
  planSlices,
  sameJson,
} from './import-plan.ts'
import type { Contribution, Merged } from './merge.ts'
import { mergeExports } from './merge.ts'
import type { Peer } from './peer.ts'
import { importKeyOf } from './peer.ts'

const BY_SERVICE = 'clusterset/own-service'
const BY_IMPORT = 'clusterset/import'
const PROXY_KEY = `${SERVICE_PROXY.namespace}/${SERVICE_PROXY.name}`

export interface ImportsOptions {
  /** This cluster's name. */
  own: string
  peers: () => readonly Peer[]
}

export class Imports implements Running {
  readonly #deps: RoomDeps
  readonly #options: ImportsOptions
  readonly #exports: Informer<ServiceExport>
  readonly #imports: Informer<ServiceImport>
  readonly #services: Informer<Service>
  readonly #slices: Informer<EndpointSlice>
  readonly #controller: Controller
  readonly #unsubscribe: () => void

  constructor(deps: RoomDeps, options: ImportsOptions) {
    this.#deps = deps
    this.#options = options
    const { informers } = deps
    this.#exports = informers.of(serviceExports)
    this.#imports = informers.of(serviceImports)
    this.#services = informers.of(services)
    this.#slices = informers.of(endpointSlices)
    this.#slices.addIndex(BY_SERVICE, ownServiceOf)
    this.#slices.addIndex(BY_IMPORT, importKeyOf)
    this.#controller = startController(deps, {
      name: 'clusterset-imports',
      for: serviceExports,
      watches: [
        source(serviceImports, (object) => [keyOf(object)]),
        source(services, (service) => this.#keysOfService(service)),
        source(endpointSlices, (slice) => [
          ...importKeyOf(slice),
          ...ownServiceOf(slice).filter((key) => this.#exports.get(key)),
        ]),
        source(namespaces, ({ metadata }) => this.#keysIn(metadata.name ?? '')),
      ],
      reconcile: (key) => this.#reconcile(key),
    })
    this.#unsubscribe = informers.of(leases).subscribe(({ object }) => this.#programmed(object))
  }

  /** This service (`namespace/name`) is to be looked at. */
  touch(key: string): void {
    this.#controller.enqueue(key)
  }

  /** A peer came, went or was lost: all it exports, or did, is to be looked at. */
  touchAllOf(peer: string, exported: readonly string[]): void {
    for (const key of exported) this.touch(key)
    for (const held of this.#imports.all()) {
      if (held.status?.clusters?.some(({ cluster }) => cluster === peer)) this.touch(keyOf(held))
    }
  }

  settled(): Promise<void> {
    return this.#controller.settled()
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await this.#controller.close()
  }

  #keysOfService(service: Service): string[] {
    const { namespace, labels } = service.metadata
    const name = labels?.[MULTICLUSTER_SERVICE_LABEL]
    const key = keyOf(service)
    return [...(this.#exports.get(key) ? [key] : []), ...(name ? [`${namespace}/${name}`] : [])]
  }

  /** What others export there: a namespace that appears imports it. */
  #keysIn(namespace: string): string[] {
    const exported = this.#options.peers().flatMap((peer) => peer.exported())
    return exported.filter((key) => splitKey(key).namespace === namespace)
  }

  #programmed({ metadata }: Lease): void {
    if (keyOf({ metadata }) !== PROXY_KEY) return
    const revision = metadata.annotations?.[PROGRAMMED_REVISION_ANNOTATION]
    if (revision === undefined) return
    for (const peer of this.#options.peers()) peer.programmed(Number(revision))
  }

  async #reconcile(key: string): Promise<void> {
    // Read before the peers' slices are: whatever they hold beyond it is only more.
    const known = this.#options.peers().map((peer) => ({ peer, upTo: peer.newest }))
    const { namespace = '', name } = splitKey(key)
    const at = { namespace, name }
    const space = this.#deps.informers.of(namespaces).get(namespace)
    const contributions = this.#contributions(key)
    const merged = mergeExports(contributions)
    const importable = space !== undefined && !isBeingDeleted(space)
    const held = this.#imports.get(key)
    const quiet = this.#quietSources(held)
    let revision = 0
    if (merged && importable) revision = await this.#import(at, merged, contributions, quiet)
    else if (quiet.length === 0) await this.#remove(at, held)
    for (const { peer, upTo } of known) peer.wrote(key, upTo, revision)
    // Last: a pod that is to stop waits for the slices, nobody waits for this.
    if (importable) await this.#sayOfExport(key, merged)
  }

  #contributions(key: string): Contribution[] {
    const { own, peers } = this.#options
    const all = [
      { cluster: own, export: this.#exports.get(key), service: this.#services.get(key) },
      ...peers().map((peer) => ({
        cluster: peer.name,
        export: peer.at(key)?.export,
        service: peer.at(key)?.service,
      })),
    ]
    return all.flatMap(({ cluster, service, ...one }) => {
      const there = one.export && !isBeingDeleted(one.export)
      if (!there || !service || refusalOf(service)) return []
      return [{ cluster, export: one.export!, service }]
    })
  }

  /** Clusters that have exported it and have not been heard of since this one started: what is there of them stays. */
  #quietSources(held: ServiceImport | undefined): string[] {
    const before = new Set(held?.status?.clusters?.map(({ cluster }) => cluster))
    return this.#options
      .peers()
      .filter((peer) => peer.state === 'connecting' && before.has(peer.name))
      .map((peer) => peer.name)
  }

  async #sayOfExport(key: string, merged: Merged | undefined): Promise<void> {
    const held = this.#exports.get(key)
    if (!held || isBeingDeleted(held)) return
    const now = timeText(this.#deps.clock.now())
    const wanted = exportConditions(held, this.#services.get(key), merged?.conflict, now)
    if (sameJson(held.status?.conditions, wanted)) return
    await this.#writeStatus(serviceExports, held, { conditions: wanted })
  }

  async #writeStatus(kind: Kind, { metadata }: KubeObject, status: unknown): Promise<void> {
    const { namespace, name = '' } = metadata
    const at = { namespace, name }
    await this.#deps.client
      .patch(kind, at, { status }, { type: 'merge', subresource: 'status' })
      .catch(ignoreNotFound)
  }

  /** Answers this cluster's revision that holds the slices; 0 when there is nothing for a service proxy to do. */
  async #import(
    at: Named,
    merged: Merged,
    contributions: readonly Contribution[],
    quiet: readonly string[],
  ): Promise<number> {
    const key = `${at.namespace}/${at.name}`
    const hasAddress = merged.spec.type === 'ClusterSetIP'
    const service = this.#services.get(`${at.namespace}/${derivedName(at)}`)
    const ip = hasAddress ? service?.spec.clusterIP : undefined
    const held = await this.#put(serviceImports, this.#imports.get(key), (old) =>
      importOf(at, merged, old, ip),
    )
    const revision = await this.#writeSlices(held, contributions, quiet)
    if (hasAddress) {
      const made = await this.#put(services, service, (old) => derivedServiceOf(held, old))
      if (made.spec.clusterIP !== ip) {
        await this.#put(serviceImports, held, (old) =>
          importOf(at, merged, old, made.spec.clusterIP),
        )
      }
    } else if (service) await this.#delete(services, service)
    const clusters = [...new Set([...merged.clusters, ...quiet])].toSorted()
    await this.#sayOfImport(held, clusters)
    return hasAddress ? revision : 0
  }

  async #sayOfImport(held: ServiceImport, clusters: readonly string[]): Promise<void> {
    const now = timeText(this.#deps.clock.now())
    const before = held.status?.conditions?.find(({ type }) => type === 'Ready')
    const ready: Condition = {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: 'The service can be used in this cluster.',
      lastTransitionTime: before?.lastTransitionTime ?? now,
    }
    const status = { clusters: clusters.map((cluster) => ({ cluster })), conditions: [ready] }
    if (!sameJson(held.status, status)) await this.#writeStatus(serviceImports, held, status)
  }

  /** Makes an object what it is to be; answers it as it is then. */
  async #put<T extends KubeObject>(
    kind: Kind<T>,
    held: T | undefined,
    wanted: (held: T | undefined) => T,
  ): Promise<T> {
    const object = wanted(held)
    if (!held) return this.#deps.client.create(kind, object)
    return holds(held, object) ? held : this.#deps.client.update(kind, object)
  }

  async #writeSlices(
    owner: ServiceImport,
    contributions: readonly Contribution[],
    quiet: readonly string[],
  ): Promise<number> {
    const { client } = this.#deps
    const key = keyOf(owner)
    const held = this.#slices.byIndex(BY_IMPORT, key)
    const ours = held.filter(({ metadata }) => !quiet.includes(sourceOf(metadata.labels)))
    const wanted = importedSlices(owner, this.#sources(key, contributions))
    const { create, update, remove } = planSlices(wanted, ours)
    const written = await Promise.all([
      ...update.map((slice) => client.update(endpointSlices, slice)),
      ...create.map((slice) => client.create(endpointSlices, slice)),
      ...remove.map((slice) => this.#delete(endpointSlices, slice).then(() => slice)),
    ])
    const revisions = [...ours, ...written].map(({ metadata }) => Number(metadata.resourceVersion))
    return Math.max(0, ...revisions)
  }

  #sources(key: string, contributions: readonly Contribution[]): Source[] {
    const { own, peers } = this.#options
    return contributions.map(({ cluster }) => {
      const isOwn = cluster === own
      const peer = peers().find(({ name }) => name === cluster)
      const slices = isOwn ? this.#slices.byIndex(BY_SERVICE, key) : (peer?.at(key)?.slices ?? [])
      return { cluster, isOwn, slices }
    })
  }

  /** Nobody exports it any more. */
  async #remove({ namespace, name }: Named, held: ServiceImport | undefined): Promise<void> {
    const slices = this.#slices.byIndex(BY_IMPORT, `${namespace}/${name}`)
    await Promise.all(slices.map((slice) => this.#delete(endpointSlices, slice)))
    const derived = this.#services.get(`${namespace}/${derivedName({ namespace, name })}`)
    if (derived) await this.#delete(services, derived)
    if (held && !isBeingDeleted(held)) await this.#delete(serviceImports, held)
  }

  async #delete(kind: Kind, { metadata }: KubeObject): Promise<void> {
    const { namespace, name = '' } = metadata
    await this.#deps.client.delete(kind, { namespace, name }).catch(ignoreNotFound)
  }
}

const sourceOf = (labels: Record<string, string> | undefined): string =>
  labels?.[SOURCE_CLUSTER_LABEL] ?? ''

/** The ordinary Service that a slice belongs to; slices of imports belong to none. */
function ownServiceOf({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[SERVICE_NAME_LABEL]
  const imported = metadata.labels?.[MULTICLUSTER_SERVICE_LABEL] !== undefined
  return name && !imported ? [`${metadata.namespace}/${name}`] : []
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error
}
