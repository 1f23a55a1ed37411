import { expect, test } from 'vitest'
import { endpointSlices, events, namespaces, services } from '../../shared/kubernetes/kinds.ts'
import { openMemoryStore } from '../store/memory-store.ts'
import { createApi } from './api.ts'
import { ADMIN, startApi } from './harness.ts'

const key = { namespace: 'default', name: 'kubernetes' }

test('a cluster begins with four namespaces and the way to its API; again changes nothing', async () => {
  const { api, store } = await startApi()
  const { items } = await api.list(ADMIN, namespaces, {})
  expect(items.map(({ metadata }) => metadata.name)).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ])
  const before = store.revision
  await api.bootstrap({ apiHost: '127.0.0.1', apiPort: 6443, serviceIp: '127.96.0.1' })
  expect(store.revision).toBe(before)
})

test('another port or address is followed at the next start', async () => {
  const first = await startApi()
  const store = openMemoryStore()
  for (const { key, value } of first.store.list('/registry/').entries) {
    await store.write({ key, value: () => value })
  }
  const api = createApi({ ...first.api.core, store })
  await api.bootstrap({ apiHost: '127.0.0.1', apiPort: 7777, serviceIp: '127.96.0.9' })
  expect(await api.get(ADMIN, services, key)).toMatchObject({
    spec: { clusterIP: '127.96.0.9', ports: [{ port: 443, targetPort: 7777 }] },
  })
  expect(await api.get(ADMIN, endpointSlices, key)).toMatchObject({
    endpoints: [{ addresses: ['127.0.0.1'] }],
    ports: [{ port: 7777 }],
  })
})

test('the way to the API comes back when it is deleted', async () => {
  const { api } = await startApi()
  await api.delete(ADMIN, services, key, {})
  await expect
    .poll(() => api.get(ADMIN, services, key).catch(() => undefined))
    .toMatchObject({
      spec: { clusterIP: '127.96.0.1' },
    })
})

test('events go an hour after they were last seen', async () => {
  const { api, now, moveTo } = await startApi()
  const seen = (name: string, minutes: number) => ({
    metadata: { name },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    lastTimestamp: new Date(now() + minutes * 60_000).toISOString(),
  })
  await api.create(ADMIN, events, 'default', seen('old', 0), {})
  await api.create(ADMIN, events, 'default', seen('new', 30), {})
  for (let minute = 1; minute <= 62; minute += 1) moveTo(now() + 60_000)
  await expect
    .poll(async () =>
      (await api.list(ADMIN, events, {})).items.map(({ metadata }) => metadata.name),
    )
    .toEqual(['new'])
})
