import { afterEach, beforeEach, expect, test } from 'vitest'
import { endpoints, endpointSlices, pods, services } from '../../shared/kubernetes/kinds.ts'
import type { SliceEndpoint } from '../../shared/kubernetes/network.ts'
import { systemClock } from '../machinery/clock.ts'
import { createInformers } from '../machinery/informer.ts'
import { startEndpoints } from './endpoints.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makePod } from './testing/objects.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster(startEndpoints)
})
afterEach(() => cluster.close())

const web = (selector: Record<string, string> | undefined = { app: 'web' }) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { ...(selector && { selector }), ports: [{ port: 80 }] },
})
const slices = async () => (await cluster.client.list(endpointSlices)).items
const behind = async (): Promise<SliceEndpoint[]> =>
  (await slices()).flatMap((slice) => slice.endpoints)

test('a pod comes, becomes ready, leaves and is gone', async () => {
  await cluster.client.create(services, web())
  const pod = await cluster.client.create(
    pods,
    makePod({ name: 'p', ip: '127.64.0.1', ready: false }),
  )
  await expect.poll(behind).toMatchObject([{ conditions: { ready: false } }])
  const ready = makePod({ name: 'p', ip: '127.64.0.1' })
  await cluster.client.update(pods, { ...pod, status: ready.status! }, { subresource: 'status' })
  await expect.poll(behind).toMatchObject([{ conditions: { ready: true, terminating: false } }])
  await expect
    .poll(async () => (await cluster.get(endpoints, 'web')).subsets)
    .toMatchObject([{ addresses: [{ ip: '127.64.0.1' }] }])
  await cluster.client.delete(pods, { namespace: 'default', name: 'p' })
  await expect
    .poll(behind)
    .toMatchObject([{ conditions: { ready: false, serving: true, terminating: true } }])
  await expect.poll(async () => (await cluster.get(endpoints, 'web')).subsets).toBeUndefined()
  await cluster.client.delete(pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
  await expect.poll(behind).toEqual([])
})

test('a deleted service leaves nothing behind', async () => {
  await cluster.client.create(services, web())
  await expect.poll(async () => (await slices()).length).toBe(1)
  await expect.poll(async () => (await cluster.client.list(endpoints)).items.length).toBe(1)
  await cluster.client.delete(services, { namespace: 'default', name: 'web' })
  await expect.poll(async () => (await slices()).length).toBe(0)
  await expect.poll(async () => (await cluster.client.list(endpoints)).items.length).toBe(0)
})

test('a service without selector keeps the endpoints somebody else wrote', async () => {
  const own = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 6443 }] }],
  }
  await cluster.client.create(endpoints, own)
  const { selector: _none, ...spec } = web().spec
  await cluster.client.create(services, { ...web(), spec })
  await cluster.client.create(services, { ...web(), metadata: { name: 'b', namespace: 'default' } })
  await expect.poll(async () => (await slices()).length).toBe(1)
  expect((await cluster.get(endpoints, 'web')).subsets).toEqual(own.subsets)
})

test('a thousand pods at once are few writes', async () => {
  await cluster.client.create(services, web())
  const all = Array.from({ length: 1000 }, (_, index) =>
    makePod({ name: `p${index}`, ip: `127.64.${index >> 8}.${index & 255}` }),
  )
  for (const pod of all) await cluster.client.create(pods, pod)
  await expect.poll(async () => (await behind()).length, { timeout: 10_000 }).toBe(1000)
  const writes = cluster.client.calls.filter((call) =>
    /^(create|update) (endpoints|endpointslices) /.test(call),
  )
  expect(writes.length).toBeLessThan(300)
  expect((await slices()).length).toBe(10)
})

test('nothing is written before the pods are known', async () => {
  const { client } = cluster
  await client.create(services, web())
  await client.create(pods, makePod({ name: 'p', ip: '127.64.0.1' }))
  await expect.poll(async () => (await behind()).length).toBe(1)
  const list = client.list.bind(client)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  client.list = async (kind, options) => {
    if (kind.plural === pods.plural) await held
    return list(kind, options)
  }
  const informers = createInformers(client, systemClock, cluster.deps.log)
  const second = startEndpoints({ ...cluster.deps, informers })
  await informers.of(endpoints).synced
  const before = client.calls.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  const writes = client.calls.slice(before).filter((call) => /^(create|update|delete)/.test(call))
  expect(writes).toEqual([])
  release()
  await second.close()
  informers.close()
})
