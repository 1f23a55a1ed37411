// Events are kept for an hour, as kube-apiserver keeps them (--event-ttl).
import { events } from '../../shared/kubernetes/kinds.ts'
import type { Event } from '../../shared/kubernetes/cluster.ts'
import { ConflictError, type Entry } from '../store/store.ts'
import type { Core } from './core.ts'
import { prefixOf } from './keys.ts'

const KEEP_MS = 3600_000
const LOOK_EVERY_MS = 60_000

/** Removes old events again and again until the store closes. */
export function expireEvents(core: Core): void {
  const prefix = prefixOf(events)
  let timer = core.clock.after(LOOK_EVERY_MS, look)
  // This watch tells of nothing but the end of the store.
  const stop = (): void => timer.cancel()
  core.store.watch(`${prefix}/`, core.store.revision, () => undefined).done.then(stop, stop)

  function look(): void {
    const before = core.clock.now() - KEEP_MS
    const old = core.store.list(prefix).entries.filter((entry) => lastSeen(entry) < before)
    Promise.all(old.map((entry) => removeUnlessSeen(core, entry))).catch(() => undefined)
    timer = core.clock.after(LOOK_EVERY_MS, look)
  }
}

/** Every write gives an event its hour anew; what it says of itself comes close enough. */
function lastSeen({ value }: Entry): number {
  const { lastTimestamp, eventTime, metadata } = value as Event
  return Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '')
}

async function removeUnlessSeen({ store }: Core, { key, revision }: Entry): Promise<void> {
  try {
    await store.write({ key, expected: revision, value: undefined })
  } catch (error) {
    // Counted up meanwhile: it stays.
    if (!(error instanceof ConflictError)) throw error
  }
}
