// Writes one pod's status: only what changed, one write at a time, the newest wins, and a failed write is tried again.
import type { KubeClient } from '../../shared/client.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod, PodStatus } from '../../shared/kubernetes/pod.ts'
import { isConflict, isNotFound } from '../../shared/status.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Log } from '../machinery/log.ts'
import { withOthersConditions } from './pod-conditions.ts'
import { sameJson } from './same-json.ts'

const RETRY = { baseMs: 100, maxMs: 5_000 }

export interface StatusWriterOptions {
  client: KubeClient
  clock: Clock
  log: Log
  /** The newest state of the pod that is known. */
  newest: () => Pod
  /** Told the pod as written. */
  written: (pod: Pod) => void
}

export class StatusWriter {
  readonly #options: StatusWriterOptions
  #wanted: PodStatus | undefined
  #writing: Promise<void> | undefined
  #closed = false

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Wants this status to be there; writes it unless it is. */
  set(status: PodStatus): void {
    if (this.#closed) return
    this.#wanted = status
    if (!this.#writing && this.#patch(status) !== undefined) this.#begin()
  }

  /** Resolves when the last wanted status is there, or never can be. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  /** Gives up what is not yet written. */
  close(): void {
    this.#closed = true
    this.#wanted = undefined
  }

  #begin(): void {
    // A turn of the event loop later: what one event changes in several places is written once.
    this.#writing = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#writeAll())
      .finally(() => {
        this.#writing = undefined
      })
  }

  async #writeAll(): Promise<void> {
    let failures = 0
    for (;;) {
      const patch = this.#wanted && this.#patch(this.#wanted)
      if (!patch) return
      try {
        await this.#write(patch)
        failures = 0
      } catch (error) {
        if (isNotFound(error)) return this.close()
        failures++
        if (!isConflict(error)) this.#options.log.warn(`pod status not written: ${String(error)}`)
        await new Promise<void>((resolve) => {
          this.#options.clock.after(backoffAfter(failures, RETRY), resolve)
        })
      }
    }
  }

  async #write(status: Partial<Record<keyof PodStatus, unknown>>): Promise<void> {
    const { client, newest, written } = this.#options
    const { namespace, name = '', uid, resourceVersion } = newest().metadata
    // Lists of a merge patch replace lists: where others own conditions too, write only what was seen.
    const shared = (newest().spec.readinessGates ?? []).length > 0
    const metadata = { uid, ...(shared && { resourceVersion }) }
    const pod = await client.patch(
      pods,
      { namespace, name },
      { metadata, status },
      { type: 'merge', subresource: 'status' },
    )
    written(pod)
  }

  /** The fields to write; undefined when the pod already has them. */
  #patch(wanted: PodStatus): Partial<Record<keyof PodStatus, unknown>> | undefined {
    const now = this.#options.newest().status ?? {}
    const conditions = withOthersConditions(wanted.conditions ?? [], now.conditions)
    const whole: PodStatus = { ...wanted, conditions }
    const patch: Partial<Record<keyof PodStatus, unknown>> = {}
    for (const [field, value] of Object.entries(whole) as [keyof PodStatus, unknown][]) {
      if (!sameJson(value, now[field])) patch[field] = value
    }
    for (const field of ['reason', 'message'] as const) {
      if (now[field] !== undefined && whole[field] === undefined) patch[field] = null
    }
    return Object.keys(patch).length > 0 ? patch : undefined
  }
}
