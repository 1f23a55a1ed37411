import { beforeEach, describe, expect, test } from 'vitest'
import {
  configMaps,
  deployments,
  leases,
  namespaces,
  pods,
  replicationControllers,
  secrets,
  serviceAccounts,
} from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Deployment } from '../../../shared/kubernetes/workloads.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { Caller } from '../../../shared/operation.ts'
import { ADMIN, startApi, type Harness } from '../harness.ts'

const key = (name: string) => ({ namespace: 'default', name })
const template = {
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'nginx:v1' }] },
}
const deployment = (name: string): Deployment => ({
  metadata: { name },
  spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
})
const configMap = (name: string, more: object = {}) =>
  ({ metadata: { name }, data: { x: '1' }, ...more }) as KubeObject
const pod = (name: string): Pod => ({ metadata: { name }, spec: template.spec })

let harness: Harness
let api: Harness['api']
beforeEach(async () => {
  harness = await startApi()
  api = harness.api
})
const make = (kind: typeof configMaps | typeof pods, object: KubeObject, options = {}) =>
  api.create(ADMIN, kind, 'default', object, options)

describe('create', () => {
  test('fills what the API keeps, and resourceVersion is the revision of the store', async () => {
    const made = await make(configMaps, configMap('a'))
    expect(made).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    })
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.metadata.resourceVersion).toBe(String(harness.store.revision))
    expect(made.metadata.generation).toBeUndefined()
  })

  test('refuses what is there, names it cannot keep, and namespaces that do not exist', async () => {
    await make(configMaps, configMap('a'))
    await expect(make(configMaps, configMap('a'))).rejects.toThrow('configmaps "a" already exists')
    await expect(make(configMaps, configMap('a/b'))).rejects.toMatchObject({ code: 400 })
    await expect(make(configMaps, configMap(''))).rejects.toMatchObject({ code: 422 })
    await expect(api.create(ADMIN, configMaps, 'nowhere', configMap('a'), {})).rejects.toThrow(
      'namespaces "nowhere" not found',
    )
    await expect(
      api.create(ADMIN, configMaps, 'default', { metadata: { name: 'a', namespace: 'other' } }, {}),
    ).rejects.toThrow('does not match the namespace sent on the request')
  })

  test('generateName draws names until one is free', async () => {
    const names = new Set<string>()
    for (let n = 0; n < 50; n += 1) {
      const made = await make(configMaps, { metadata: { generateName: 'g-' } })
      expect(made.metadata.name).toMatch(/^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
      names.add(made.metadata.name ?? '')
    }
    expect(names.size).toBe(50)
  })

  test('dry run answers the object and writes nothing', async () => {
    const before = harness.store.revision
    const made = await make(configMaps, configMap('a'), { dryRun: true })
    expect(made.metadata.uid).toBeTruthy()
    expect(harness.store.revision).toBe(before)
  })

  test('unknown fields are refused, warned of, or dropped', async () => {
    const odd = configMap('a', { extra: 1 })
    await expect(make(configMaps, odd, { fieldValidation: 'Strict' })).rejects.toThrow(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "extra"',
    )
    const warnings: string[] = []
    const made = await api.create(ADMIN, configMaps, 'default', odd, {}, warnings)
    expect(warnings).toEqual(['unknown field "extra"'])
    expect(made).not.toHaveProperty('extra')
    expect(odd).toHaveProperty('extra')
  })

  test('a wrong type is a 400 in the decoder’s words', async () => {
    const wrong = { ...deployment('d'), spec: { ...deployment('d').spec, replicas: 'x' } }
    await expect(
      api.create(ADMIN, deployments, 'default', wrong as unknown as KubeObject, {}),
    ).rejects.toThrow('cannot be handled as a Deployment: json: cannot unmarshal string')
  })

  test('labels that are none are refused with one cause each', async () => {
    const bad = configMap('a')
    bad.metadata.labels = { '-x': 'y', z: 'not good' }
    await expect(make(configMaps, bad)).rejects.toMatchObject({
      code: 422,
      status: { details: { causes: [{ field: 'metadata.labels' }, { field: 'metadata.labels' }] } },
    })
  })
})

describe('update', () => {
  test('an older resourceVersion conflicts in Kubernetes’ words', async () => {
    const first = await make(configMaps, configMap('a'))
    await api.update(ADMIN, configMaps, key('a'), configMap('a', { data: { x: '2' } }), {})
    await expect(
      api.update(ADMIN, configMaps, key('a'), { ...first, data: {} } as KubeObject, {}),
    ).rejects.toThrow(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    )
  })

  test('writing the same again writes nothing', async () => {
    const made = await make(configMaps, configMap('a'))
    const again = await api.update(ADMIN, configMaps, key('a'), structuredClone(made), {})
    expect(again).toBe(await api.get(ADMIN, configMaps, key('a')))
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
  })

  test('generation moves with the spec only, and status has its own door', async () => {
    const made = (await api.create(
      ADMIN,
      deployments,
      'default',
      deployment('d'),
      {},
    )) as Deployment
    expect(made.metadata.generation).toBe(1)
    const labelled = { ...made, metadata: { ...made.metadata, labels: { l: '1' } } }
    const second = (await api.update(ADMIN, deployments, key('d'), labelled, {})) as Deployment
    expect(second.metadata.generation).toBe(1)
    const third = (await api.update(
      ADMIN,
      deployments,
      key('d'),
      { ...second, spec: { ...second.spec, replicas: 5 }, status: { replicas: 9 } } as KubeObject,
      {},
    )) as Deployment
    expect(third.metadata.generation).toBe(2)
    expect(third.status?.replicas).toBeUndefined()
    const reported = (await api.update(
      ADMIN,
      deployments,
      key('d'),
      { ...third, spec: { ...third.spec, replicas: 1 }, status: { replicas: 4 } } as KubeObject,
      { subresource: 'status' },
    )) as Deployment
    expect(reported).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 4 } })
    expect(reported.metadata.generation).toBe(2)
  })

  test('what the API keeps cannot be written', async () => {
    const made = await make(configMaps, configMap('a'))
    const metadata = {
      ...made.metadata,
      creationTimestamp: '2000-01-01T00:00:00Z',
      deletionTimestamp: '2000-01-01T00:00:00Z',
      labels: { l: '1' },
    }
    const next = await api.update(ADMIN, configMaps, key('a'), { ...made, metadata }, {})
    expect(next.metadata.creationTimestamp).toBe(made.metadata.creationTimestamp)
    expect(next.metadata.deletionTimestamp).toBeUndefined()
    const stranger = { metadata: { ...made.metadata, uid: 'other' } }
    await expect(api.update(ADMIN, configMaps, key('a'), stranger, {})).rejects.toThrow(
      'Precondition failed: UID in precondition: other',
    )
  })

  test('a missing object is 404, a wrong name 400', async () => {
    await expect(api.update(ADMIN, configMaps, key('a'), configMap('a'), {})).rejects.toThrow(
      'configmaps "a" not found',
    )
    await make(configMaps, configMap('a'))
    await expect(api.update(ADMIN, configMaps, key('a'), configMap('b'), {})).rejects.toMatchObject(
      { code: 400 },
    )
  })
})

describe('patch', () => {
  test('scale changes the replicas and nothing else', async () => {
    await api.create(ADMIN, deployments, 'default', deployment('d'), {})
    const scale = await api.patch(
      ADMIN,
      deployments,
      key('d'),
      { spec: { replicas: 7 } },
      {
        type: 'merge',
        subresource: 'scale',
      },
    )
    expect(scale).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 7 },
      status: { selector: 'a=b' },
    })
    expect(await api.get(ADMIN, deployments, key('d'))).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 7 },
    })
    await expect(
      api.patch(
        ADMIN,
        deployments,
        key('d'),
        { spec: { replicas: -1 } },
        {
          type: 'merge',
          subresource: 'scale',
        },
      ),
    ).rejects.toThrow('Scale.autoscaling "d" is invalid: spec.replicas')
  })

  test('many at once all arrive', async () => {
    await make(configMaps, configMap('a'))
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        api.patch(
          ADMIN,
          configMaps,
          key('a'),
          { data: { [`k${n}`]: String(n) } },
          { type: 'merge' },
        ),
      ),
    )
    const { data } = (await api.get(ADMIN, configMaps, key('a'))) as unknown as { data: object }
    expect(Object.keys(data)).toHaveLength(21)
  })

  test('a patch that carries a resourceVersion is held to it', async () => {
    await make(configMaps, configMap('a'))
    await expect(
      api.patch(
        ADMIN,
        configMaps,
        key('a'),
        { metadata: { resourceVersion: '1' }, data: { y: '2' } },
        { type: 'merge' },
      ),
    ).rejects.toMatchObject({ code: 409 })
  })
})

describe('delete', () => {
  test('at once where nothing holds the object', async () => {
    await make(configMaps, configMap('a'))
    await api.delete(ADMIN, configMaps, key('a'), {})
    await expect(api.get(ADMIN, configMaps, key('a'))).rejects.toMatchObject({ code: 404 })
    await expect(api.delete(ADMIN, configMaps, key('a'), {})).rejects.toMatchObject({ code: 404 })
  })

  test('finalizers hold it, no new ones may come, and it goes with the last', async () => {
    const held = configMap('a')
    held.metadata.finalizers = ['x.io/hold']
    await make(configMaps, held)
    const marked = await api.delete(ADMIN, configMaps, key('a'), {})
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    })
    await expect(
      api.patch(
        ADMIN,
        configMaps,
        key('a'),
        { metadata: { finalizers: ['x.io/hold', 'y.io/z'] } },
        { type: 'merge' },
      ),
    ).rejects.toThrow('no new finalizers can be added if the object is being deleted')
    await api.patch(
      ADMIN,
      configMaps,
      key('a'),
      { metadata: { finalizers: null } },
      { type: 'merge' },
    )
    await expect(api.get(ADMIN, configMaps, key('a'))).rejects.toMatchObject({ code: 404 })
  })

  test('propagation is said by finalizers; ReplicationControllers orphan unless told otherwise', async () => {
    await api.create(ADMIN, deployments, 'default', deployment('d'), {})
    const foreground = await api.delete(ADMIN, deployments, key('d'), {
      propagationPolicy: 'Foreground',
    })
    expect(foreground.metadata.finalizers).toEqual(['foregroundDeletion'])
    const rc = { metadata: { name: 'r' }, spec: { selector: { a: 'b' }, template } } as KubeObject
    await api.create(ADMIN, replicationControllers, 'default', rc, {})
    const orphaning = await api.delete(ADMIN, replicationControllers, key('r'), {})
    expect(orphaning.metadata.finalizers).toEqual(['orphan'])
  })

  test('preconditions', async () => {
    await make(configMaps, configMap('a'))
    await expect(
      api.delete(ADMIN, configMaps, key('a'), { preconditions: { uid: 'other' } }),
    ).rejects.toThrow('Precondition failed: UID in precondition: other')
    await expect(
      api.delete(ADMIN, configMaps, key('a'), { preconditions: { resourceVersion: '1' } }),
    ).rejects.toMatchObject({ code: 409 })
  })

  test('a pod on a node gets its grace, which may be shortened but not prolonged', async () => {
    await make(pods, pod('p'))
    const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'node-1' } }
    await api.create(ADMIN, pods, 'default', binding, { subresource: 'binding' })
    const marked = await api.delete(ADMIN, pods, key('p'), {})
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
    })
    const longer = await api.delete(ADMIN, pods, key('p'), { gracePeriodSeconds: 60 })
    expect(longer.metadata.resourceVersion).toBe(marked.metadata.resourceVersion)
    const shorter = await api.delete(ADMIN, pods, key('p'), { gracePeriodSeconds: 5 })
    expect(shorter.metadata.deletionGracePeriodSeconds).toBe(5)
    await api.delete(ADMIN, pods, key('p'), { gracePeriodSeconds: 0 })
    await expect(api.get(ADMIN, pods, key('p'))).rejects.toMatchObject({ code: 404 })
  })

  test('a collection by selector', async () => {
    for (const name of ['a', 'b', 'c']) {
      const object = configMap(name)
      object.metadata.labels = { keep: String(name === 'b') }
      await make(configMaps, object)
    }
    const deleted = await api.deleteCollection(
      ADMIN,
      configMaps,
      { namespace: 'default', labelSelector: 'keep=false' },
      {},
    )
    expect(deleted.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    expect((await api.list(ADMIN, configMaps, { namespace: 'default' })).items).toHaveLength(1)
  })
})

describe('namespaces', () => {
  test('end only when their finalizers are gone, and take nothing new meanwhile', async () => {
    await api.create(ADMIN, namespaces, undefined, { metadata: { name: 'n' } }, {})
    const marked = await api.delete(ADMIN, namespaces, { name: 'n' }, {})
    expect(marked).toMatchObject({ status: { phase: 'Terminating' } })
    await expect(api.create(ADMIN, configMaps, 'n', configMap('a'), {})).rejects.toMatchObject({
      code: 403,
      message:
        'configmaps "a" is forbidden: unable to create new content in namespace n because it is being terminated',
      status: { details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    })
    const finalized = { metadata: { name: 'n' }, spec: { finalizers: [] } } as KubeObject
    await api.update(ADMIN, namespaces, { name: 'n' }, finalized, { subresource: 'finalize' })
    await expect(api.get(ADMIN, namespaces, { name: 'n' })).rejects.toMatchObject({ code: 404 })
  })

  test('some may not be deleted', async () => {
    await expect(api.delete(ADMIN, namespaces, { name: 'default' }, {})).rejects.toThrow(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    )
  })
})

describe('subresources', () => {
  test('binding assigns a pod once', async () => {
    await make(pods, pod('p'))
    const bind = (node: string) =>
      api.create(
        ADMIN,
        pods,
        'default',
        { metadata: { name: 'p' }, target: { kind: 'Node', name: node } } as KubeObject,
        { subresource: 'binding' },
      )
    await bind('node-1')
    const bound = (await api.get(ADMIN, pods, key('p'))) as Pod
    expect(bound.spec.nodeName).toBe('node-1')
    expect(bound.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
    await expect(bind('node-2')).rejects.toThrow('pod p is already assigned to node "node-1"')
  })

  test('eviction deletes, token issues, and what a kind lacks is not found', async () => {
    await make(pods, pod('p'))
    const eviction = { metadata: { name: 'p' } }
    await api.create(ADMIN, pods, 'default', eviction, { subresource: 'eviction' })
    await expect(api.get(ADMIN, pods, key('p'))).rejects.toMatchObject({ code: 404 })
    await api.create(ADMIN, serviceAccounts, 'default', { metadata: { name: 's' } }, {})
    const request = { metadata: { name: 's' }, spec: { expirationSeconds: 600 } }
    const made = await api.create(ADMIN, serviceAccounts, 'default', request, {
      subresource: 'token',
    })
    expect(made).toMatchObject({ status: { expirationTimestamp: '2026-01-01T00:10:00Z' } })
    await expect(api.get(ADMIN, configMaps, key('a'), 'scale')).rejects.toMatchObject({ code: 404 })
  })
})

describe('who may', () => {
  const account: Caller = {
    user: 'system:serviceaccount:default:default',
    groups: ['system:serviceaccounts', 'system:authenticated'],
    userAgent: 'test',
  }
  test('what their roles say, and nothing else', async () => {
    // Pods of 2015 find each other by a binding that every cluster has.
    await api.list(account, pods, { namespace: 'default' })
    await expect(api.list(account, pods, {})).rejects.toMatchObject({ code: 403 })
    await expect(api.list(account, secrets, { namespace: 'default' })).rejects.toThrow(
      'secrets is forbidden: User "system:serviceaccount:default:default" cannot list resource "secrets" in API group "" in the namespace "default"',
    )
    await expect(
      api.create(account, leases, 'default', { metadata: { name: 'l' } }, {}),
    ).rejects.toMatchObject({ code: 403 })
    await expect(
      api.get({ user: 'x', groups: [], userAgent: '' }, pods, key('p')),
    ).rejects.toMatchObject({ code: 403 })
  })
})
