import { afterEach, describe, expect, test } from 'vitest'
import { events, nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { unavailable } from '../../shared/status.ts'
import { systemClock } from '../machinery/clock.ts'
import { createInformers } from '../machinery/informer.ts'
import { createLog } from '../machinery/log.ts'
import { createFakeClient } from '../machinery/testing/fake-client.ts'
import { startScheduler } from './scheduling.ts'
import { makeNode, makePod } from './testing/objects.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

function start() {
  const client = createFakeClient()
  const log = createLog('error', () => undefined)
  const informers = createInformers(client, systemClock, log)
  const deps = { client, informers, clock: systemClock, log }
  const scheduler = startScheduler(deps, { initialBackoffMs: 20, maxBackoffMs: 100 })
  closers.push(async () => {
    await scheduler.close()
    informers.close()
  })
  return client
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('it did not come to hold within 10 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

type Client = ReturnType<typeof start>
const get = (client: Client, name: string): Promise<Pod> =>
  client.get(pods, { namespace: 'default', name })
const nodeOf = async (client: Client, name: string): Promise<string | undefined> =>
  (await get(client, name)).spec.nodeName
const messages = async (client: Client, reason: string): Promise<(string | undefined)[]> =>
  (await client.list(events)).items
    .filter((event) => event.reason === reason)
    .map(({ message }) => message)

describe('the scheduler', () => {
  test('keeps a place for whom others were made to go', async () => {
    const client = start()
    await client.create(nodes, makeNode('node-1', { cpu: '1' }))
    const asks = (cpu: string, priority: number, more: Partial<Pod['spec']> = {}) => ({
      priority,
      containers: [{ name: 'main', image: 'a', resources: { requests: { cpu } } }],
      ...more,
    })
    const make = (name: string, spec: Pod['spec'], status: Pod['status'] = {}) =>
      client.create(pods, { ...makePod(name), spec, status })
    const remove = (name: string) =>
      client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds: 0 })
    await make('old', asks('600m', 10, { nodeName: 'node-1' }))
    await make('guest', asks('1', 10), { nominatedNodeName: 'node-1' })
    await make('late', asks('300m', 0))
    const waits = async (name: string): Promise<boolean> =>
      conditionOf((await get(client, name)).status?.conditions, 'PodScheduled')?.status === 'False'
    await until(async () => (await waits('guest')) && (await waits('late')))
    await make('urgent', asks('100m', 20))
    await until(async () => (await nodeOf(client, 'urgent')) === 'node-1')
    await remove('urgent')
    await remove('old')
    await until(async () => (await nodeOf(client, 'guest')) === 'node-1')
    expect(await nodeOf(client, 'late')).toBeUndefined()
    await remove('guest')
    await until(async () => (await nodeOf(client, 'late')) === 'node-1')
  })

  test('binds a pod to a node and says so', async () => {
    const client = start()
    await client.create(nodes, makeNode('node-1'))
    await client.create(pods, makePod('web'))
    await until(async () => (await nodeOf(client, 'web')) === 'node-1')
    await until(async () => (await messages(client, 'Scheduled')).length === 1)
    expect(await messages(client, 'Scheduled')).toEqual([
      'Successfully assigned default/web to node-1',
    ])
  })

  test('says why a pod fits nowhere, and binds it when a node that is large enough comes', async () => {
    const client = start()
    await client.create(nodes, makeNode('small', { cpu: '1' }))
    await client.create(pods, makePod('big', { cpu: '2' }))
    const message = '0/1 nodes are available: 1 Insufficient cpu.'
    await until(async () => {
      const { status } = await get(client, 'big')
      return conditionOf(status?.conditions, 'PodScheduled')?.message === message
    })
    await until(async () => (await messages(client, 'FailedScheduling')).includes(message))
    await client.create(nodes, makeNode('large'))
    await expect.poll(() => nodeOf(client, 'big'), { timeout: 5000 }).toBe('large')
  })

  test('gives the place of a deleted pod to one that waits', async () => {
    const client = start()
    await client.create(nodes, makeNode('node-1', { cpu: '1' }))
    await client.create(pods, makePod('first', { cpu: '1' }))
    await until(async () => (await nodeOf(client, 'first')) === 'node-1')
    await client.create(pods, makePod('second', { cpu: '1' }))
    await until(async () => (await messages(client, 'FailedScheduling')).length === 1)
    await client.delete(pods, { namespace: 'default', name: 'first' }, { gracePeriodSeconds: 0 })
    await expect.poll(() => nodeOf(client, 'second'), { timeout: 5000 }).toBe('node-1')
  })

  test('tries again when a binding fails', async () => {
    const client = start()
    await client.create(nodes, makeNode('node-1', { pods: '1' }))
    await client.create(pods, makePod('web'))
    client.failNext('create', unavailable('not now'))
    await until(async () => (await nodeOf(client, 'web')) === 'node-1')
    const rejected = (await messages(client, 'FailedScheduling')).length
    expect(rejected).toBeLessThanOrEqual(1)
  })

  test('leaves pods of other schedulers and bound pods alone', async () => {
    const client = start()
    await client.create(nodes, makeNode('node-1'))
    await client.create(pods, makePod('theirs', { spec: { schedulerName: 'other' } }))
    await client.create(pods, makePod('ours'))
    await until(async () => (await nodeOf(client, 'ours')) === 'node-1')
    expect(await nodeOf(client, 'theirs')).toBeUndefined()
  })

  test('binds each of two thousand pods once, within what the nodes have', async () => {
    const client = start()
    for (let index = 0; index < 40; index += 1) {
      await client.create(nodes, makeNode(`node-${index}`, { pods: '50', cpu: '8' }))
    }
    const all = Array.from({ length: 2000 }, (_, index) => makePod(`p${index}`, { cpu: '10m' }))
    await Promise.all(all.map((pod) => client.create(pods, pod)))
    await until(async () => {
      const { items } = await client.list(pods)
      return items.every((pod) => pod.spec.nodeName)
    })
    const bindings = client.calls.filter((call) => call.startsWith('create pods/binding'))
    expect(new Set(bindings).size).toBe(2000)
    expect(bindings).toHaveLength(2000)
    const perNode = new Map<string, number>()
    for (const { spec } of (await client.list(pods)).items) {
      perNode.set(spec.nodeName!, (perNode.get(spec.nodeName!) ?? 0) + 1)
    }
    expect(Math.max(...perNode.values())).toBeLessThanOrEqual(50)
  })
})
