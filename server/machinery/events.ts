// Events say what happened to an object. Repeats are counted on one Event instead of piling up, and talkative sources
// are muted (client-go: tools/record/events_cache.go, EventCorrelator).
import type { KubeClient } from '../../shared/client.ts'
import type { Event } from '../../shared/kubernetes/cluster.ts'
import { events } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { ObjectReference } from '../../shared/kubernetes/network.ts'
import { isNotFound } from '../../shared/status.ts'
import type { Clock } from './clock.ts'
import { EventCorrelator } from './event-correlator.ts'
import type { Log } from './log.ts'
import { messageOf } from './log.ts'

export interface EventRecorder {
  /** Records and returns at once; never throws. `object` needs its kind and apiVersion. */
  event(
    object: KubeObject | ObjectReference,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void
  /** Resolves when everything recorded so far is written or given up. */
  flushed(): Promise<void>
}

export interface EventRecorderOptions {
  client: KubeClient
  clock: Clock
  log: Log
  /** Who says so: `kubelet`, `deployment-controller`. */
  component: string
  /** The node it says so from. */
  host?: string
}

/** One Event object on the server and what is known to be written of it. */
interface Series {
  name: string
  event: Event
  /** Count the server has; 0 before it is created. */
  written: number
  writing: boolean
}

/** Series remembered per recorder; the one longest not repeated is forgotten first (client-go: maxLruCacheEntries). */
const SERIES_LIMIT = 4096

/** Starts a recorder. It holds no resources, so there is nothing to close. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options)
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #correlator = new EventCorrelator()
  readonly #series = new Map<string, Series>()
  readonly #writes = new Set<Promise<void>>()
  #sequence = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  event(
    object: KubeObject | ObjectReference,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const about = referenceTo(object)
    const now = this.#options.clock.now()
    const seen = this.#correlator.correlate({ about, type, reason, message }, now)
    if (!seen) return
    const series = this.#seriesOf(seen.key) ?? this.#begin(about, type, reason)
    this.#remember(seen.key, series)
    const at = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
    series.event = {
      ...series.event,
      message: seen.message,
      count: (series.event.count ?? 0) + 1,
      firstTimestamp: series.event.firstTimestamp ?? at,
      lastTimestamp: at,
    }
    this.#write(series)
  }

  async flushed(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes)
  }

  #seriesOf(key: string): Series | undefined {
    return this.#series.get(key)
  }

  #remember(key: string, series: Series): void {
    this.#series.delete(key)
    this.#series.set(key, series)
    if (this.#series.size <= SERIES_LIMIT) return
    for (const oldest of this.#series.keys()) {
      this.#series.delete(oldest)
      return
    }
  }

  #begin(about: ObjectReference, type: 'Normal' | 'Warning', reason: string): Series {
    const { component, host } = this.#options
    const name = this.#nameFor(about)
    return {
      name,
      written: 0,
      writing: false,
      event: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: about.namespace ?? 'default' },
        involvedObject: about,
        type,
        reason,
        source: { component, ...(host && { host }) },
        reportingComponent: component,
        reportingInstance: host ?? '',
      },
    }
  }

  // client-go names an Event after its object and the time in hexadecimal nanoseconds; the sequence keeps two of one
  // millisecond apart.
  #nameFor(about: ObjectReference): string {
    const nanoseconds = BigInt(this.#options.clock.now()) * 1_000_000n
    return `${about.name ?? 'unknown'}.${(nanoseconds + BigInt(this.#sequence++ % 1_000_000)).toString(16)}`
  }

  /** Writes the series; repeats that come in meanwhile are written together afterwards. */
  #write(series: Series): void {
    if (series.writing) return
    series.writing = true
    const send = async (): Promise<boolean> => {
      try {
        await this.#send(series)
        return true
      } catch (error) {
        this.#options.log.debug(`event not recorded: ${messageOf(error)}`)
        return false
      }
    }
    const write = send().then((isWritten) => {
      this.#writes.delete(write)
      series.writing = false
      // What could not be written (its namespace may be gone) waits for the next repeat, lest it be tried in a circle.
      if (isWritten && series.written < (series.event.count ?? 0)) this.#write(series)
    })
    this.#writes.add(write)
  }

  async #send(series: Series): Promise<void> {
    const { event } = series
    const count = event.count ?? 0
    if (series.written > 0 && (await this.#patched(series, event))) {
      series.written = count
      return
    }
    await this.#options.client.create(events, event)
    series.written = count
  }

  /** False when the Event is no longer there (they expire). */
  async #patched(series: Series, { count, message, lastTimestamp }: Event): Promise<boolean> {
    const { namespace } = series.event.metadata
    const patch = { count, message, lastTimestamp }
    try {
      await this.#options.client.patch(events, { namespace, name: series.name }, patch, {
        type: 'merge',
      })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }
}

function referenceTo(object: KubeObject | ObjectReference): ObjectReference {
  if (!('metadata' in object)) return object
  const { metadata, kind, apiVersion } = object
  const { namespace, name, uid, resourceVersion } = metadata
  const fields = { kind, namespace, name, uid, apiVersion, resourceVersion }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
