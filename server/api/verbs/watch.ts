// watch: what matches as it comes, changes and goes, after a revision, in order (apiserver/pkg/storage/cacher).
import type { Watching, WatchOptions } from '../../../shared/client.ts'
import { apiVersionOf, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { badRequest, gone } from '../../../shared/status.ts'
import type { WatchEvent } from '../../../shared/watch.ts'
import {
  CompactedError,
  FutureRevisionError,
  SlowWatcherError,
  type Change,
  type StoreWatch,
} from '../../store/store.ts'
import { authorize } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { prefixOf } from '../keys.ts'
import { selectionOf, type Selection } from '../selection.ts'
import { stored } from './metadata.ts'
import { futureRevision, parseRevision } from './revisions.ts'

export interface WatchRequest extends WatchOptions {
  sendInitialEvents?: boolean | undefined
  resourceVersionMatch?: string | undefined
  /** The watch ends by itself after so long. */
  timeoutSeconds?: number | undefined
}

/** A watch whose reader may ask it to wait; when too much waits, it ends with 410 Gone. */
export interface PausableWatch extends Watching {
  pause(): void
  resume(): void
}

/** Often enough that a quiet watch is not left behind by compaction. */
const BOOKMARK_EVERY_MS = 5_000

export function watch(
  core: Core,
  caller: Caller,
  kind: Kind,
  options: WatchRequest,
  onEvent: (event: WatchEvent) => void,
): PausableWatch {
  const strategy = core.registry.of(kind)
  const { namespace } = options
  authorize(core, caller, { verb: 'watch', kind: strategy.kind, namespace })
  const selection = selectionOf(strategy, options)
  checkInitialEvents(options)
  const from = parseRevision(options.resourceVersion)
  if (from > core.store.revision) throw futureRevision(from, core.store.revision)
  const started = {
    ...options,
    kind: strategy.kind,
    selection,
    prefix: prefixOf(strategy.kind, namespace),
  }
  return start(core, started, from, onEvent)
}

/** apimachinery/pkg/apis/meta/internalversion/validation: ValidateListOptions. */
function checkInitialEvents({ sendInitialEvents, resourceVersionMatch }: WatchRequest): void {
  if (sendInitialEvents !== undefined && resourceVersionMatch !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  if (sendInitialEvents === undefined && resourceVersionMatch) {
    throw badRequest(
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    )
  }
}

interface Started extends WatchRequest {
  kind: Kind
  selection: Selection
  prefix: string
}

function start(
  core: Core,
  options: Started,
  from: number,
  onEvent: (event: WatchEvent) => void,
): PausableWatch {
  const { kind, selection, prefix, sendInitialEvents } = options
  const snapshot = (sendInitialEvents ?? from === 0) ? core.store.list(prefix) : undefined
  let seen = snapshot?.revision ?? from
  const sendInitial = (): void => {
    for (const { value } of snapshot?.entries ?? []) {
      const object = value as KubeObject
      if (selection.matches(object)) onEvent({ type: 'ADDED', object })
    }
    if (sendInitialEvents && options.allowWatchBookmarks) {
      onEvent(bookmark(kind, seen, { 'k8s.io/initial-events-end': 'true' }))
    }
  }
  // The store calls back once this turn is over; what stands already comes before that, after `watch` has returned.
  queueMicrotask(sendInitial)
  const source = core.store.watch(prefix, seen, (change) => {
    seen = change.revision
    const event = eventOf(change, selection)
    if (event) onEvent(event)
  })
  let paused = false
  const timers = startTimers(core, options, source, () => {
    if (paused) return
    // Changes of other kinds count too: between two turns the store has handed out all there is.
    seen = Math.max(seen, core.store.revision)
    onEvent(bookmark(kind, seen, undefined))
  })
  const flow = (stop: boolean) => (): void => {
    paused = stop
    if (stop) source.pause()
    else source.resume()
  }
  return watching(core, from, source, timers, { pause: flow(true), resume: flow(false) })
}

function startTimers(core: Core, options: Started, source: StoreWatch, mark: () => void) {
  let bookmarks: { cancel(): void } | undefined
  const again = (): void => {
    bookmarks = core.clock.after(BOOKMARK_EVERY_MS, () => {
      mark()
      again()
    })
  }
  if (options.allowWatchBookmarks) again()
  const { timeoutSeconds } = options
  const end = timeoutSeconds
    ? core.clock.after(timeoutSeconds * 1000, () => source.close())
    : undefined
  return {
    cancel: () => {
      bookmarks?.cancel()
      end?.cancel()
    },
  }
}

function watching(
  core: Core,
  from: number,
  source: StoreWatch,
  timers: { cancel(): void },
  flow: { pause(): void; resume(): void },
): PausableWatch {
  const done = source.done.then(
    () => timers.cancel(),
    (error: unknown) => {
      timers.cancel()
      throw asApiError(core, from, error)
    },
  )
  // Whoever does not wait for the end must not be told of it as an unhandled rejection.
  done.catch(() => undefined)
  return {
    done,
    ...flow,
    close: () => {
      timers.cancel()
      source.close()
    },
  }
}

function asApiError(core: Core, from: number, error: unknown): unknown {
  if (error instanceof CompactedError) {
    return gone(`too old resource version: ${from} (${core.store.compacted + 1})`)
  }
  if (error instanceof FutureRevisionError) return futureRevision(from, core.store.revision)
  if (error instanceof SlowWatcherError) return gone('the watch could not keep up: list again')
  return error
}

function bookmark(
  kind: Kind,
  revision: number,
  annotations: Record<string, string> | undefined,
): WatchEvent {
  return {
    type: 'BOOKMARK',
    object: {
      kind: kind.kind,
      apiVersion: apiVersionOf(kind),
      metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
    },
  }
}

/** How one change looks to somebody who sees only the selection: moving out of it is being deleted. */
export function eventOf(change: Change, selection: Selection): WatchEvent | undefined {
  const now = change.type === 'put' && selection.matches(change.value as KubeObject)
  const before = change.prev !== undefined && selection.matches(change.prev.value as KubeObject)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object: change.value as KubeObject }
  return before ? { type: 'DELETED', object: lastState(change) } : undefined
}

const lastStates = new WeakMap<Change, KubeObject>()

/** The state before, carrying the revision at which it ended; made once for all who watch. */
function lastState(change: Change): KubeObject {
  const held = lastStates.get(change)
  if (held) return held
  const object = stored((change.prev?.value ?? change.value) as KubeObject, change.revision)
  lastStates.set(change, object)
  return object
}
