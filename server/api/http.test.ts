import type http from 'node:http'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configMaps } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { ADMIN, serveHarness, startApi, type Ask, type Harness, type Served } from './harness.ts'

let harness: Harness
let served: Served
let ask: Served['ask']
let open: Served['open']

beforeAll(async () => {
  harness = await startApi()
  served = await serveHarness(harness)
  ask = served.ask
  open = served.open
})
afterAll(async () => {
  await served.close()
  if (served.failures.length > 0) throw new AggregateError(served.failures)
})

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const create = (name: string, more: object = {}) =>
  ask(CONFIG_MAPS, { method: 'POST', body: { metadata: { name }, data: { a: 'b' }, ...more } })

describe('objects', () => {
  test('are created, read, replaced, patched and deleted', async () => {
    expect(await create('one')).toMatchObject({ code: 201, json: { kind: 'ConfigMap' } })
    expect((await ask(`${CONFIG_MAPS}/one`)).json).toMatchObject({ data: { a: 'b' } })
    const replaced = { metadata: { name: 'one' }, data: { a: 'c' } }
    expect(await ask(`${CONFIG_MAPS}/one`, { method: 'PUT', body: replaced })).toMatchObject({
      code: 200,
      json: { data: { a: 'c' } },
    })
    const patched = await ask(`${CONFIG_MAPS}/one`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { data: { d: 'e' } },
    })
    expect(patched.json).toMatchObject({ data: { a: 'c', d: 'e' } })
    expect(await ask(`${CONFIG_MAPS}/one`, { method: 'DELETE' })).toMatchObject({
      code: 200,
      json: { kind: 'Status', status: 'Success', details: { name: 'one', kind: 'configmaps' } },
    })
    expect(await ask(`${CONFIG_MAPS}/one`)).toMatchObject({
      code: 404,
      json: { kind: 'Status', reason: 'NotFound', message: 'configmaps "one" not found' },
    })
  })

  test('come as YAML too', async () => {
    const body = 'metadata:\n  name: yaml\ndata:\n  a: "yes"\n  b: "017"\n'
    expect(
      await ask(CONFIG_MAPS, { method: 'POST', body, type: 'application/yaml' }),
    ).toMatchObject({ code: 201, json: { data: { a: 'yes', b: '017' } } })
  })

  test('warn of unknown fields, or refuse them', async () => {
    const { headers } = await create('warned', { extra: 1 })
    expect(headers.warning).toBe('299 - "unknown field \\"extra\\""')
    const strict = await ask(`${CONFIG_MAPS}?fieldValidation=Strict`, {
      method: 'POST',
      body: { metadata: { name: 'strict' }, extra: 1 },
    })
    expect(strict).toMatchObject({ code: 400, json: { reason: 'BadRequest' } })
  })

  test('are listed from the bytes that get answers, page by page', async () => {
    await create('listed-a', { metadata: { name: 'listed-a', labels: { l: 'x' } } })
    await create('listed-b', { metadata: { name: 'listed-b', labels: { l: 'x' } } })
    const { json } = await ask(`${CONFIG_MAPS}?labelSelector=l%3Dx`)
    expect(json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    const items = json?.['items'] as KubeObject[]
    expect(items).toHaveLength(2)
    expect(items[0]).toEqual((await ask(`${CONFIG_MAPS}/listed-a`)).json)
    const page = await ask(`${CONFIG_MAPS}?labelSelector=l%3Dx&limit=1`)
    const next = (page.json as { metadata: { continue: string } }).metadata.continue
    const rest = await ask(`${CONFIG_MAPS}?labelSelector=l%3Dx&continue=${next}`)
    expect(rest.json?.['items']).toMatchObject([{ metadata: { name: 'listed-b' } }])
  })

  test('come as Tables and as metadata alone', async () => {
    await create('tabled')
    const table = await ask(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dtabled`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    })
    expect(table.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      columnDefinitions: [{ name: 'Name', format: 'name' }, { name: 'Data' }, { name: 'Age' }],
      rows: [{ cells: ['tabled', 1, '0s'], object: { kind: 'PartialObjectMetadata' } }],
    })
    const partial = await ask(`${CONFIG_MAPS}/tabled`, {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    })
    expect(partial.json).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { name: 'tabled' },
    })
    expect(partial.json).not.toHaveProperty('data')
  })
})

describe('a watch', () => {
  async function lines(response: http.IncomingMessage, count: number) {
    const events: { type: string; object: KubeObject & Record<string, unknown> }[] = []
    let rest = ''
    for await (const chunk of response) {
      rest += (chunk as Buffer).toString('utf8')
      const parts = rest.split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) events.push(JSON.parse(part) as (typeof events)[number])
      if (events.length >= count) break
    }
    return events
  }

  test('sends a line an event, at once', async () => {
    const from = String(harness.store.revision)
    const response = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`)
    expect(response.headers['transfer-encoding']).toBe('chunked')
    const two = lines(response, 2)
    await create('watched')
    await ask(`${CONFIG_MAPS}/watched`, { method: 'DELETE' })
    expect(await two).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'watched' } } },
      { type: 'DELETED', object: { metadata: { name: 'watched' } } },
    ])
  })

  test('as Tables names the columns once', async () => {
    const from = String(harness.store.revision)
    const response = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    })
    const two = lines(response, 2)
    await create('row-a')
    await create('row-b')
    const [first, second] = await two
    expect(first?.object['columnDefinitions']).toHaveLength(3)
    expect(second?.object).toMatchObject({ kind: 'Table', columnDefinitions: [] })
  })

  test('from a forgotten revision ends with 410 as its only event', async () => {
    await create('forgotten')
    const from = harness.store.revision - 1
    harness.store.compact(harness.store.revision)
    const response = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`)
    expect(response.statusCode).toBe(200)
    expect(await lines(response, 9)).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ])
  })

  test('whose reader does not read keeps memory bounded, and the others go on', async () => {
    const from = String(harness.store.revision)
    const stuck = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`)
    stuck.pause()
    const big = 'x'.repeat(100_000)
    await harness.api.create(
      ADMIN,
      configMaps,
      'default',
      { metadata: { name: 'big' }, data: { big } } as KubeObject,
      {},
    )
    const write = (n: number) =>
      harness.api.patch(
        ADMIN,
        configMaps,
        { namespace: 'default', name: 'big' },
        { data: { n: String(n) } },
        { type: 'merge' },
      )
    for (let n = 0; n < 200; n += 1) await write(n)
    const brisk = lines(
      await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${harness.store.revision}`),
      1,
    )
    await write(1000)
    expect(await brisk).toHaveLength(1)
    // All of it still arrives once the reader reads.
    expect(await lines(stuck, 202)).toHaveLength(202)
  })
})

describe('what is refused', () => {
  const rows: [string, string, Ask, number][] = [
    ['no token', CONFIG_MAPS, { token: undefined }, 403],
    ['a wrong token', CONFIG_MAPS, { token: 'wrong' }, 401],
    ['a foreign Host', CONFIG_MAPS, { headers: { host: 'evil.example' } }, 403],
    ['a web page', CONFIG_MAPS, { headers: { origin: 'https://evil.example' } }, 403],
    ['a kind there is not', '/api/v1/namespaces/default/gadgets', {}, 404],
    ['a group there is not', '/apis/nothing.example/v1/jobs', {}, 404],
    ['a path there is not', '/nothing', {}, 404],
    ['a subresource there is not', `${CONFIG_MAPS}/a/status`, {}, 404],
    ['a method', CONFIG_MAPS, { method: 'PUT', body: {} }, 405],
    ['a bad escape', `${CONFIG_MAPS}/%zz`, {}, 400],
    ['JSON that is none', CONFIG_MAPS, { method: 'POST', body: '{"a":' }, 400],
    ['a list for an object', CONFIG_MAPS, { method: 'POST', body: '[]' }, 400],
    ['no body', CONFIG_MAPS, { method: 'POST', body: '' }, 400],
    [
      'bytes that are no UTF-8',
      CONFIG_MAPS,
      { method: 'POST', body: Buffer.from([0x7b, 0xff, 0x7d]) },
      400,
    ],
    ['metadata that is none', CONFIG_MAPS, { method: 'POST', body: { metadata: 7 } }, 400],
    ['another kind', CONFIG_MAPS, { method: 'POST', body: { kind: 'Pod', metadata: {} } }, 400],
    [
      'a form',
      CONFIG_MAPS,
      { method: 'POST', body: 'a=b', type: 'application/x-www-form-urlencoded' },
      415,
    ],
    ['CBOR', CONFIG_MAPS, { method: 'POST', body: 'x', type: 'application/cbor' }, 415],
    [
      'protobuf that is none',
      CONFIG_MAPS,
      { method: 'POST', body: 'x', type: 'application/vnd.kubernetes.protobuf' },
      400,
    ],
    [
      'a body past 3 MiB',
      CONFIG_MAPS,
      { method: 'POST', body: ' '.repeat(3 * 1024 * 1024 + 1) },
      413,
    ],
    [
      '__proto__',
      CONFIG_MAPS,
      { method: 'POST', body: '{"metadata":{"name":"p"},"data":{"__proto__":"x"}}' },
      400,
    ],
    [
      'a tower of lists',
      CONFIG_MAPS,
      { method: 'POST', body: '['.repeat(5000) + ']'.repeat(5000) },
      400,
    ],
    [
      'a bomb of anchors',
      CONFIG_MAPS,
      { method: 'POST', type: 'application/yaml', body: yamlBomb() },
      400,
    ],
    ['answers in XML', CONFIG_MAPS, { accept: 'application/xml' }, 406],
    [
      'a dry run of something',
      `${CONFIG_MAPS}?dryRun=Some`,
      { method: 'POST', body: { metadata: { name: 'd' } } },
      400,
    ],
    ['a limit that is none', `${CONFIG_MAPS}?limit=many`, {}, 400],
    [
      'server-side apply by nobody',
      `${CONFIG_MAPS}/a`,
      { method: 'PATCH', type: 'application/apply-patch+yaml', body: 'a: b' },
      422,
    ],
    ['exec', '/api/v1/namespaces/default/pods/p/exec', { method: 'POST' }, 400],
    ['resize', '/api/v1/namespaces/default/pods/p/resize', {}, 501],
  ]
  test.each(rows)('%s', async (_name, path, options, code) => {
    const answer = await ask(path, options)
    expect(answer.code).toBe(code)
    expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', code })
    expect(answer.text).not.toMatch(/\.ts:\d|\n\s+at /)
  })

  function yamlBomb(): string {
    const rows = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
    for (let n = 1; n < 9; n += 1) {
      rows.push(
        `a${n}: &a${n} [${Array(9)
          .fill(`*a${n - 1}`)
          .join(',')}]`,
      )
    }
    return rows.join('\n')
  }
})

test('bytes that are no HTTP are answered by 400', async () => {
  const socket = tls.connect({ port: served.port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.write('nonsense\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /)
  expect((await ask('/readyz')).code).toBe(200)
})

describe('what is no object', () => {
  test('health and version need no token', async () => {
    expect(await ask('/readyz', { token: undefined })).toMatchObject({ code: 200, text: 'ok' })
    expect((await ask('/version', { token: undefined })).json).toMatchObject({
      gitVersion: 'v1.36.0+podium',
    })
  })

  test('discovery, plain and aggregated', async () => {
    expect((await ask('/api')).json).toMatchObject({ versions: ['v1'] })
    expect((await ask('/apis')).json).toMatchObject({ kind: 'APIGroupList' })
    expect((await ask('/apis/apps')).json).toMatchObject({ preferredVersion: { version: 'v1' } })
    const { resources } = (await ask('/apis/apps/v1')).json as { resources: { name: string }[] }
    expect(resources.map(({ name }) => name)).toContain('deployments/scale')
    const all = await ask('/apis', {
      accept:
        'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
    })
    expect(all.headers['content-type']).toContain('as=APIGroupDiscoveryList')
    const listed = all.json as { items: unknown[] }
    expect(listed.items[0]).toMatchObject({
      metadata: { name: 'apps' },
      versions: [{ version: 'v1', freshness: 'Current' }],
    })
  })

  test('OpenAPI, by hash and by ETag', async () => {
    expect((await ask('/openapi/v2')).json).toMatchObject({ swagger: '2.0' })
    const index = (await ask('/openapi/v3')).json as {
      paths: Record<string, { serverRelativeURL: string }>
    }
    const url = index.paths['apis/apps/v1']?.serverRelativeURL ?? ''
    const document = await ask(url)
    expect(document.json).toMatchObject({ openapi: '3.0.0' })
    const etag = document.headers.etag ?? ''
    expect((await ask(url, { headers: { 'if-none-match': etag } })).code).toBe(304)
    expect((await ask('/openapi/v3/apis/apps/v1?hash=OLD')).headers.location).toBe(url)
  })
})
