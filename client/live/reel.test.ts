import { expect, test } from 'vitest'
import type { FeedChange, FeedReset, LoadUpdate, LoadView, PodView } from '../../shared/stage.ts'
import { createReel } from './reel.ts'
import type { Reel } from './reel.ts'
import { createStores } from './stores.ts'
import type { LiveStores } from './stores.ts'

const BOUNDS = { keptMs: 60_000, changes: 100_000, rates: 1_000_000 }

const podView = (part: { name: string; index?: number }): PodView =>
  ({ kind: 'pod', key: `default/${part.name}`, role: 'server', index: 0, ...part }) as PodView

const reset = (at: number, names: readonly string[], position = 0, run = 'run'): FeedReset => ({
  run,
  position,
  at,
  views: names.map((name) => podView({ name, index: names.indexOf(name) })),
})

const load = (at: number, part: Partial<LoadUpdate> = {}): LoadUpdate => ({
  at,
  since: 0,
  rate: at,
  target: null,
  answered: at,
  failed: 0,
  failedByCause: {} as LoadView['failedByCause'],
  retried: 0,
  inFlight: 0,
  p50Ms: 1,
  p99Ms: 2,
  byVersion: {},
  byPod: [],
  live: true,
  ...part,
})

/** A connection as far as a reel sees it: what is applied to the live stores is kept. */
function makePage(bounds = BOUNDS) {
  const live = createStores()
  const reel = createReel(bounds)
  let position = 0
  return {
    reel,
    live,
    reset(said: FeedReset) {
      position = said.position
      live.feed.reset(said)
      reel.reset(said)
    },
    change(at: number, ...changes: FeedChange[]) {
      const batch = { from: position, to: position + changes.length, at, changes }
      position = batch.to
      live.feed.apply(batch)
      const views = [...live.feed.list('pod')]
      reel.batch(batch, () => ({ run: live.feed.resumePoint()?.run ?? '', views }))
    },
  }
}

const put = (name: string): FeedChange => ({ put: podView({ name }) })
const drop = (name: string): FeedChange => ({ drop: { kind: 'pod', key: `default/${name}` } })

function shownAt(reel: Reel, moment: number, stores: LiveStores = createStores()): string[] {
  reel.show(stores, moment)
  return stores.feed.list('pod').map(({ name }) => name)
}

test('any moment is shown as it was: back, on and back again', () => {
  const { reel, ...page } = makePage()
  page.reset(reset(1_000, ['a']))
  page.change(2_000, put('b'))
  page.change(3_000, drop('a'), put('c'))
  const stores = createStores()
  expect(shownAt(reel, 2_500, stores)).toEqual(['a', 'b'])
  expect(shownAt(reel, 3_000, stores)).toEqual(['b', 'c'])
  expect(shownAt(reel, 1_500, stores)).toEqual(['a'])
  expect(page.live.feed.list('pod').map(({ name }) => name)).toEqual(['b', 'c'])
})

test('a stage that began anew, or a gap, is another picture', () => {
  const { reel, ...page } = makePage()
  page.reset(reset(1_000, ['a']))
  page.change(2_000, put('b'))
  page.reset(reset(5_000, ['x'], 3, 'another'))
  page.change(6_000, put('y'))
  const stores = createStores()
  expect(shownAt(reel, 4_000, stores)).toEqual(['a', 'b'])
  expect(shownAt(reel, 6_000, stores)).toEqual(['x', 'y'])
  expect(shownAt(reel, 2_000, stores)).toEqual(['a', 'b'])
})

test('pictures are taken on the way, and tell the same', () => {
  const { reel, ...page } = makePage()
  page.reset(reset(0, []))
  for (let at = 1; at <= 5_000; at += 1) {
    page.change(at, put(`pod-${at}`), ...(at > 10 ? [drop(`pod-${at - 10}`)] : []))
  }
  const expected = (at: number): string[] =>
    Array.from({ length: 10 }, (_, index) => `pod-${at - 9 + index}`)
  const stores = createStores()
  for (const at of [4_000, 1_500, 1_501, 3_999, 5_000]) {
    expect(shownAt(reel, at, stores)).toEqual(expected(at))
  }
})

test('what is kept is bounded in time and in size', () => {
  const { reel, ...page } = makePage({ keptMs: 10_000, changes: 5_000, rates: 100 })
  page.reset(reset(0, []))
  expect(reel.oldest()).toBe(0)
  for (let at = 1; at <= 30_000; at += 1) page.change(at, put('a'))
  // At most 5,000 changes are kept, and one of them comes each millisecond.
  expect(reel.oldest()).toBeGreaterThan(24_000)
  expect(reel.began()).toBe(0)
  for (let at = 0; at <= 30_000; at += 1_000) reel.load(load(at, { byPod: [1, 2, 3, 4] }))
  expect(reel.measurements().at(0)?.at).toBe(20_000)
  for (let at = 31_000; at <= 36_000; at += 1_000) {
    reel.load(load(at, { byPod: Array.from({ length: 50 }, () => 1) }))
  }
  expect(reel.measurements().map(({ at }) => at)).toEqual([35_000, 36_000])
})

test('the load comes with the names of then, and with the minutes before it', () => {
  const { reel, ...page } = makePage()
  reel.history([load(500, { rate: 5 })].map((each) => ({ ...each, byBot: {}, byServer: {} })))
  page.reset(reset(1_000, ['a']))
  reel.load(load(1_000, { byPod: [7] }))
  reel.load(load(1_100, { byPod: [8] }))
  page.change(1_500, drop('a'), { put: podView({ name: 'b', index: 0 }) })
  reel.load(load(2_000, { byPod: [9] }))
  reel.load(load(2_500, { byPod: [10] }))
  const stores = createStores()
  reel.show(stores, 1_200)
  // Nearer to one another than is looked at.
  expect(stores.load.getState().load).toMatchObject({ at: 1_000, byServer: { a: 7 } })
  reel.show(stores, 2_600)
  expect(stores.load.getState().load).toMatchObject({ at: 2_500, byServer: { b: 10 } })
  expect(stores.history.getState().history.map(({ at }) => at)).toEqual([500, 1_000, 2_500])
  reel.show(stores, 1_999)
  expect(stores.load.getState().load).toMatchObject({ at: 1_000, byServer: { b: 7 } })
  reel.show(stores, 400)
  expect(stores.load.getState().load).toBeNull()
})
