import { afterEach, describe, expect, test } from 'vitest'
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import {
  configMaps,
  customResourceDefinitions,
  namespaces,
  pods,
  serviceAccounts,
} from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import { namespacedKindOf } from './custom-kinds.ts'
import { namespaceConditions, remainsOf, startNamespaces } from './namespace.ts'
import { startServiceAccounts } from './serviceaccount.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makePod, namesOf, T0 } from './testing/objects.ts'

let cluster: TestCluster | undefined
afterEach(async () => {
  await cluster?.close()
  cluster = undefined
})

describe('a namespace that is deleted', () => {
  test('says what is left in it', () => {
    const waiting = makePod()
    waiting.metadata.finalizers = ['test/hold']
    const remains = remainsOf([
      { kind: pods, items: [makePod(), waiting] },
      { kind: configMaps, items: [] },
    ])
    const conditions = namespaceConditions([], remains, T0)
    expect(conditionOf(conditions, 'NamespaceContentRemaining')).toMatchObject({
      status: 'True',
      message: 'Some resources are remaining: pods. has 2 resource instances',
    })
    expect(conditionOf(conditions, 'NamespaceFinalizersRemaining')?.message).toBe(
      'Some content in the namespace has finalizers remaining: test/hold in 1 resource instances',
    )
    const empty = namespaceConditions(conditions, remainsOf([]), T0)
    expect(empty.every(({ status }) => status === 'False')).toBe(true)
  })

  test('loses its content, and nobody else does', async () => {
    const { client } = (cluster = startTestCluster(startNamespaces))
    const finalizers = ['kubernetes']
    const space = { metadata: { name: 'old', finalizers }, spec: { finalizers } }
    await client.create(namespaces, space)
    for (const namespace of ['old', 'default']) {
      await client.create(configMaps, { metadata: { name: 'c', namespace } })
    }
    await client.delete(namespaces, { name: 'old' })
    const left = async () =>
      (await client.list(configMaps)).items.map(({ metadata }) => metadata.namespace)
    await expect.poll(left).toEqual(['default'])
    await expect
      .poll(() => client.calls.filter((call) => call.startsWith('update namespaces/finalize')))
      .not.toEqual([])
  })
})

describe('kinds that users added', () => {
  const cron: Kind = {
    group: 'stable.example.com',
    version: 'v1',
    kind: 'CronTab',
    plural: 'crontabs',
    singular: 'crontab',
    shortNames: [],
    namespaced: true,
  }
  const definition: CustomResourceDefinition = {
    metadata: { name: 'crontabs.stable.example.com' },
    spec: {
      group: cron.group,
      scope: 'Namespaced',
      names: { plural: 'crontabs', kind: 'CronTab' },
      versions: [
        { name: 'v1beta1', served: false, storage: false },
        { name: 'v1', served: true, storage: true },
      ],
    },
  }

  test('go with their namespace', async () => {
    const { client } = (cluster = startTestCluster(startNamespaces))
    await client.create(customResourceDefinitions, definition)
    const finalizers = ['kubernetes']
    await client.create(namespaces, { metadata: { name: 'old', finalizers }, spec: { finalizers } })
    for (const namespace of ['old', 'default']) {
      await client.create(cron, { metadata: { name: 'c', namespace } })
    }
    await client.delete(namespaces, { name: 'old' })
    const left = async () =>
      (await client.list(cron)).items.map(({ metadata }) => metadata.namespace)
    await expect.poll(left).toEqual(['default'])
  })

  test('are no kind of a namespace while nothing is served, or when they belong to the cluster', () => {
    const { spec } = definition
    expect(namespacedKindOf(definition)).toMatchObject({ version: 'v1', singular: 'crontab' })
    expect(namespacedKindOf({ ...definition, spec: { ...spec, versions: [] } })).toBeUndefined()
    expect(namespacedKindOf({ ...definition, spec: { ...spec, scope: 'Cluster' } })).toBeUndefined()
  })
})

describe('every namespace has', () => {
  test('a ServiceAccount and the certificate of the API, also when they are taken away', async () => {
    const here = startTestCluster((deps) => startServiceAccounts(deps, 'PEM'))
    cluster = here
    const { client } = here
    await client.create(namespaces, { metadata: { name: 'default' } })
    const accounts = async () => namesOf((await client.list(serviceAccounts)).items)
    const certificate = async () => (await here.get(configMaps, 'kube-root-ca.crt')).data
    await expect.poll(accounts).toEqual(['default'])
    await expect.poll(certificate).toEqual({ 'ca.crt': 'PEM' })
    const key = { namespace: 'default', name: 'default' }
    await client.delete(serviceAccounts, key)
    await expect.poll(accounts).toEqual(['default'])
    const forged = { data: { 'ca.crt': 'forged' } }
    const map = { namespace: 'default', name: 'kube-root-ca.crt' }
    await client.patch(configMaps, map, forged, { type: 'merge' })
    await expect.poll(certificate).toEqual({ 'ca.crt': 'PEM' })
  })
})
