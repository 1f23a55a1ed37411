import { afterEach, describe, expect, test } from 'vitest'
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import {
  apiVersionOf,
  configMaps,
  customResourceDefinitions,
  secrets,
} from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { noSuchPath } from '../../shared/status.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { namesOf } from './testing/objects.ts'

const customKind = (name: string, namespaced: boolean, version = 'v1'): Kind => ({
  group: 'example.com',
  version,
  kind: name,
  plural: `${name.toLowerCase()}s`,
  singular: name.toLowerCase(),
  shortNames: [],
  namespaced,
})
const plays = customKind('Play', true)
const stages = customKind('Stage', false)

function definitionOf(kind: Kind, served = ['v1beta1', 'v1']): CustomResourceDefinition {
  return {
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: { plural: kind.plural, kind: kind.kind },
      versions: ['v1beta1', 'v1'].map((name) => ({
        name,
        served: served.includes(name),
        storage: name === 'v1',
      })),
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  }
}

const at = (name: string) => ({ namespace: 'default', name })
const ownerOf = (kind: Kind, { metadata }: KubeObject) => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  blockOwnerDeletion: true,
})

let cluster: TestCluster
afterEach(() => cluster.close())

/** Starts the collector, and waits until it watches what these definitions add. */
async function begin(...definitions: CustomResourceDefinition[]): Promise<void> {
  cluster = startTestCluster(
    startGarbageCollector,
    definitions.map((one) => [customResourceDefinitions, one]),
  )
  const watched = definitions.map(({ spec }) => `watch ${spec.names.plural}`)
  await expect.poll(() => cluster.client.calls).toEqual(expect.arrayContaining(watched))
}

/** Makes an object of this name with these owners. */
function make(kind: Kind, name: string, ...owners: ReturnType<typeof ownerOf>[]) {
  const namespace = kind.namespaced ? { namespace: 'default' } : {}
  const ownerReferences = owners.length > 0 ? { ownerReferences: owners } : {}
  const metadata = { name, ...namespace, ...ownerReferences }
  return cluster.client.create<KubeObject>(kind, { metadata })
}

const names = async (kind: Kind) => namesOf((await cluster.client.list(kind)).items)

/** Deletes as the API does for a propagation policy: a finalizer says it. */
async function deleteWith(finalizer: string, kind: Kind, key: { name: string }): Promise<void> {
  const patch = { metadata: { finalizers: [finalizer] } }
  await cluster.client.patch(kind, key, patch, { type: 'merge' })
  await cluster.client.delete(kind, key)
}

describe('kinds that users added', () => {
  test('own what goes with them, by any version that is served, and go with their owners', async () => {
    await begin(definitionOf(plays), definitionOf(stages))
    const stage = await make(stages, 'globe')
    const play = await make(plays, 'hamlet', ownerOf(stages, stage))
    await make(configMaps, 'script', ownerOf(plays, play))
    await make(secrets, 'ghost', ownerOf(customKind('Play', true, 'v1beta1'), play))
    const free = await make(plays, 'macbeth')
    await make(configMaps, 'witches', ownerOf(plays, free))
    await cluster.client.delete(stages, { name: 'globe' })
    await expect.poll(() => names(plays)).toEqual(['macbeth'])
    await expect.poll(() => names(configMaps)).toEqual(['witches'])
    await expect.poll(() => names(secrets)).toEqual([])
  })

  test('an owner that was gone before anybody looked is asked for', async () => {
    await begin(definitionOf(plays))
    const play = await make(plays, 'hamlet')
    await make(configMaps, 'kept', ownerOf(plays, play))
    await make(configMaps, 'lost', { ...ownerOf(plays, play), name: 'none', uid: 'none' })
    await make(configMaps, 'another', { ...ownerOf(plays, play), uid: 'another' })
    await expect.poll(() => names(configMaps)).toEqual(['kept'])
  })

  test('foreground: the object goes after all that block it', async () => {
    await begin(definitionOf(plays))
    const play = await make(plays, 'hamlet')
    const other = await make(configMaps, 'other')
    await make(configMaps, 'script', ownerOf(plays, play))
    await make(configMaps, 'shared', ownerOf(plays, play), ownerOf(configMaps, other))
    await deleteWith('foregroundDeletion', plays, at('hamlet'))
    await expect.poll(() => names(plays)).toEqual([])
    expect(await names(configMaps)).toEqual(['other', 'shared'])
  })

  test('orphan: the dependents lose their owner, then it goes', async () => {
    await begin(definitionOf(plays))
    const play = await make(plays, 'hamlet')
    await make(configMaps, 'script', ownerOf(plays, play))
    await deleteWith('orphan', plays, at('hamlet'))
    await expect.poll(() => names(plays)).toEqual([])
    const script = await cluster.get<KubeObject>(configMaps, 'script')
    expect(script.metadata.ownerReferences).toBeUndefined()
  })
})

describe('definitions', () => {
  test('that come later have their dependents looked at again', async () => {
    await begin()
    const lost = ownerOf(plays, { metadata: { name: 'none', uid: 'none' } })
    await make(configMaps, 'script', lost)
    await make(secrets, 'lost', { ...lost, apiVersion: 'v1', kind: 'ConfigMap' })
    await expect.poll(() => names(secrets)).toEqual([])
    expect(await names(configMaps)).toEqual(['script'])
    await cluster.client.create(customResourceDefinitions, definitionOf(plays))
    await expect.poll(() => names(configMaps)).toEqual([])
  })

  test('that go take along what their objects owned, in whatever order word of it comes', async () => {
    await begin(definitionOf(plays))
    const play = await make(plays, 'hamlet')
    await make(configMaps, 'script', ownerOf(plays, play))
    await cluster.client.delete(customResourceDefinitions, { name: 'plays.example.com' })
    await cluster.client.delete(plays, at('hamlet'))
    await expect.poll(() => names(configMaps)).toEqual([])
  })

  test('that are no longer served keep what their objects own, until they are served again', async () => {
    await begin(definitionOf(plays))
    const play = await make(plays, 'hamlet')
    const { client } = cluster
    await client.update(customResourceDefinitions, definitionOf(plays, []))
    const lost = { ...ownerOf(plays, play), name: 'none', uid: 'none' }
    await make(configMaps, 'script', ownerOf(plays, play))
    await make(configMaps, 'lost', lost)
    await make(secrets, 'lost', { ...lost, apiVersion: 'v1', kind: 'ConfigMap' })
    await expect.poll(() => names(secrets)).toEqual([])
    expect(await names(configMaps)).toEqual(['lost', 'script'])
    await client.update(customResourceDefinitions, definitionOf(plays, ['v1']))
    await expect.poll(() => names(configMaps)).toEqual(['script'])
    await client.delete(plays, at('hamlet'))
    await expect.poll(() => names(configMaps)).toEqual([])
  })

  test('a path that is not there says nothing of an owner', async () => {
    await begin(definitionOf(plays))
    const play = await make(plays, 'hamlet')
    cluster.client.failNext('get', noSuchPath())
    await make(configMaps, 'script', { ...ownerOf(plays, play), name: 'none', uid: 'none' })
    await expect
      .poll(() => cluster.client.calls.filter((call) => call.startsWith('get plays')))
      .toHaveLength(1)
    await make(secrets, 'lost', ownerOf(configMaps, { metadata: { name: 'none', uid: 'none' } }))
    await expect.poll(() => names(secrets)).toEqual([])
    expect(await names(configMaps)).toEqual(['script'])
  })
})
