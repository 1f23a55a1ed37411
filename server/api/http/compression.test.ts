import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveHarness, startApi, type Served } from '../harness.ts'

let served: Served
beforeAll(async () => {
  served = await serveHarness(await startApi())
  const data = { text: 'a long story '.repeat(20_000) }
  const body = { metadata: { name: 'long' }, data }
  await served.ask('/api/v1/namespaces/default/configmaps', { method: 'POST', body })
})
afterAll(() => served.close())

async function read(path: string, encoding: string, method = 'GET') {
  const headers = { 'accept-encoding': encoding }
  const response = await served.open(path, { headers, method })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { headers: response.headers, body: Buffer.concat(chunks) }
}

const LONG = '/api/v1/namespaces/default/configmaps/long'

it.each(['gzip', 'deflate, gzip', 'gzip;q=0.5', '*'])(
  'sends much of it compressed to who says %s',
  async (encoding) => {
    const plain = await read(LONG, 'identity')
    const { headers, body } = await read(LONG, encoding)
    expect(headers['content-encoding']).toBe('gzip')
    expect(headers['vary']).toBe('Accept-Encoding')
    expect(body.length).toBeLessThan(plain.body.length / 10)
    expect(gunzipSync(body).equals(plain.body)).toBe(true)
    const list = await read('/api/v1/configmaps', encoding)
    expect(JSON.parse(gunzipSync(list.body).toString())).toHaveProperty('items')
  },
)

it('sends the rest as it is', async () => {
  const small = '/api/v1/namespaces/default'
  for (const [path, encoding] of [
    [small, 'gzip'],
    [LONG, 'br'],
    [LONG, 'gzip;q=0'],
    [LONG, 'identity'],
  ] as const) {
    const { headers, body } = await read(path, encoding)
    expect(headers['content-encoding']).toBeUndefined()
    expect(JSON.parse(body.toString())).toHaveProperty('metadata')
  }
  expect((await read(LONG, 'gzip', 'HEAD')).headers['content-encoding']).toBeUndefined()
})
