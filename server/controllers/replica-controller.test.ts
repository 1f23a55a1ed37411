import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pods, replicaSets } from '../../shared/kubernetes/kinds.ts'
import { conditionOf, controllerOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { badRequest } from '../../shared/status.ts'
import { startReplicaSets } from './replicaset.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makePod } from './testing/objects.ts'

let cluster: TestCluster
const set = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'set', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main' }] } },
  },
})

beforeEach(() => {
  cluster = startTestCluster(startReplicaSets)
})
afterEach(() => cluster.close())

const mine = async (): Promise<Pod[]> => (await cluster.client.list(pods)).items

describe('a ReplicaSet', () => {
  test('gets its pods, named after it and owned by it, and says so', async () => {
    await cluster.client.create(replicaSets, set(3))
    const { metadata } = await cluster.get(replicaSets, 'set')
    await cluster.until(async () => (await cluster.get(replicaSets, 'set')).status?.replicas === 3)
    const [pod, ...others] = await mine()
    expect(others).toHaveLength(2)
    expect(pod?.metadata.generateName).toBe('set-')
    expect(controllerOf(pod!)).toMatchObject({ kind: 'ReplicaSet', name: 'set', uid: metadata.uid })
    await cluster.until(async () => (await cluster.eventsOf('SuccessfulCreate')).length === 3)
    expect(await cluster.eventsOf('SuccessfulCreate')).toContain(
      `Created pod: ${pod?.metadata.name}`,
    )
  })

  test('of a thousand pods makes a thousand, not one more', async () => {
    await cluster.client.create(replicaSets, set(1000))
    await cluster.until(
      async () => (await cluster.get(replicaSets, 'set')).status?.replicas === 1000,
    )
    const creations = cluster.client.calls.filter((call) => call.startsWith('create pods'))
    expect(creations).toHaveLength(1000)
  })

  test('replaces a pod that is deleted, and loses pods when scaled down', async () => {
    await cluster.client.create(replicaSets, set(2))
    await cluster.until(async () => (await mine()).length === 2)
    const [first] = await mine()
    const name = first?.metadata.name ?? ''
    await cluster.client.delete(pods, { namespace: 'default', name })
    await cluster.until(async () => {
      const names = (await mine()).map((pod) => pod.metadata.name)
      return names.length === 2 && !names.includes(name)
    })
    await cluster.client.patch(
      replicaSets,
      { namespace: 'default', name: 'set' },
      { spec: { replicas: 0 } },
      { type: 'merge' },
    )
    await cluster.until(async () => (await mine()).length === 0)
    await expect.poll(() => cluster.eventsOf('SuccessfulDelete')).toHaveLength(2)
  })

  test('adopts a pod of nobody and releases one whose label is changed', async () => {
    const orphan = await cluster.client.create(pods, makePod({ name: 'orphan', node: '' }))
    await cluster.client.create(replicaSets, set(1))
    await cluster.until(async () => controllerOf(await cluster.get(pods, 'orphan'))?.name === 'set')
    expect(await mine()).toHaveLength(1)
    const key = { namespace: 'default', name: orphan.metadata.name ?? '' }
    await cluster.client.patch(pods, key, { metadata: { labels: { app: 'x' } } }, { type: 'merge' })
    await cluster.until(async () => (await mine()).length === 2)
    await cluster.until(async () => controllerOf(await cluster.get(pods, 'orphan')) === undefined)
  })

  test('says why pods cannot be created, and goes on trying', async () => {
    const create = cluster.client.create.bind(cluster.client)
    let full = true
    cluster.client.create = async (kind, object, options) => {
      if (full && kind === pods) throw badRequest('no room')
      return create(kind, object, options)
    }
    await cluster.client.create(replicaSets, set(3))
    const failure = async () =>
      conditionOf((await cluster.get(replicaSets, 'set')).status?.conditions, 'ReplicaFailure')
    await expect.poll(failure).toMatchObject({ reason: 'FailedCreate', message: 'no room' })
    await expect.poll(() => cluster.eventsOf('FailedCreate')).toEqual(['Error creating: no room'])
    full = false
    await expect.poll(async () => (await mine()).length).toBe(3)
    await expect.poll(failure).toBeUndefined()
  })
})
