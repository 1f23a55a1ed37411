// Says on a Lease what is in force, so that a kubelet knows when a pod it is to stop gets no more connections.
import type { KubeClient } from '../../shared/client.ts'
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import {
  PROGRAMMED_REVISION_ANNOTATION,
  PROXY_MODE_ANNOTATION,
  SERVICE_PROXY,
} from '../../shared/kubernetes/cluster.ts'
import { leases } from '../../shared/kubernetes/kinds.ts'
import { isNotFound } from '../../shared/status.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import { microTimeText } from '../machinery/clock.ts'
import type { Log } from '../machinery/log.ts'
import { messageOf } from '../machinery/log.ts'
import type { ProxyMode } from './proxier.ts'

export interface InForce {
  /** The resourceVersion of the newest EndpointSlice change that new connections follow. */
  revision: string
  mode: ProxyMode
}

const RETRY = { baseMs: 100, maxMs: 5000 }

/** Writes the newest thing it was told, one write at a time; what is overtaken meanwhile is never written. */
export class ProgrammedLease {
  readonly #deps: { client: KubeClient; clock: Clock; log: Log }
  #wanted: InForce | undefined
  #written: InForce | undefined
  #writing: Promise<void> | undefined
  #retry: Timer | undefined
  #failures = 0
  #closed = false

  constructor(deps: { client: KubeClient; clock: Clock; log: Log }) {
    this.#deps = deps
  }

  report(inForce: InForce): void {
    this.#wanted = inForce
    this.#start()
  }

  #start(): void {
    if (this.#writing || this.#closed || !this.#isBehind) return
    this.#retry?.cancel()
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (this.#failures === 0) this.#start()
    })
  }

  get #isBehind(): boolean {
    const { revision, mode } = this.#wanted ?? {}
    return revision !== this.#written?.revision || mode !== this.#written?.mode
  }

  async #write(): Promise<void> {
    const inForce = this.#wanted!
    try {
      await this.#put(inForce)
      this.#written = inForce
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      this.#deps.log.debug(`lease ${SERVICE_PROXY.name}: ${messageOf(error)}`)
      const wait = backoffAfter(this.#failures, RETRY)
      this.#retry = this.#deps.clock.after(wait, () => this.#start())
    }
  }

  async #put({ revision, mode }: InForce): Promise<void> {
    const { client, clock } = this.#deps
    const annotations = {
      [PROGRAMMED_REVISION_ANNOTATION]: revision,
      [PROXY_MODE_ANNOTATION]: mode,
    }
    const renewTime = microTimeText(clock.now())
    const spec = { holderIdentity: SERVICE_PROXY.name, renewTime }
    try {
      const patch = { metadata: { annotations }, spec }
      await client.patch(leases, SERVICE_PROXY, patch, { type: 'merge' })
    } catch (error) {
      if (!isNotFound(error)) throw error
      const lease: Lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { ...SERVICE_PROXY, annotations },
        spec,
      }
      await client.create(leases, lease)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#retry?.cancel()
    await this.#writing
  }
}
