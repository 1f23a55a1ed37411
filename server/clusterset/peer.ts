// Another cluster of the set, followed from here: its exports, Services and exported EndpointSlices, for as long as it
// answers. Its Lease for this cluster says that we do, and up to which revision its endpoints are in force here.
import type { KubeClient } from '../../shared/client.ts'
import { PROGRAMMED_REVISION_ANNOTATION } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases, secrets, services } from '../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import {
  CLUSTER_NAME_PROPERTY,
  clusterProperties,
  MULTICLUSTER_SERVICE_LABEL,
  serviceExports,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { ServiceExport } from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import { isApiError, isNotFound } from '../../shared/status.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import type { Clock } from '../machinery/clock.ts'
import { microTimeText } from '../machinery/clock.ts'
import type { Informer, ListingClient } from '../machinery/informer.ts'
import { createInformers } from '../machinery/informer.ts'
import type { Log } from '../machinery/log.ts'
import { messageOf } from '../machinery/log.ts'
import { Acknowledgments } from './acknowledgments.ts'
import { peerObject } from './credentials.ts'
import { within } from './within.ts'

/** connecting: not heard of yet since the start. lost: it does not answer. refused: it does, and wants nothing to do with us. */
export type PeerState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface PeerOptions {
  name: string
  /** This cluster's name. */
  own: string
  client: KubeClient
  clock: Clock
  log: Log
  /** Tells the other cluster of this one. */
  introduce: (remote: KubeClient) => Promise<void>
  /** This service (`namespace/name`) of the peer is to be looked at. */
  onService: (key: string) => void
  onState: (state: PeerState, message: string) => void
}

/** What a peer has under one name. */
export interface PeerService {
  export: ServiceExport | undefined
  service: Service | undefined
  slices: readonly EndpointSlice[]
}

/** While all is well, we are heard of this often. */
const HEARTBEAT_MS = 1000
/** Not answering for so long is being lost; so long the peer's kubelets wait for us at most. */
const LOST_MS = 2000
const RETRY_MS = 250
const RECONNECT = { baseMs: 250, maxMs: 3000 }
const ANSWER_MS = 2000
/** A first look at a large cluster may take a while. */
const LIST_MS = 15_000
const BY_SERVICE = 'clusterset/service'

interface Following {
  exports: Informer<ServiceExport>
  services: Informer<Service>
  slices: Informer<EndpointSlice>
  acknowledgments: Acknowledgments
  close: () => void
}

/** The service of the set that a slice belongs to. */
export function importKeyOf({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[MULTICLUSTER_SERVICE_LABEL]
  return name ? [`${metadata.namespace}/${name}`] : []
}

export class Peer {
  readonly name: string
  readonly #options: PeerOptions
  readonly #startedAt: number
  #state: PeerState = 'connecting'
  #message = ''
  #following: Following | undefined
  #failures = 0
  #programmed = Infinity
  /** What it was told last. */
  #said: number | undefined
  #closed = false
  #wake: (() => void) | undefined
  #nudged = false

  constructor(options: PeerOptions) {
    this.name = options.name
    this.#options = options
    this.#startedAt = options.clock.now()
    void this.#run()
  }

  get state(): PeerState {
    return this.#state
  }

  /** What the peer has under this name; undefined unless it is connected. */
  at(key: string): PeerService | undefined {
    const at = this.#state === 'connected' ? this.#following : undefined
    return (
      at && {
        export: at.exports.get(key),
        service: at.services.get(key),
        slices: at.slices.byIndex(BY_SERVICE, key),
      }
    )
  }

  /** What it exports now, by `namespace/name`. */
  exported(): string[] {
    return [...(this.#following?.exports.all() ?? [])].map(keyOf)
  }

  /** The newest change of its slices that is known here. */
  get newest(): number {
    return this.#following?.acknowledgments.newest ?? 0
  }

  /** This cluster's slices of a service hold the peer's changes up to `upTo`, written at `revision`. */
  wrote(key: string, upTo: number, revision: number): void {
    this.#following?.acknowledgments.wrote(key, upTo, revision)
    this.#sayMore()
  }

  /** This cluster's service proxy has everything up to this revision in force. */
  programmed(revision: number): void {
    this.#programmed = revision
    this.#sayMore()
  }

  #sayMore(): void {
    const upTo = this.#following?.acknowledgments.inForce(this.#programmed)
    if (this.#state !== 'connected' || upTo === this.#said) return
    this.#nudged = true
    this.#wake?.()
  }

  /** Has the peer forget this cluster, if it can be told. */
  async leave(): Promise<void> {
    const { client, clock, own, log } = this.#options
    this.close()
    // A peer that cannot be told finds out by being refused.
    await within(clock, ANSWER_MS, client.delete(secrets, peerObject(own))).catch(
      (error: unknown) => log.debug(`${this.name} was not told: ${messageOf(error)}`),
    )
  }

  close(): void {
    this.#closed = true
    this.#following?.close()
    this.#wake?.()
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#follow()
      } catch (error) {
        this.#failed(error)
      }
      this.#following?.close()
      if (this.#closed) return
      await this.#sleep(backoffAfter(++this.#failures, RECONNECT))
    }
  }

  #failed(error: unknown): void {
    if (this.#closed) return
    const refused =
      error instanceof StrangerError ||
      isApiError(error, 'Unauthorized') ||
      isApiError(error, 'Forbidden')
    const isNew = this.#options.clock.now() - this.#startedAt < LOST_MS
    if (this.#state === 'connecting' && isNew && !refused) return
    this.#tell(refused ? 'refused' : 'lost', messageOf(error))
  }

  #tell(state: PeerState, message: string): void {
    if (state === this.#state && message === this.#message) return
    this.#state = state
    this.#message = message
    this.#options.onState(state, message)
  }

  async #follow(): Promise<void> {
    const { client, clock, introduce } = this.#options
    await this.#identify()
    await within(clock, ANSWER_MS, introduce(client))
    const following = await this.#startFollowing()
    this.#following = following
    this.#failures = 0
    this.#tell('connected', '')
    const tell = ({ object }: { object: KubeObjectLike }): void =>
      this.#options.onService(keyOf(object))
    following.exports.subscribe(tell)
    following.services.subscribe(({ object }) => {
      if (following.exports.get(keyOf(object))) tell({ object })
    })
    following.slices.subscribe(({ object }) => {
      for (const key of importKeyOf(object)) {
        following.acknowledgments.changed(key, Number(object.metadata.resourceVersion))
        this.#options.onService(key)
      }
    })
    await this.#keepInTouch(following)
  }

  /** @throws StrangerError when another cluster answers there */
  async #identify(): Promise<void> {
    const { client, clock, name } = this.#options
    const asked = client.get(clusterProperties, { name: CLUSTER_NAME_PROPERTY })
    const { value } = await within(clock, ANSWER_MS, asked).then(
      ({ spec }) => spec,
      (error: unknown) => {
        throw isNotFound(error) ? new StrangerError('it is in no cluster set') : error
      },
    )
    if (value !== name) throw new StrangerError(`the cluster there is called ${value}`)
  }

  async #startFollowing(): Promise<Following> {
    const { client, clock, log, name } = this.#options
    // What goes wrong between clusters is told as the peer's state.
    const quiet: Log = { ...log, warn: (message) => log.debug(message), named: () => quiet }
    const exported = selecting(client, `${SOURCE_CLUSTER_LABEL}=${name}`)
    const informers = createInformers(client, clock, quiet)
    const slicesOnly = createInformers(exported, clock, quiet)
    const slices = slicesOnly.of(endpointSlices)
    const [exports, all] = [informers.of(serviceExports), informers.of(services)]
    const close = (): void => {
      informers.close()
      slicesOnly.close()
    }
    const synced = Promise.all([slices.synced, exports.synced, all.synced])
    await within(clock, LIST_MS, synced).catch((error: unknown) => {
      close()
      throw error
    })
    slices.addIndex(BY_SERVICE, importKeyOf)
    return {
      exports,
      services: all,
      slices,
      acknowledgments: new Acknowledgments(Number(slices.resourceVersion)),
      close,
    }
  }

  /** Says that we are there, and up to where we follow, until the peer does not answer for a while. */
  async #keepInTouch({ acknowledgments }: Following): Promise<void> {
    const { clock } = this.#options
    let heardAt = clock.now()
    while (!this.#closed) {
      this.#nudged = false
      const upTo = acknowledgments.inForce(this.#programmed)
      try {
        await within(clock, ANSWER_MS, this.#say(upTo))
        this.#said = upTo
        heardAt = clock.now()
        if (!this.#nudged) await this.#sleep(HEARTBEAT_MS)
      } catch (error) {
        if (isApiError(error, 'Unauthorized') || clock.now() - heardAt >= LOST_MS) throw error
        await this.#sleep(RETRY_MS)
      }
    }
  }

  async #say(upTo: number): Promise<void> {
    const { client, own, clock } = this.#options
    const renewTime = microTimeText(clock.now())
    const patch = {
      metadata: { annotations: { [PROGRAMMED_REVISION_ANNOTATION]: String(upTo) } },
      spec: { renewTime, leaseDurationSeconds: (HEARTBEAT_MS + LOST_MS) / 1000 },
    }
    try {
      await client.patch(leases, peerObject(own), patch, { type: 'merge' })
    } catch (error) {
      // It does not know us yet, or we may read only.
      if (!isNotFound(error) && !isApiError(error, 'Forbidden')) throw error
      await client.get(clusterProperties, { name: CLUSTER_NAME_PROPERTY })
    }
  }

  #sleep(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(ms, () => this.#wake?.())
      this.#wake = () => {
        this.#wake = undefined
        timer.cancel()
        resolve()
      }
    })
  }
}

type KubeObjectLike = Parameters<typeof keyOf>[0]

/** Who answers is not who was expected; `message` says who, or that it is no member of any set. */
class StrangerError extends Error {}

/** A client whose lists and watches show what carries these labels only. */
function selecting(client: ListingClient, labelSelector: string): ListingClient {
  return {
    list: (kind, options) => client.list(kind, { ...options, labelSelector }),
    watch: (kind, options, onEvent) => client.watch(kind, { ...options, labelSelector }, onEvent),
  }
}
