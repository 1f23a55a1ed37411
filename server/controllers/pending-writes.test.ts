import { expect, test } from 'vitest'
import { pods } from '../../shared/kubernetes/kinds.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import { PendingWrites } from './pending-writes.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makePod } from './testing/objects.ts'
import { createThrottle } from './throttle.ts'

test('own writes are awaited until the view holds them', async () => {
  const cluster = startTestCluster(() => ({ close: async () => undefined }))
  const informer = cluster.deps.informers.of(pods)
  await informer.synced
  const writes = new PendingWrites(informer)
  expect(writes.areInView('owner')).toBe(true)
  writes.wrote('owner', { metadata: { resourceVersion: '1' } })
  expect(writes.areInView('owner')).toBe(false)
  expect(writes.areInView('another')).toBe(true)
  const pod = await cluster.client.create(pods, makePod({ name: 'p', node: '' }))
  await expect.poll(() => informer.get('default/p')).toBeDefined()
  expect(writes.areInView('owner')).toBe(true)
  writes.deleted('owner', pod)
  expect(writes.areInView('owner')).toBe(false)
  await cluster.client.delete(pods, { namespace: 'default', name: 'p' })
  await expect.poll(() => writes.areInView('owner')).toBe(true)
  await cluster.close()
})

test('a throttle lets the first through at once and the rest together', async () => {
  const clock = createManualClock()
  const runs: string[] = []
  const throttle = createThrottle(
    clock,
    () => 10,
    (key) => runs.push(key),
  )
  throttle.touch('a')
  throttle.touch('a')
  throttle.touch('a')
  throttle.touch('b')
  expect(runs).toEqual(['a', 'b'])
  await clock.advance(10)
  expect(runs).toEqual(['a', 'b', 'a'])
  await clock.advance(100)
  expect(runs).toHaveLength(3)
  throttle.touch('a')
  throttle.touch('a')
  throttle.close()
  await clock.advance(100)
  expect(runs).toHaveLength(4)
})
