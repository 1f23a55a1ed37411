import { expect, test } from 'vitest'
import type { FeedReset, View } from '../../../shared/stage.ts'
import { nodeView, podView } from '../../canvas/testViews.ts'
import { createStores } from '../../live/stores.ts'
import { createLiveScene } from './liveScene.ts'

const HALL = { width: 1860, height: 380, unit: 1 }
const reset = (...views: View[]): FeedReset => ({ run: 'test', position: 0, at: 0, views })

function liveOn(...views: View[]) {
  const stores = createStores()
  stores.feed.reset(reset(...views))
  const clock = { now: 0 }
  const live = createLiveScene(stores, () => clock.now)
  return { stores, clock, live }
}

test('there is no scene without a place, and the same one while nothing changes', () => {
  const { live } = liveOn(nodeView('node-1'), podView())
  live.subscribe(() => undefined)
  expect(live.current()).toBeNull()
  live.place(HALL)
  const scene = live.current()
  expect(scene?.bands[0]?.tiles).toHaveLength(1)
  expect(live.isStale).toBe(false)
  expect(live.current()).toBe(scene)
})

test('what the feed says is in the very next scene, and nobody is told after leaving', () => {
  const pod = podView()
  const { stores, live } = liveOn(nodeView('node-1'), pod)
  let news = 0
  const stop = live.subscribe(() => (news += 1))
  live.place(HALL)
  live.current()
  const change = { put: { ...pod, state: 'stopping' as const } }
  stores.feed.apply({ from: 0, to: 1, at: 0, changes: [change] })
  expect({ news, isStale: live.isStale }).toEqual({ news: 2, isStale: true })
  expect(live.current()?.bands[0]?.tiles[0]?.state).toBe('stopping')
  stop()
  stores.feed.apply({ from: 1, to: 2, at: 0, changes: [{ put: pod }] })
  expect(news).toBe(2)
})

test('scenes of very many pods are made less often, and stay stale until then', () => {
  const pods = Array.from({ length: 3_000 }, () => podView())
  const { stores, clock, live } = liveOn(nodeView('node-1'), ...pods)
  live.subscribe(() => undefined)
  live.place(HALL)
  const first = live.current()
  stores.feed.apply({ from: 0, to: 1, at: 0, changes: [{ put: { ...pods[0]!, version: 'v2' } }] })
  clock.now = 10
  expect(live.current()).toBe(first)
  expect(live.isStale).toBe(true)
  clock.now = 100
  expect(live.current()).not.toBe(first)
})
