import { beforeEach, describe, expect, test } from 'vitest'
import { configMaps, deployments, pods } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Deployment } from '../../../shared/kubernetes/workloads.ts'
import { ADMIN, startApi, type Harness } from '../harness.ts'
import type { ManagedEntry } from '../managed/entries.ts'
import { told } from '../managed/record.ts'

let api: Harness['api']
beforeEach(async () => {
  api = (await startApi()).api
})

const key = { namespace: 'default', name: 'web' }
const deployment = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'podium/web:v1' }] },
    },
    ...spec,
  },
})
const apply = (manager: string, sent: object, options: object = {}) =>
  api.patch(ADMIN, deployments, key, sent, { type: 'apply', fieldManager: manager, ...options })
const merge = (manager: string, sent: object, subresource?: string) =>
  api.patch(ADMIN, deployments, key, sent, { type: 'merge', fieldManager: manager, subresource })
const live = async () => (await api.get(ADMIN, deployments, key)) as Deployment
const managers = async (object?: KubeObject): Promise<ManagedEntry[]> => {
  const strategy = api.core.registry.of(deployments)
  const shown = told(api.core, strategy, object ?? (await live()))
  return shown.metadata.managedFields as ManagedEntry[]
}
const fieldsOf = async (manager: string) =>
  (await managers()).find((entry) => entry.manager === manager)?.fieldsV1

describe('owners', () => {
  test('whoever creates an object owns all of it, its status belongs to its first reporter', async () => {
    const created = { ...deployment(), metadata: { name: 'web', namespace: 'default' } }
    await api.create(ADMIN, deployments, 'default', created, { fieldManager: 'kubectl-create' })
    await merge('deployer', { status: { replicas: 1 } }, 'status')
    const entries = await managers()
    expect(entries).toMatchObject([
      { manager: 'deployer', operation: 'Update', apiVersion: 'apps/v1', subresource: 'status' },
      { manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1' },
    ])
    expect(entries[0]?.fieldsV1).toEqual({ 'f:status': { 'f:replicas': {} } })
    expect(entries[1]?.fieldsV1).toMatchObject({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {} },
            },
          },
        },
      },
    })
    expect(entries[1]?.fieldsV1).not.toHaveProperty('f:metadata')
  })

  test('the user agent signs where no manager does', async () => {
    const caller = { ...ADMIN, userAgent: 'kubectl/v1.36.3 (linux/amd64) kubernetes/abc' }
    const object = { metadata: { name: 'a', namespace: 'default' }, data: { a: '1' } } as KubeObject
    const made = await api.create(caller, configMaps, 'default', object, {})
    expect(made.metadata.managedFields).toMatchObject([{ manager: 'kubectl', operation: 'Update' }])
  })

  test('a change takes the field from its owner', async () => {
    await api.create(ADMIN, deployments, 'default', deployment(), { fieldManager: 'a' })
    await merge('b', { spec: { replicas: 3 }, metadata: { labels: { x: 'y' } } })
    expect(await fieldsOf('b')).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
      'f:spec': { 'f:replicas': {} },
    })
    expect((await fieldsOf('a'))?.['f:spec']).not.toHaveProperty('f:replicas')
    await merge('a', { spec: { replicas: 4 }, metadata: { labels: null } })
    expect(await fieldsOf('b')).toBeUndefined()
    expect((await fieldsOf('a'))?.['f:spec']).toHaveProperty('f:replicas')
  })

  test('a writer may send the entries it read, others, or one that is empty to forget them all', async () => {
    const made = await api.create(ADMIN, deployments, 'default', deployment(), {
      fieldManager: 'a',
    })
    const shown = told(api.core, api.core.registry.of(deployments), made)
    const sent = (managedFields: unknown[] | undefined, labels: object) =>
      ({ ...shown, metadata: { ...shown.metadata, managedFields, labels } }) as KubeObject
    const put = async (object: KubeObject) => {
      const { resourceVersion: _, ...metadata } = object.metadata
      return api.update(ADMIN, deployments, key, { ...object, metadata }, { fieldManager: 'a' })
    }
    await put(sent(shown.metadata.managedFields, { n: '1' }))
    expect((await live()).metadata.managedFields).toHaveLength(1)
    expect((await live()).metadata.managedFields?.[0]).not.toHaveProperty('fieldsV1')
    const other = { ...(shown.metadata.managedFields?.[0] as object), manager: 'renamed' }
    await put(sent([other], { n: '1' }))
    expect((await managers()).map(({ manager }) => manager)).toEqual(['renamed'])
    await put(sent([{}], { n: '1' }))
    expect((await live()).metadata.managedFields).toBeUndefined()
    await expect(put(sent([{ manager: 'x', operation: 'Guess' }], {}))).rejects.toMatchObject({
      code: 422,
    })
  })
})

describe('apply', () => {
  test('creates, and owns what it said but not what was defaulted', async () => {
    const made = (await apply('me', deployment({ replicas: 2 }))) as Deployment
    expect(made.spec).toMatchObject({ replicas: 2, strategy: { type: 'RollingUpdate' } })
    expect(await managers()).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} },
                },
              },
            },
          },
        },
      },
    ])
  })

  test('again changes nothing', async () => {
    const first = await apply('me', deployment({ replicas: 2 }))
    expect((await apply('me', deployment({ replicas: 2 }))).metadata.resourceVersion).toBe(
      first.metadata.resourceVersion,
    )
  })

  test('what it gives up goes, and defaults come back', async () => {
    await apply('me', deployment({ replicas: 2 }, { labels: { a: '1', b: '2' } }))
    await apply('me', deployment({}, { labels: { b: '2' } }))
    expect(await live()).toMatchObject({ spec: { replicas: 1 }, metadata: { labels: { b: '2' } } })
    expect((await live()).metadata.labels).not.toHaveProperty('a')
    await apply('me', deployment())
    expect((await live()).metadata).not.toHaveProperty('labels')
  })

  test('what others own is in the way, unless forced', async () => {
    await apply('me', deployment({ replicas: 2 }))
    await merge('kubectl-scale', { spec: { replicas: 5 } })
    const wanted = deployment({ replicas: 2 })
    await expect(apply('me', wanted)).rejects.toMatchObject({
      status: {
        code: 409,
        reason: 'Conflict',
        message:
          'Apply failed with 1 conflict: conflict with "kubectl-scale" using apps/v1: .spec.replicas',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "kubectl-scale" using apps/v1',
              field: '.spec.replicas',
            },
          ],
        },
      },
    })
    expect((await apply('me', wanted, { force: true })) as Deployment).toMatchObject({
      spec: { replicas: 2 },
    })
    expect(await fieldsOf('kubectl-scale')).toBeUndefined()
    expect(await fieldsOf('me')).toHaveProperty(['f:spec', 'f:replicas'])
  })

  test('conflicts with several managers are told by manager', async () => {
    await apply('a', deployment({ replicas: 2, minReadySeconds: 1 }))
    await apply('b', { ...deployment(), spec: { revisionHistoryLimit: 3 } })
    await expect(
      apply('c', {
        ...deployment(),
        spec: { replicas: 9, minReadySeconds: 9, revisionHistoryLimit: 9 },
      }),
    ).rejects.toThrow(
      'Apply failed with 3 conflicts: conflicts with "a":\n- .spec.minReadySeconds\n- .spec.replicas\nconflicts with "b":\n- .spec.revisionHistoryLimit',
    )
  })

  test('ownership is shared by those who agree, and the last to let go removes', async () => {
    await apply('a', deployment({}, { labels: { shared: 'x' } }))
    await apply('b', { ...deployment(), spec: undefined, metadata: { labels: { shared: 'x' } } })
    await apply('a', deployment())
    expect((await live()).metadata.labels).toEqual({ shared: 'x' })
    await apply('b', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {} })
    expect((await live()).metadata.labels).toBeUndefined()
  })

  test('list items are merged by key and removed with their owner', async () => {
    await apply('a', deployment())
    const sidecar = (containers: object[]) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { template: { spec: { containers } } },
    })
    const ports = [{ containerPort: 80 }, { containerPort: 81, protocol: 'UDP' }]
    await apply('b', sidecar([{ name: 'side', image: 'busybox', ports }]))
    const names = async () => (await live()).spec.template.spec.containers.map(({ name }) => name)
    expect(await names()).toEqual(['web', 'side'])
    expect(await fieldsOf('b')).toHaveProperty([
      'f:spec',
      'f:template',
      'f:spec',
      'f:containers',
      'k:{"name":"side"}',
      'f:ports',
      'k:{"containerPort":80,"protocol":"TCP"}',
    ])
    await apply('a', deployment({ minReadySeconds: 2 }))
    expect(await names()).toEqual(['web', 'side'])
    await apply('b', sidecar([]))
    expect(await names()).toEqual(['web'])
  })

  test('an object of others is joined where it agrees', async () => {
    await api.create(ADMIN, deployments, 'default', deployment({ replicas: 2 }), {
      fieldManager: 'helm',
    })
    await expect(apply('me', deployment({ replicas: 3 }))).rejects.toThrow(
      'conflict with "helm" using apps/v1: .spec.replicas',
    )
    await apply('me', deployment({ replicas: 2 }))
    const entries = (await managers()).map(({ manager, operation }) => `${manager} ${operation}`)
    expect(entries.sort()).toEqual(['helm Update', 'me Apply'])
  })

  test('status is applied through its subresource, by managers of its own', async () => {
    await apply('me', deployment({}, {}))
    const status = { ...deployment(), spec: undefined, status: { replicas: 7 } }
    await apply('reporter', status, { subresource: 'status' })
    expect((await live()).status).toEqual({ replicas: 7 })
    expect(await fieldsOf('reporter')).toEqual({ 'f:status': { 'f:replicas': {} } })
    await apply('me', { ...deployment(), status: { replicas: 9 } })
    expect((await live()).status).toEqual({ replicas: 7 })
  })

  test('a scale owns the replicas under its own name', async () => {
    await apply('me', deployment({ replicas: 2 }))
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: {},
      spec: { replicas: 4 },
    }
    const on = { subresource: 'scale' }
    await expect(apply('scaler', scale, on)).rejects.toMatchObject({ code: 409 })
    await apply('scaler', scale, { ...on, force: true })
    expect((await live()).spec.replicas).toBe(4)
    await expect(apply('me', deployment({ replicas: 2 }))).rejects.toThrow(
      'conflict with "scaler" with subresource "scale": .spec.replicas',
    )
  })

  test('a dry run changes nothing', async () => {
    const dry = (await apply('me', deployment(), { dryRun: true })) as Deployment
    expect(dry.metadata.managedFields).toHaveLength(1)
    await expect(live()).rejects.toMatchObject({ code: 404 })
    await apply('me', deployment({ replicas: 2 }))
    const wet = await live()
    await apply('me', deployment({ replicas: 3 }), { dryRun: true })
    expect(await live()).toEqual(wet)
  })

  test('wants a manager, a type, and nothing that the API keeps itself', async () => {
    const reject = (sent: object, options: object, message: string, code = 400) =>
      expect(
        api.patch(ADMIN, deployments, key, sent, { type: 'apply', ...options }),
      ).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string })
    const by = { fieldManager: 'me' }
    await reject(deployment(), {}, 'fieldManager: Required value', 422)
    await reject({ kind: 'Deployment' }, by, 'invalid object type: apiVersion not set')
    await reject(deployment({}, { managedFields: [{}] }), by, 'metadata.managedFields must be nil')
    await reject(deployment({}, { name: 'other' }), by, 'does not match the name on the URL')
    await reject(deployment({ colour: 'red' }), by, '.spec.colour: field not declared in schema')
    await reject(
      deployment({ template: { spec: { containers: [{ name: 'a' }, { name: 'a' }] } } }),
      by,
      '.spec.template.spec.containers: duplicate entries for key [name="a"]',
    )
    await reject(
      deployment({ template: { spec: { containers: [{ image: 'a' }] } } }),
      by,
      'omits key field "name"',
    )
    await reject(deployment({ replicas: 'two' }), by, 'cannot unmarshal string')
    await reject(deployment({}, { uid: 'x' }), by, 'uid mismatch', 409)
    await expect(
      api.patch(ADMIN, deployments, key, {}, { type: 'merge', force: true }),
    ).rejects.toMatchObject({ code: 422 })
  })

  test('kubelets report without asking whose field it is, and applying goes on beside them', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'a', image: 'busybox' }] },
    }
    const options = { type: 'apply', fieldManager: 'me' } as const
    await api.patch(ADMIN, pods, key, pod, options)
    const report = { status: { phase: 'Running' } }
    await api.patch(ADMIN, pods, key, report, {
      type: 'merge',
      fieldManager: 'kubelet',
      subresource: 'status',
    })
    const again = await api.patch(ADMIN, pods, key, pod, options)
    expect((again.metadata.managedFields as ManagedEntry[]).map(({ manager }) => manager)).toEqual([
      'me',
      'kubelet',
    ])
  })
})
