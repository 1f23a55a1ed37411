// What every KubeClient must do, whatever is behind it. The cluster needs a namespace `contract` to exist.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeClient, WatchOptions, Watching } from '../../shared/client.ts'
import type { ConfigMap } from '../../shared/kubernetes/cluster.ts'
import { configMaps } from '../../shared/kubernetes/kinds.ts'
import { ApiError } from '../../shared/status.ts'
import type { WatchEvent } from '../../shared/watch.ts'

export interface ClientUnderTest {
  client: KubeClient
  close: () => Promise<void>
}

const namespace = 'contract'

const configMap = (
  name: string,
  data: Record<string, string>,
  labels?: Record<string, string>,
): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ...(labels && { labels }) },
  data,
})

/** The error a promise rejects with. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Waits until `holds`, at most five seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !holds(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(holds()).toBe(true)
}

export function clientContract(name: string, open: () => Promise<ClientUnderTest>): void {
  describe(`client: ${name}`, () => {
    let opened: ClientUnderTest
    const client = (): KubeClient => opened.client
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    objects(client)
    writes(client)
    watches(client)
  })
}

function objects(client: () => KubeClient): void {
  it('creates, gets, lists and deletes', async () => {
    const created = await client().create(configMaps, configMap('a', { n: '1' }))
    expect(created.metadata.uid).toBeTruthy()
    expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(0)
    const got = await client().get(configMaps, { namespace, name: 'a' })
    expect(got.data).toEqual({ n: '1' })
    expect(got.metadata.uid).toBe(created.metadata.uid)
    await client().create(configMaps, configMap('b', { n: '2' }))
    const list = await client().list(configMaps, { namespace })
    expect(list.items.map((item) => item.metadata.name)).toEqual(['a', 'b'])
    expect(list.items[0]).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
    expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(
      Number(list.items[1]?.metadata.resourceVersion),
    )
    await client().delete(configMaps, { namespace, name: 'a' })
    const left = await client().list(configMaps, { namespace })
    expect(left.items.map((item) => item.metadata.name)).toEqual(['b'])
  })

  it('lists by label and by field', async () => {
    await client().create(configMaps, configMap('a', {}, { app: 'web' }))
    await client().create(configMaps, configMap('b', {}, { app: 'db' }))
    const names = async (options: object): Promise<(string | undefined)[]> =>
      (await client().list(configMaps, { namespace, ...options })).items.map((o) => o.metadata.name)
    expect(await names({ labelSelector: 'app=web' })).toEqual(['a'])
    expect(await names({ labelSelector: 'app in (db,web),app!=web' })).toEqual(['b'])
    expect(await names({ fieldSelector: 'metadata.name=b' })).toEqual(['b'])
    expect(await names({ labelSelector: 'app=none' })).toEqual([])
  })

  it('fails with the Status of Kubernetes', async () => {
    const missing = await failureOf(client().get(configMaps, { namespace, name: 'none' }))
    expect(missing).toBeInstanceOf(ApiError)
    expect(missing).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
    })
    await client().create(configMaps, configMap('a', {}))
    const twice = await failureOf(client().create(configMaps, configMap('a', {})))
    expect(twice).toMatchObject({ code: 409, reason: 'AlreadyExists' })
    const unknown = await failureOf(client().delete(configMaps, { namespace, name: 'none' }))
    expect(unknown).toMatchObject({ code: 404 })
  })
}

function writes(client: () => KubeClient): void {
  it('updates, and refuses when somebody wrote in between', async () => {
    const first = await client().create(configMaps, configMap('a', { n: '1' }))
    const second = await client().update(configMaps, { ...first, data: { n: '2' } })
    expect(second.data).toEqual({ n: '2' })
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(
      Number(first.metadata.resourceVersion),
    )
    const stale = await failureOf(client().update(configMaps, { ...first, data: { n: '3' } }))
    expect(stale).toMatchObject({ code: 409, reason: 'Conflict' })
    const { resourceVersion: _version, ...metadata } = first.metadata
    const forced = await client().update(configMaps, { ...first, metadata, data: { n: '4' } })
    expect(forced.data).toEqual({ n: '4' })
  })

  it('merges patches; null removes', async () => {
    await client().create(configMaps, configMap('a', { keep: '1', drop: '1' }))
    const patch = { data: { drop: null, add: '2' }, metadata: { labels: { app: 'web' } } }
    const key = { namespace, name: 'a' }
    const patched = await client().patch(configMaps, key, patch, { type: 'merge' })
    expect(patched.data).toEqual({ keep: '1', add: '2' })
    expect(patched.metadata.labels).toEqual({ app: 'web' })
    const again = await client().patch(
      configMaps,
      key,
      { data: { add: '3' } },
      { type: 'strategic' },
    )
    expect(again.data).toEqual({ keep: '1', add: '3' })
    const stale = {
      metadata: { resourceVersion: patched.metadata.resourceVersion },
      data: { x: '1' },
    }
    const refused = await failureOf(client().patch(configMaps, key, stale, { type: 'merge' }))
    expect(refused).toMatchObject({ code: 409, reason: 'Conflict' })
  })

  it('a write that changes nothing leaves the resourceVersion', async () => {
    const created = await client().create(configMaps, configMap('a', { n: '1' }))
    const key = { namespace, name: 'a' }
    const same = await client().patch(configMaps, key, { data: { n: '1' } }, { type: 'merge' })
    expect(same.metadata.resourceVersion).toBe(created.metadata.resourceVersion)
  })

  it('deletes only what the preconditions name', async () => {
    const created = await client().create(configMaps, configMap('a', {}))
    const key = { namespace, name: 'a' }
    const other = { preconditions: { uid: 'another' } }
    expect(await failureOf(client().delete(configMaps, key, other))).toMatchObject({ code: 409 })
    await client().delete(configMaps, key, { preconditions: { uid: created.metadata.uid! } })
    expect(await failureOf(client().get(configMaps, key))).toMatchObject({ code: 404 })
  })

  it('finalizers keep an object until they are gone', async () => {
    const object = configMap('a', {})
    object.metadata.finalizers = ['podium.dev/test']
    await client().create(configMaps, object)
    const key = { namespace, name: 'a' }
    await client().delete(configMaps, key)
    const held = await client().get(configMaps, key)
    expect(held.metadata.deletionTimestamp).toBeTruthy()
    await client().patch(configMaps, key, { metadata: { finalizers: null } }, { type: 'merge' })
    expect(await failureOf(client().get(configMaps, key))).toMatchObject({ code: 404 })
  })
}

function watches(client: () => KubeClient): void {
  let open: Watching[] = []
  afterEach(async () => {
    for (const watching of open) watching.close()
    await Promise.all(open.map((watching) => failureOf(watching.done)))
    open = []
  })

  /** Watches and collects `TYPE name n`; bookmarks are left out. */
  function collect(options: WatchOptions): string[] {
    const seen: string[] = []
    const onEvent = (event: WatchEvent<ConfigMap>): void => {
      const { metadata, data } = event.object
      if (event.type !== 'BOOKMARK')
        seen.push(`${event.type} ${metadata.name} ${data?.['n'] ?? '-'}`)
    }
    open.push(client().watch(configMaps, { namespace, ...options }, onEvent))
    return seen
  }

  it('watches after a resourceVersion: the past first, then live', async () => {
    const first = await client().create(configMaps, configMap('a', { n: '1' }))
    await client().update(configMaps, { ...first, data: { n: '2' } })
    const seen = collect({ resourceVersion: first.metadata.resourceVersion })
    await until(() => seen.length === 1)
    await client().create(configMaps, configMap('b', { n: '3' }))
    await client().delete(configMaps, { namespace, name: 'a' })
    await until(() => seen.length === 3)
    expect(seen).toEqual(['MODIFIED a 2', 'ADDED b 3', 'DELETED a 2'])
  })

  it('with a selector, objects come and go as they begin and cease to match', async () => {
    const { metadata } = await client().list(configMaps, { namespace })
    const seen = collect({ resourceVersion: metadata.resourceVersion, labelSelector: 'app=web' })
    await client().create(configMaps, configMap('a', { n: '1' }))
    const key = { namespace, name: 'a' }
    const label = (app: string | null): Promise<unknown> =>
      client().patch(configMaps, key, { metadata: { labels: { app } } }, { type: 'merge' })
    await label('web')
    await label('db')
    await label('web')
    await client().delete(configMaps, key)
    await until(() => seen.length === 4)
    expect(seen).toEqual(['ADDED a 1', 'DELETED a 1', 'ADDED a 1', 'DELETED a 1'])
  })

  it('close ends the watch in good order', async () => {
    const { metadata } = await client().list(configMaps, { namespace })
    const watching = client().watch(
      configMaps,
      { namespace, resourceVersion: metadata.resourceVersion },
      () => {},
    )
    watching.close()
    expect(await watching.done).toBeUndefined()
  })
}
