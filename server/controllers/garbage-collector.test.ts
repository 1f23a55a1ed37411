import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configMaps, nodes, pods, secrets } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import type { OwnerState } from './garbage-plan.ts'
import { planCollection } from './garbage-plan.ts'
import { POD_GC_DEFAULTS, startPodGc, surplusFinished } from './pod-gc.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makePod, namesOf, T0 } from './testing/objects.ts'

const owned = (name: string, ...owners: KubeObject[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'default',
    ownerReferences: owners.map(({ metadata }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      blockOwnerDeletion: true,
    })),
  },
})

describe('planCollection', () => {
  const two = owned('x', owned('a'), owned('b'))
  const cases: [OwnerState[], boolean, string][] = [
    [['present', 'present'], false, 'keep'],
    [['present', 'absent'], false, 'disown'],
    [['present', 'waiting'], true, 'disown'],
    [['absent', 'absent'], false, 'Background'],
    [['waiting', 'absent'], false, 'Background'],
    [['waiting', 'absent'], true, 'Foreground'],
  ]
  test.each(cases)('owners %j, dependents %j: %s', (states, dependents, expected) => {
    const plan = planCollection(two, states, dependents)
    expect(plan.type === 'delete' ? plan.policy : plan.type).toBe(expected)
  })
  test('leaves alone what nobody owns or what is leaving', () => {
    expect(planCollection(owned('x'), [], false).type).toBe('keep')
    const leaving = owned('x', owned('a'))
    leaving.metadata.deletionTimestamp = 'now'
    expect(planCollection(leaving, ['absent'], false).type).toBe('keep')
  })
})

describe('the garbage collector', () => {
  let cluster: TestCluster
  beforeEach(() => {
    cluster = startTestCluster(startGarbageCollector)
  })
  afterEach(() => cluster.close())
  const create = (object: KubeObject): Promise<KubeObject> =>
    cluster.client.create<KubeObject>(configMaps, object)
  const names = async () => namesOf((await cluster.client.list(configMaps)).items)
  const at = (name: string) => ({ namespace: 'default', name })

  test('takes away what an owner leaves behind, and what that owned', async () => {
    const a = await create(owned('a'))
    const b = await create(owned('b', a))
    await create(owned('c', b))
    await create(owned('free'))
    await cluster.client.delete(configMaps, at('a'))
    await expect.poll(names).toEqual(['free'])
  })

  test('keeps what still has an owner, without the one that went', async () => {
    const a = await create(owned('a'))
    const b = await create(owned('b'))
    await create(owned('c', a, b))
    await cluster.client.delete(configMaps, at('a'))
    await expect
      .poll(async () => (await cluster.get(configMaps, 'c')).metadata.ownerReferences?.length)
      .toBe(1)
  })

  test('an owner of the same name but another uid is no owner', async () => {
    await create(owned('a'))
    await create(owned('c', { metadata: { name: 'a', uid: 'another' } }))
    await expect.poll(names).toEqual(['a'])
  })

  test('orphan: the dependents lose their owner, then it goes', async () => {
    const a = owned('a')
    a.metadata.finalizers = ['orphan']
    await create(owned('b', await create(a)))
    await cluster.client.delete(configMaps, at('a'))
    await expect.poll(names).toEqual(['b'])
    expect((await cluster.get(configMaps, 'b')).metadata.ownerReferences).toBeUndefined()
  })

  test('foreground: the owner goes after all that block it', async () => {
    const a = owned('a')
    a.metadata.finalizers = ['foregroundDeletion']
    const owner = await create(a)
    const held = owned('held', owner)
    held.metadata.finalizers = ['test/hold']
    await create(held)
    await create(owned('b', owner))
    await cluster.client.delete(configMaps, at('a'))
    await expect.poll(names).toEqual(['a', 'held'])
    const free = { metadata: { finalizers: null } }
    await cluster.client.patch(configMaps, at('held'), free, { type: 'merge' })
    await expect.poll(names).toEqual([])
  })

  test('foreground: what has another owner is let go of, not waited for', async () => {
    const a = owned('a')
    a.metadata.finalizers = ['foregroundDeletion']
    const owner = await create(a)
    await create(owned('b', owner, await create(owned('other'))))
    await cluster.client.delete(configMaps, at('a'))
    await expect.poll(names).toEqual(['b', 'other'])
  })

  test('owners of kinds it does not know are taken to be there', async () => {
    const strange = owned('x')
    const owner = { apiVersion: 'example.com/v1', kind: 'Thing', name: 't', uid: 'u' }
    strange.metadata.ownerReferences = [owner]
    await create(strange)
    const secret = { ...owned('s', { metadata: { name: 'none', uid: 'none' } }), kind: 'Secret' }
    await cluster.client.create<KubeObject>(secrets, secret)
    await expect.poll(async () => (await cluster.client.list(secrets)).items).toEqual([])
    expect(await names()).toEqual(['x'])
  })
})

describe('the collection of pods', () => {
  test('the oldest finished pods go first', () => {
    const pod = (name: string, created: number) => makePod({ name, created, phase: 'Failed' })
    const pods = [pod('b', T0 + 2000), pod('a', T0 + 1000), pod('c', T0 + 3000)]
    expect(namesOf(surplusFinished(pods, 1))).toEqual(['a', 'b'])
    expect(surplusFinished(pods, 3)).toEqual([])
  })

  test('pods of a node that is gone go at once', async () => {
    const cluster = startTestCluster((deps) =>
      startPodGc(deps, { ...POD_GC_DEFAULTS, missingNodeMs: 20 }),
    )
    await cluster.client.create(nodes, { metadata: { name: 'node-1' } })
    await cluster.client.create(pods, makePod({ name: 'stays', node: 'node-1' }))
    await cluster.client.create(pods, makePod({ name: 'lost', node: 'node-2' }))
    const left = async () => namesOf((await cluster.client.list(pods)).items)
    await expect.poll(left).toEqual(['stays'])
    await cluster.client.delete(nodes, { name: 'node-1' })
    await expect.poll(left).toEqual([])
    await cluster.close()
  })
})
