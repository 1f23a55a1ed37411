// What the stage showed during the last minutes, kept as it came: whole pictures now and then, and what changed between
// them. Views are objects that never change, so a picture costs a reference for each. Bounded in time and in size.
import type { FeedBatch, FeedReset, LoadUpdate, LoadView, View } from '../../shared/stage.ts'
import type { FeedStore } from './feedStore.ts'
import { namedLoad } from './load.ts'
import type { LiveStores } from './stores.ts'
import { HISTORY_SECONDS, withMeasurement } from './stores.ts'

export interface ReelBounds {
  /** How far back one may look, in ms. */
  keptMs: number
  /** Changes of views kept at most: about a hundred bytes each. */
  changes: number
  /** Rates of single pods kept at most, eight bytes each. */
  rates: number
}

const USUAL: ReelBounds = { keptMs: 10 * 60_000, changes: 100_000, rates: 1_000_000 }
/** A picture is worth its size when at least so much changed since the last. */
const CHANGES_PER_PICTURE = 2_000
/** Measurements nearer to one another than this are not told apart; with many pods one a second is kept. */
const CLOSEST_MS = 240
const MANY_PODS = 200
const SECOND_MS = 1_000

/** A picture, and the batches that came until the next. */
interface Scene {
  from: FeedReset
  batches: FeedBatch[]
  changes: number
}

export interface Reel {
  reset(reset: FeedReset): void
  /** A batch that was just applied; `picture` answers all views with it. */
  batch(batch: FeedBatch, picture: () => { run: string; views: View[] }): void
  load(update: LoadUpdate): void
  /** Measurements from before this page. */
  history(history: readonly LoadView[]): void
  /** The first moment that can be shown, in ms since the epoch; null while there is none. */
  oldest(): number | null
  /** When this page began to keep what it saw; null while it has seen nothing. */
  began(): number | null
  /** One measurement for each second or more of what is kept, oldest first. */
  measurements(): readonly LoadView[]
  /** Brings stores that no connection fills to that moment. */
  show(stores: LiveStores, moment: number): void
}

/** An empty reel. */
export function createReel(bounds: ReelBounds = USUAL): Reel {
  const film = createFilm(bounds)
  const log = createLog(bounds)
  return {
    reset: (reset) => film.reset(reset),
    batch: (batch, picture) => film.batch(batch, picture),
    load: (update) => log.load(update),
    history: (history) => log.history(history),
    oldest() {
      const span = film.span()
      return span && Math.max(span.from, Math.max(span.to, log.newest()) - bounds.keptMs)
    },
    began: () => film.began(),
    measurements: () => log.loads.map(slim),
    show(stores, moment) {
      showViews(stores.feed, film.scenes, moment)
      showLoad(stores, log.loads, moment)
    },
  }
}

/** The views. */
function createFilm(bounds: ReelBounds) {
  const scenes: Scene[] = []
  let began: number | null = null
  let changes = 0

  const add = (from: FeedReset): void => {
    scenes.push({ from, batches: [], changes: 0 })
    const isOld = (): boolean => (scenes[1]?.from.at ?? from.at) < from.at - bounds.keptMs
    while (scenes.length > 1 && (isOld() || changes > bounds.changes)) {
      changes -= scenes.shift()!.changes
    }
  }
  return {
    scenes: scenes as readonly Scene[],
    began: () => began,
    /** From the first moment there is to the last that was heard of; null before the first picture. */
    span(): { from: number; to: number } | null {
      const [first, last] = [scenes[0], scenes.at(-1)]
      if (!first || !last) return null
      return { from: first.from.at, to: last.batches.at(-1)?.at ?? last.from.at }
    },
    reset(reset: FeedReset): void {
      began ??= reset.at
      add(reset)
    },
    batch(batch: FeedBatch, picture: () => { run: string; views: View[] }): void {
      const scene = scenes.at(-1)
      if (!scene) return
      scene.batches.push(batch)
      scene.changes += batch.changes.length
      changes += batch.changes.length
      if (scene.changes < Math.max(CHANGES_PER_PICTURE, scene.from.views.length)) return
      add({ ...picture(), position: batch.to, at: batch.at })
    },
  }
}

/** The load. */
function createLog(bounds: ReelBounds) {
  const loads: LoadUpdate[] = []
  let rates = 0
  const trim = (now: number): void => {
    while (loads.length > 0 && (loads[0]!.at < now - bounds.keptMs || rates > bounds.rates)) {
      rates -= loads.shift()!.byPod.length
    }
  }
  return {
    loads: loads as readonly LoadUpdate[],
    newest: () => loads.at(-1)?.at ?? 0,
    load(update: LoadUpdate): void {
      const last = loads.at(-1)
      const gap = update.byPod.length > MANY_PODS ? SECOND_MS - CLOSEST_MS / 2 : CLOSEST_MS
      if (last && update.at - last.at < gap && update.at >= last.at) return
      loads.push(update)
      rates += update.byPod.length
      trim(update.at)
    },
    history(history: readonly LoadView[]): void {
      const first = loads[0]?.at ?? Number.POSITIVE_INFINITY
      const before = history.filter(({ at }) => at < first)
      loads.unshift(...before.map((load) => ({ ...load, byPod: [] })))
    },
  }
}

/** Without the rates of single pods: what charts and totals need. */
function slim(update: LoadUpdate): LoadView {
  return namedLoad(update, [])
}

/** Goes on from what the store holds where that is a part of the way, else begins with the picture before. */
function showViews(feed: FeedStore, scenes: readonly Scene[], moment: number): void {
  const scene = scenes.findLast(({ from }) => from.at <= moment) ?? scenes[0]
  if (!scene) return
  const { from, batches } = scene
  const target = batches.findLast(({ at }) => at <= moment)?.to ?? from.position
  const point = feed.resumePoint()
  const isOnTheWay =
    point?.run === from.run && point.position >= from.position && point.position <= target
  if (!isOnTheWay) feed.reset(from)
  for (const batch of batches) {
    if (batch.to > target) break
    feed.apply(batch)
  }
}

function showLoad(stores: LiveStores, loads: readonly LoadUpdate[], moment: number): void {
  const at = loads.findLastIndex((load) => load.at <= moment)
  const update = loads[at]
  const shown = stores.load.getState().load
  if (!update) return stores.load.setState({ load: null })
  if (shown?.at === update.at) return
  const from = moment - HISTORY_SECONDS * SECOND_MS
  const { history } = stores.history.getState()
  const isNext = shown !== null && shown.at === loads[at - 1]?.at
  const before = isNext
    ? [slim(update)]
    : loads
        .slice(0, at + 1)
        .filter((load) => load.at >= from)
        .map(slim)
  const measured = isNext ? withMeasurement(history, before[0]!) : eachSecond(before)
  stores.history.setState({ history: measured })
  stores.load.setState({ load: namedLoad(update, stores.feed.getAll('pod').values()) })
}

/** The newest of each second. */
function eachSecond(loads: readonly LoadView[]): LoadView[] {
  const second = (at: number): number => Math.floor(at / SECOND_MS)
  return loads.filter(({ at }, index) => second(at) !== second(loads[index + 1]?.at ?? 0))
}
