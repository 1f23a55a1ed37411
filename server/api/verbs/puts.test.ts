// Updates that create, and updates that take more of a quota.
import { expect, it } from 'vitest'
import { resourceQuotas, services } from '../../../shared/kubernetes/kinds.ts'
import type { Service } from '../../../shared/kubernetes/network.ts'
import { ADMIN, serveHarness, startApi } from '../harness.ts'

it('an update creates what is not there, of the kinds that Kubernetes does it for', async () => {
  const served = await serveHarness(await startApi())
  const put = (path: string, body: object) => served.ask(path, { method: 'PUT', body })
  const role = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/reader'
  expect((await put(role, { metadata: { name: 'reader' }, rules: [] })).code).toBe(201)
  expect((await put(role, { metadata: { name: 'reader' }, rules: [] })).code).toBe(200)
  const service = '/api/v1/namespaces/default/services/web'
  const made = await put(service, { spec: { ports: [{ port: 80 }] } })
  expect(made).toMatchObject({ code: 201, json: { metadata: { name: 'web' } } })
  const stale = { metadata: { name: 'other', resourceVersion: '5' }, rules: [] }
  expect((await put(role.replace('reader', 'other'), stale)).code).toBe(400)
  const config = await put('/api/v1/namespaces/default/configmaps/a', { metadata: { name: 'a' } })
  expect(config.code).toBe(404)
  const status = await put(`${service.replace('web', 'nobody')}/status`, { spec: {} })
  expect(status.code).toBe(404)
  await served.close()
})

it('a service that wants more of a quota than there is stays as it was', async () => {
  const { api } = await startApi()
  const quota = {
    metadata: { name: 'ports', namespace: 'default' },
    spec: { hard: { 'services.nodeports': '1' } },
  }
  await api.create(ADMIN, resourceQuotas, 'default', quota, {})
  const make = (name: string, type: string): Service =>
    ({ metadata: { name, namespace: 'default' }, spec: { type, ports: [{ port: 80 }] } }) as Service
  await api.create(ADMIN, services, 'default', make('a', 'NodePort'), {})
  const b = await api.create(ADMIN, services, 'default', make('b', 'ClusterIP'), {})
  const key = { namespace: 'default', name: 'b' }
  const wanted = { ...b, spec: { ...(b as Service).spec, type: 'NodePort' } } as Service
  await expect(api.update(ADMIN, services, key, wanted, {})).rejects.toThrow(
    'exceeded quota: ports, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
  )
  await api.patch(ADMIN, services, key, { metadata: { labels: { a: 'b' } } }, { type: 'merge' })
})
