import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveHarness, startApi, type Served } from './harness.ts'

let served: Served
beforeAll(async () => {
  served = await serveHarness(await startApi())
})
afterAll(() => served.close())

const OLD = '/apis/extensions/v1beta1/namespaces/default'
const NEW = '/apis/apps/v1/namespaces/default'
const WARNING =
  '299 - "extensions/v1beta1 Deployment is deprecated in v1.14+, unavailable in v1.22+; use apps/v1 Deployment"'
const template = (restartPolicy?: string) => ({
  metadata: { labels: { run: 'nginx' } },
  spec: { restartPolicy, containers: [{ name: 'nginx', image: 'nginx:v1' }] },
})
const of2015 = (kind: string, name: string, spec: object) => ({
  apiVersion: 'extensions/v1beta1',
  kind,
  metadata: { name },
  spec,
})

test('a deployment of 2015 runs as it was written, and is an apps/v1 deployment too', async () => {
  const body = of2015('Deployment', 'old', { replicas: 2, template: template() })
  const made = await served.ask(`${OLD}/deployments`, { method: 'POST', body })
  expect(made.code).toBe(201)
  expect(made.headers['warning']).toBe(WARNING)
  expect(made.json).toMatchObject({
    kind: 'Deployment',
    apiVersion: 'extensions/v1beta1',
    spec: {
      selector: { matchLabels: { run: 'nginx' } },
      strategy: { rollingUpdate: { maxSurge: 1 } },
    },
  })
  const now = await served.ask(`${NEW}/deployments/old`)
  expect(now.json).toMatchObject({ apiVersion: 'apps/v1', spec: { replicas: 2 } })
  expect(now.headers['warning']).toBeUndefined()
  const list = await served.ask(`${OLD}/deployments`)
  expect(list.json).toMatchObject({
    kind: 'DeploymentList',
    apiVersion: 'extensions/v1beta1',
    items: [{ apiVersion: 'extensions/v1beta1' }],
  })
})

test('a daemon set of 2015 replaces its pods when they are deleted', async () => {
  const body = of2015('DaemonSet', 'old', { templateGeneration: 3, template: template() })
  const made = await served.ask(`${OLD}/daemonsets`, { method: 'POST', body })
  expect(made.code).toBe(201)
  expect((await served.ask(`${NEW}/daemonsets/old`)).json).toMatchObject({
    spec: { selector: { matchLabels: { run: 'nginx' } }, updateStrategy: { type: 'OnDelete' } },
  })
})

test('component statuses are read, with a warning, and nothing else', async () => {
  const listed = await served.ask('/api/v1/componentstatuses', {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  })
  expect(listed.headers['warning']).toBe('299 - "v1 ComponentStatus is deprecated in v1.19+"')
  const { rows } = listed.json as { rows: { cells: unknown[] }[] }
  expect(rows.map(({ cells }) => cells)).toContainEqual(['scheduler', 'Healthy', 'ok', ''])
  expect((await served.ask('/api/v1/componentstatuses/etcd-0')).code).toBe(200)
  expect((await served.ask('/api/v1/componentstatuses/x')).code).toBe(404)
  const made = await served.ask('/api/v1/componentstatuses', { method: 'POST', body: {} })
  expect(made.code).toBe(405)
})

test('patches, updates, scales and applies go through the face', async () => {
  const path = `${OLD}/deployments/old`
  const merge = await served.ask(path, {
    method: 'PATCH',
    type: 'application/strategic-merge-patch+json',
    body: { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:v2' }] } } } },
  })
  expect(merge.json).toMatchObject({ apiVersion: 'extensions/v1beta1' })
  const put = await served.ask(path, { method: 'PUT', body: { ...merge.json } })
  expect(put.code).toBe(200)
  expect(put.json?.['metadata']).toEqual(merge.json?.['metadata'])
  const scale = { spec: { replicas: 5 } }
  const type = 'application/merge-patch+json'
  const scaled = await served.ask(`${path}/scale`, { method: 'PATCH', type, body: scale })
  expect(scaled.json).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } })
  const applied = await served.ask(`${path}?fieldManager=me&force=true`, {
    method: 'PATCH',
    type: 'application/apply-patch+yaml',
    body: of2015('Deployment', 'old', { replicas: 1 }),
  })
  expect(applied.json).toMatchObject({ apiVersion: 'extensions/v1beta1', spec: { replicas: 1 } })
  const other = { ...of2015('Deployment', 'old', {}), apiVersion: 'apps/v1' }
  expect((await served.ask(path, { method: 'PUT', body: other })).code).toBe(400)
})

test('a watch speaks in the face', async () => {
  const query =
    '?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1'
  const response = await served.open(`${OLD}/deployments${query}`)
  let text = ''
  for await (const chunk of response) {
    text += String(chunk)
    if (text.includes('initial-events-end')) break
  }
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { object: object })
  expect(events).toHaveLength(2)
  for (const { object } of events)
    expect(object).toMatchObject({ apiVersion: 'extensions/v1beta1' })
})

test('a job of 2015 keeps its selector', async () => {
  const selector = { matchLabels: { run: 'nginx' } }
  const body = of2015('Job', 'pi', { selector, template: template('Never') })
  const made = await served.ask(`${OLD}/jobs`, { method: 'POST', body })
  expect(made.json).toMatchObject({ apiVersion: 'extensions/v1beta1', spec: { selector } })
  const now = await served.ask('/apis/batch/v1/namespaces/default/jobs/pi')
  expect(now.json).toMatchObject({ spec: { manualSelector: true, selector } })
})

test('events have two names for everything', async () => {
  const regarding = { kind: 'Pod', name: 'a', namespace: 'default' }
  const body = { metadata: { name: 'e' }, note: 'hello', regarding, reason: 'Told', type: 'Normal' }
  const path = '/apis/events.k8s.io/v1/namespaces/default/events'
  const made = await served.ask(path, { method: 'POST', body })
  expect(made.json).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'hello', regarding })
  const old = await served.ask('/api/v1/namespaces/default/events/e')
  expect(old.json).toMatchObject({ message: 'hello', involvedObject: regarding })
})

test('discovery and the OpenAPI documents know the faces', async () => {
  const groups = (await served.ask('/apis')).json?.['groups'] as { name: string }[]
  expect(groups.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['extensions', 'events.k8s.io']),
  )
  const list = await served.ask('/apis/extensions/v1beta1')
  expect(list.text).toContain('"deployments/scale"')
  const document = await served.ask('/openapi/v3/apis/extensions/v1beta1')
  const components = document.json?.['components'] as { schemas: Record<string, object> }
  expect(components.schemas['io.k8s.api.extensions.v1beta1.Deployment']).toMatchObject({
    'x-kubernetes-group-version-kind': [
      { group: 'extensions', version: 'v1beta1', kind: 'Deployment' },
    ],
  })
})
