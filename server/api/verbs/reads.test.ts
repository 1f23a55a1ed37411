import { beforeEach, describe, expect, test } from 'vitest'
import { configMaps, pods } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { WatchEvent } from '../../../shared/watch.ts'
import { ADMIN, startApi, type Harness } from '../harness.ts'
import { watch, type WatchRequest } from './watch.ts'

let harness: Harness
let api: Harness['api']
beforeEach(async () => {
  harness = await startApi({ store: { history: 100 } })
  api = harness.api
})

const configMap = (name: string, labels: Record<string, string> = {}) =>
  ({ metadata: { name, labels }, data: {} }) as KubeObject
const make = (name: string, labels?: Record<string, string>) =>
  api.create(ADMIN, configMaps, 'default', configMap(name, labels), {})
const label = (name: string, labels: object) =>
  api.patch(
    ADMIN,
    configMaps,
    { namespace: 'default', name },
    { metadata: { labels } },
    { type: 'merge' },
  )
const remove = (name: string) => api.delete(ADMIN, configMaps, { namespace: 'default', name }, {})
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('list', () => {
  const list = (options = {}) => api.list(ADMIN, configMaps, { namespace: 'default', ...options })
  const names = (items: readonly KubeObject[]) => items.map(({ metadata }) => metadata.name)

  test('by label and by field', async () => {
    await make('a', { app: 'x' })
    await make('b', { app: 'y' })
    await make('c')
    expect(names((await list({ labelSelector: 'app in (x,y)' })).items)).toEqual(['a', 'b'])
    expect(names((await list({ labelSelector: 'app!=x' })).items)).toEqual(['b', 'c'])
    expect(names((await list({ labelSelector: '!app' })).items)).toEqual(['c'])
    expect(names((await list({ fieldSelector: 'metadata.name=b' })).items)).toEqual(['b'])
    expect(names((await list({ fieldSelector: 'metadata.name!=b' })).items)).toEqual(['a', 'c'])
    await expect(list({ fieldSelector: 'spec.foo=1' })).rejects.toThrow(
      'field label not supported: spec.foo',
    )
    await expect(list({ labelSelector: 'a==b==c' })).rejects.toMatchObject({ code: 400 })
  })

  test('page by page at one revision, however the world goes on', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make(name)
    const first = await list({ limit: 2 })
    expect(names(first.items)).toEqual(['a', 'b'])
    expect(first.metadata.remainingItemCount).toBe(3)
    await remove('c')
    await make('bb')
    const second = await list({ limit: 2, continue: first.metadata.continue })
    expect(names(second.items)).toEqual(['c', 'd'])
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    const third = await list({ limit: 2, continue: second.metadata.continue })
    expect(names(third.items)).toEqual(['e'])
    expect(third.metadata.continue).toBeUndefined()
  })

  test('pages with a selector are full as long as there is enough', async () => {
    for (let n = 0; n < 10; n += 1) await make(`m${n}`, { even: String(n % 2 === 0) })
    const first = await list({ limit: 3, labelSelector: 'even=true' })
    expect(names(first.items)).toEqual(['m0', 'm2', 'm4'])
    expect(first.metadata.remainingItemCount).toBeUndefined()
    const next = await list({
      limit: 3,
      labelSelector: 'even=true',
      continue: first.metadata.continue,
    })
    expect(names(next.items)).toEqual(['m6', 'm8'])
  })

  test('a page whose revision is forgotten is gone', async () => {
    for (const name of ['a', 'b', 'c']) await make(name)
    const first = await list({ limit: 1 })
    await make('d')
    harness.store.compact(harness.store.revision)
    await expect(list({ limit: 1, continue: first.metadata.continue })).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
    })
    await expect(list({ continue: 'nonsense' })).rejects.toMatchObject({ code: 400 })
  })

  test('resourceVersion: exact, not older than, and from the future', async () => {
    const made = await make('a')
    await make('b')
    const exact = { resourceVersion: made.metadata.resourceVersion, resourceVersionMatch: 'Exact' }
    expect(names((await list(exact)).items)).toEqual(['a'])
    const atLeast = { resourceVersion: made.metadata.resourceVersion }
    expect(names((await list(atLeast)).items)).toEqual(['a', 'b'])
    await expect(list({ resourceVersion: '99999' })).rejects.toMatchObject({ code: 504 })
    await expect(list({ resourceVersion: 'x' })).rejects.toMatchObject({ code: 400 })
    await expect(list({ resourceVersionMatch: 'Exact' })).rejects.toMatchObject({ code: 400 })
  })
})

describe('watch', () => {
  function follow(options: WatchRequest = {}) {
    const events: WatchEvent[] = []
    const watching = watch(api.core, ADMIN, configMaps, { namespace: 'default', ...options }, (e) =>
      events.push(e),
    )
    const seen = async () => {
      await settled()
      return events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim())
    }
    return { events, watching, seen }
  }
  const revision = () => String(harness.store.revision)

  test('from nowhere: what stands, then what comes; from a revision: only what came after it', async () => {
    await make('a')
    const from = revision()
    await make('b')
    const all = follow()
    const later = follow({ resourceVersion: from })
    await make('c')
    expect(await all.seen()).toEqual(['ADDED a', 'ADDED b', 'ADDED c'])
    expect(await later.seen()).toEqual(['ADDED b', 'ADDED c'])
  })

  test('nothing is called back before watch has returned', () => {
    let returned = false
    let early = false
    const watching = watch(api.core, ADMIN, configMaps, {}, () => {
      early ||= !returned
    })
    returned = true
    watching.close()
    expect(early).toBe(false)
  })

  test('into and out of the selection is added and deleted, at the revision of the change', async () => {
    await make('a', { app: 'x' })
    const { seen, events } = follow({ labelSelector: 'app=x', resourceVersion: revision() })
    await label('a', { app: 'y' })
    const left = revision()
    await label('a', { more: '1' })
    await label('a', { app: 'x' })
    await label('a', { more: '2' })
    await remove('a')
    const gone = revision()
    expect(await seen()).toEqual(['DELETED a', 'ADDED a', 'MODIFIED a', 'DELETED a'])
    expect(events[0]?.object.metadata).toMatchObject({
      resourceVersion: left,
      labels: { app: 'x' },
    })
    expect(events[3]?.object.metadata.resourceVersion).toBe(gone)
  })

  test('other namespaces and other names are not told of', async () => {
    const { seen } = follow({ fieldSelector: 'metadata.name=a', resourceVersion: revision() })
    await make('a')
    await make('ab')
    await api.create(ADMIN, configMaps, 'kube-system', configMap('a'), {})
    await api.create(ADMIN, pods, 'default', podNamed('a'), {})
    expect(await seen()).toEqual(['ADDED a'])
  })

  test('sendInitialEvents ends what stands with a marked bookmark', async () => {
    await make('a')
    const { seen, events } = follow({
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    })
    await make('b')
    expect(await seen()).toEqual(['ADDED a', 'BOOKMARK', 'ADDED b'])
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    expect(() => follow({ sendInitialEvents: true })).toThrow('resourceVersionMatch')
  })

  test('bookmarks say how far a quiet watch has come', async () => {
    const { events } = follow({ resourceVersion: revision(), allowWatchBookmarks: true })
    await api.create(ADMIN, pods, 'default', podNamed('p'), {})
    await settled()
    harness.moveTo(harness.now() + 10_000)
    expect(events).toMatchObject([
      {
        type: 'BOOKMARK',
        object: { kind: 'ConfigMap', metadata: { resourceVersion: revision() } },
      },
    ])
  })

  test('ends by itself after timeoutSeconds', async () => {
    const { watching } = follow({ timeoutSeconds: 5 })
    harness.moveTo(harness.now() + 5_000)
    await expect(watching.done).resolves.toBeUndefined()
  })

  test('from a forgotten revision it is gone, from the future it is too early', async () => {
    const from = revision()
    for (let n = 0; n < 150; n += 1) await make(`m${n}`)
    await expect(follow({ resourceVersion: from }).watching.done).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
    })
    expect(() => follow({ resourceVersion: '99999' })).toThrow('Too large resource version')
    const door = api.watch(ADMIN, configMaps, { resourceVersion: '99999' }, () => undefined)
    await expect(door.done).rejects.toMatchObject({ code: 504 })
  })

  test('a watch from any revision, joined to a list at it, ends where the store ends', async () => {
    const marks: string[] = []
    for (let n = 0; n < 60; n += 1) {
      const name = `m${n % 7}`
      const held = await api
        .get(ADMIN, configMaps, { namespace: 'default', name })
        .catch(() => undefined)
      if (!held) await make(name, { parity: String(n % 2) })
      else if (n % 5 === 0) await remove(name)
      else await label(name, { parity: String(n % 2), n: String(n) })
      marks.push(revision())
    }
    const end = await api.list(ADMIN, configMaps, { labelSelector: 'parity=0' })
    for (const from of marks) {
      const start = await api.list(ADMIN, configMaps, {
        labelSelector: 'parity=0',
        resourceVersion: from,
        resourceVersionMatch: 'Exact',
      } as never)
      const held = new Map(start.items.map((item) => [item.metadata.name, item]))
      const { events, watching } = follow({ labelSelector: 'parity=0', resourceVersion: from })
      await settled()
      for (const { type, object } of events) {
        expect(held.has(object.metadata.name)).toBe(type !== 'ADDED')
        if (type === 'DELETED') held.delete(object.metadata.name)
        else held.set(object.metadata.name, object)
      }
      watching.close()
      const revisions = (items: Iterable<KubeObject>) =>
        new Set([...items].map(({ metadata }) => metadata.resourceVersion))
      expect(revisions(held.values())).toEqual(revisions(end.items))
    }
  })

  function podNamed(name: string): KubeObject {
    return {
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'nginx:v1' }] },
    } as KubeObject
  }
})
