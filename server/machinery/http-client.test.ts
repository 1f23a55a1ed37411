import { createServer } from 'node:https'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeClient } from '../../shared/client.ts'
import * as kinds from '../../shared/kubernetes/kinds.ts'
import { configMaps, pods, services } from '../../shared/kubernetes/kinds.ts'
import { ApiError } from '../../shared/status.ts'
import { clientContract } from './client.contract.ts'
import { createHttpClient } from './http-client.ts'
import { createFakeClient } from './testing/fake-client.ts'
import { certificate } from './testing/certificate.ts'
import { serveClient } from './testing/serve-client.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function listen(handler: Handler): Promise<{ server: Server; url: string }> {
  const server = createServer(await certificate(), handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

clientContract('the HTTP client, before a small server', async () => {
  const { server, url } = await listen(serveClient(createFakeClient(), Object.values(kinds)))
  const { cert: ca } = await certificate()
  return { client: createHttpClient({ server: url, ca }), close: () => close(server) }
})

describe('HTTP client', () => {
  let server: Server
  let client: KubeClient
  let handler: Handler
  let requests: { method: string; url: string; headers: IncomingMessage['headers'] }[]

  beforeEach(async () => {
    requests = []
    const listening = await listen((request, response) => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers })
      handler(request, response)
    })
    server = listening.server
    const { cert: ca } = await certificate()
    client = createHttpClient({ server: listening.url, ca, token: 'secret', userAgent: 'me' })
  })
  afterEach(() => close(server))

  it('says who it is and what it wants', async () => {
    handler = (_request, response) => response.end('{"metadata":{}}')
    const object = { metadata: { name: 'a b', namespace: 'x' } }
    await client.patch(
      pods,
      { namespace: 'x', name: 'a' },
      {},
      { type: 'strategic', subresource: 'status', dryRun: true, fieldManager: 'm' },
    )
    await client.create(pods, object, { subresource: 'binding' })
    await client.list(pods, { labelSelector: 'a in (b,c)', limit: 5 })
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PATCH /api/v1/namespaces/x/pods/a/status?dryRun=All&fieldManager=m',
      'POST /api/v1/namespaces/x/pods/a%20b/binding',
      'GET /api/v1/pods?labelSelector=a+in+%28b%2Cc%29&limit=5',
    ])
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'user-agent': 'me',
      'content-type': 'application/strategic-merge-patch+json',
    })
  })

  it('fails with an ApiError whatever goes wrong', async () => {
    handler = (_request, response) => response.writeHead(502).end('bad gateway')
    const key = { namespace: 'x', name: 'a' }
    expect(await failureOf(client.get(pods, key))).toMatchObject({
      code: 502,
      message: 'bad gateway',
    })
    handler = (_request, response) => response.end('<html>')
    expect(await failureOf(client.get(pods, key))).toMatchObject({ code: 503 })
    handler = (request) => request.socket.destroy()
    const cut = await failureOf(client.get(pods, key))
    expect(cut).toBeInstanceOf(ApiError)
    expect(cut).toMatchObject({ code: 503 })
    const nobody = createHttpClient({ server: 'https://127.0.0.1:1' })
    expect(await failureOf(nobody.get(pods, key))).toMatchObject({ code: 503 })
  })

  it('refuses a server it cannot trust', async () => {
    handler = (_request, response) => response.end('{}')
    const { port } = server.address() as AddressInfo
    const wary = createHttpClient({ server: `https://127.0.0.1:${port}` })
    expect(await failureOf(wary.get(pods, { namespace: 'x', name: 'a' }))).toMatchObject({
      code: 503,
    })
    expect(requests).toEqual([])
  })

  it('reads watch events however they are cut into pieces', async () => {
    const event = (n: string) =>
      `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: n } } })}\n`
    const bytes = Buffer.from(event('ä') + event('b') + event('c'))
    handler = (_request, response) => {
      void (async () => {
        for (let at = 0; at < bytes.length; at += 7) {
          response.write(bytes.subarray(at, at + 7))
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      })()
    }
    const seen: (string | undefined)[] = []
    const watching = client.watch(configMaps, { resourceVersion: '5' }, (event) =>
      seen.push(event.object.metadata.name),
    )
    await watching.done
    expect(seen).toEqual(['ä', 'b', 'c'])
    expect(requests[0]?.url).toBe('/api/v1/configmaps?watch=true&resourceVersion=5')
  })

  it('a watch that is told the past is gone fails with 410', async () => {
    handler = (_request, response) =>
      response.end(
        '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}\n',
      )
    const error = await failureOf(client.watch(configMaps, {}, () => {}).done)
    expect(error).toMatchObject({ code: 410, reason: 'Expired', message: 'old' })
  })

  it('streams: bytes as they come, failures as ApiErrors, but a service may answer what it likes', async () => {
    handler = (request, response) => {
      if (request.url?.includes('/log')) response.end('line 1\nline 2\n')
      else response.writeHead(404, { 'x-from': 'service' }).end('mine')
    }
    const text = async (body: AsyncIterable<Uint8Array>) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    }
    const key = { namespace: 'x', name: 'a' }
    const log = await client.stream(pods, key, { path: 'log', query: { follow: 'true' } })
    expect(await text(log.body)).toBe('line 1\nline 2\n')
    const proxied = await client.stream(services, key, { path: 'proxy/x' })
    expect(proxied).toMatchObject({ status: 404, headers: { 'x-from': 'service' } })
    expect(await text(proxied.body)).toBe('mine')
    expect(await failureOf(client.stream(pods, key, { path: 'attach' }))).toMatchObject({
      code: 404,
    })
  })

  it('leaving a stream closes it', async () => {
    let closed!: () => void
    const gone = new Promise<void>((resolve) => (closed = resolve))
    handler = (_request, response) => {
      response.on('close', closed)
      response.write('x')
    }
    const { body } = await client.stream(pods, { namespace: 'x', name: 'a' }, { path: 'log' })
    for await (const chunk of body) {
      expect(Buffer.from(chunk).toString()).toBe('x')
      break
    }
    await gone
  })
})
