import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveHarness, startApi, type Harness, type Served } from '../harness.ts'

let harness: Harness
let served: Served
beforeAll(async () => {
  harness = await startApi()
  served = await serveHarness(harness)
})
afterAll(() => served.close())

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const TABS = '/apis/stable.example.com/v1/namespaces/default/crontabs'
const NAME = 'crontabs.stable.example.com'

const spec = {
  type: 'object',
  required: ['cron'],
  properties: {
    cron: { type: 'string', pattern: '^\\S+( \\S+){4}$', description: 'When it runs.' },
    replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
    max: { type: 'integer' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, port: { type: 'integer' } },
      },
    },
    anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  'x-kubernetes-validations': [
    {
      rule: '!has(self.max) || self.replicas <= self.max',
      message: 'replicas must not exceed max',
    },
    { rule: 'self.cron == oldSelf.cron', message: 'cron is immutable' },
  ],
}
const status = { type: 'object', properties: { replicas: { type: 'integer' } } }
const openAPIV3Schema = { type: 'object', properties: { spec, status } }
const version = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema },
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
  additionalPrinterColumns: [
    { name: 'Cron', type: 'string', jsonPath: '.spec.cron' },
    { name: 'Port', type: 'integer', jsonPath: '.spec.ports[?(@.name=="web")].port' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
}
const definition = (versions: object[] = [version]) => ({
  metadata: { name: NAME },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'] },
    versions,
  },
})
const tab = (name: string, fields: object = {}) => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name },
  spec: { cron: '* * * * *', ...fields },
})
const post = (path: string, body: object) => served.ask(path, { method: 'POST', body })
const causes = async (fields: object) => {
  const answer = await post(TABS, tab('bad', fields))
  expect(answer.code).toBe(422)
  return answer.json?.['message']
}

test('a definition is established in the write, and its kind is there at once', async () => {
  const made = await post(DEFINITIONS, definition())
  expect(made.code).toBe(201)
  expect(made.json).toMatchObject({
    status: {
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
      acceptedNames: { singular: 'crontab', listKind: 'CronTabList' },
      storedVersions: ['v1'],
    },
  })
  expect((await served.ask('/apis/stable.example.com/v1')).text).toContain('"crontabs/scale"')
  const document = await served.ask('/openapi/v3/apis/stable.example.com/v1')
  expect(document.text).toContain('com.example.stable.v1.CronTab')
  expect(document.text).toContain('When it runs.')
  expect((await served.ask('/openapi/v2')).text).toContain('com.example.stable.v1.CronTab')
})

test('objects are defaulted, pruned with a warning, and shown in columns', async () => {
  const ports = [{ name: 'web', port: 80 }]
  const made = await post(TABS, tab('a', { ports, colour: 'red', anything: { goes: 1 } }))
  expect(made.code).toBe(201)
  expect(made.json?.['spec']).toEqual({
    cron: '* * * * *',
    ports,
    anything: { goes: 1 },
    replicas: 1,
  })
  expect(made.headers['warning']).toContain('unknown field \\"spec.colour\\"')
  const table = await served.ask(TABS, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  expect(table.json).toMatchObject({
    columnDefinitions: [{ name: 'Name' }, { name: 'Cron' }, { name: 'Port' }, { name: 'Age' }],
    rows: [{ cells: ['a', '* * * * *', 80, '0s'] }],
  })
})

test('values are validated by schema and by rule', async () => {
  expect(await causes({ cron: 'x' })).toContain("spec.cron in body should match '^\\S+( \\S+){4}$'")
  expect(await causes({ replicas: 11 })).toContain('should be less than or equal to 10')
  expect(await causes({ replicas: 'two' })).toContain(
    'spec.replicas in body must be of type integer: "string"',
  )
  expect(await causes({ cron: undefined })).toContain('spec.cron: Required value')
  expect(await causes({ replicas: 3, max: 2 })).toContain('replicas must not exceed max')
  expect(await causes({ ports: [{ name: 'a' }, { name: 'a' }] })).toContain('Duplicate value')
  const type = 'application/merge-patch+json'
  const changed = await served.ask(`${TABS}/a`, {
    method: 'PATCH',
    type,
    body: { spec: { cron: '1 * * * *' } },
  })
  expect(changed.json).toMatchObject({ code: 422, details: { causes: [{ field: 'spec' }] } })
})

test('scale, status and apply work as for any kind', async () => {
  const type = 'application/merge-patch+json'
  const scale = { spec: { replicas: 4 } }
  const scaled = await served.ask(`${TABS}/a/scale`, { method: 'PATCH', type, body: scale })
  expect(scaled.json).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } })
  const report = { status: { replicas: 4 }, spec: { replicas: 9 } }
  await served.ask(`${TABS}/a/status`, { method: 'PATCH', type, body: report })
  const now = await served.ask(`${TABS}/a`)
  expect(now.json).toMatchObject({
    metadata: { generation: 2 },
    spec: { replicas: 4 },
    status: { replicas: 4 },
  })
  const applied = await served.ask(`${TABS}/b?fieldManager=me`, {
    method: 'PATCH',
    type: 'application/apply-patch+yaml',
    body: tab('b', { ports: [{ name: 'x', port: 1 }] }),
  })
  expect(applied.code).toBe(201)
  expect(applied.text).toContain('"k:{\\"name\\":\\"x\\"}"')
})

test('a second version shows the same objects', async () => {
  const old = { ...version, name: 'v1beta1', storage: false, deprecated: true }
  const path = `${DEFINITIONS}/${NAME}`
  const body = definition([version, old])
  expect((await served.ask(path, { method: 'PUT', body })).code).toBe(200)
  const shown = await served.ask(`${TABS.replace('v1', 'v1beta1')}/a`)
  expect(shown.json).toMatchObject({ apiVersion: 'stable.example.com/v1beta1' })
  expect(shown.headers['warning']).toBe('299 - "stable.example.com/v1beta1 CronTab is deprecated"')
})

test('definitions that contradict themselves are refused', async () => {
  const refused = async (change: object) => {
    const { metadata, spec: good } = definition()
    const body = { metadata, spec: { ...good, ...change } }
    return (await served.ask(`${DEFINITIONS}/${NAME}`, { method: 'PUT', body })).json?.['message']
  }
  expect(await refused({ group: 'x.io' })).toContain('must be spec.names.plural+"."+spec.group')
  expect(await refused({ versions: [] })).toContain('exactly one version marked as storage')
  expect(await refused({ conversion: { strategy: 'Webhook' } })).toContain('spec.conversion')
  const bad = { ...openAPIV3Schema, 'x-kubernetes-validations': [{ rule: 'self.(' }] }
  expect(await refused({ versions: [{ ...version, schema: { openAPIV3Schema: bad } }] })).toContain(
    'compilation failed',
  )
})

test('with the definition go its objects and its paths', async () => {
  await served.ask(`${DEFINITIONS}/${NAME}`, { method: 'DELETE' })
  for (let turn = 0; turn < 50; turn += 1) {
    if ((await served.ask(`${DEFINITIONS}/${NAME}`)).code === 404) break
    harness.moveTo(harness.now() + 500)
  }
  expect((await served.ask(`${DEFINITIONS}/${NAME}`)).code).toBe(404)
  expect((await served.ask(TABS)).code).toBe(404)
  await post(DEFINITIONS, definition())
  expect((await served.ask(TABS)).json?.['items']).toEqual([])
})
