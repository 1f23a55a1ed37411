import type { IncomingMessage, RequestListener } from 'node:http'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { RoutingTable, Target } from '../routing-table.ts'
import { EMPTY_TABLE } from '../routing-table.ts'
import { IngressProxy } from './proxy.ts'

const HOST = '127.0.0.1'
const closers: (() => unknown)[] = []
let proxy: IngressProxy
let port: number

beforeEach(async () => {
  proxy = new IngressProxy()
  port = (await proxy.listen(HOST, { http: 0, https: 0 })).http
})
afterEach(async () => {
  await proxy.drain(0)
  for (const close of closers.splice(0)) close()
})

const tableOf = (targets: Target[], broken?: string): RoutingTable => ({
  ...EMPTY_TABLE,
  rules: [{ host: 'a.com', path: '/', type: 'Prefix', backend: 'd/web:80', ingress: 'd/i' }],
  backends: { 'd/web:80': { targets, ...(broken !== undefined && { broken }) } },
})

async function listen(server: http.Server | ReturnType<typeof createServer>): Promise<Target> {
  await new Promise<void>((resolve) => void server.listen(0, HOST, resolve))
  closers.push(() => server.close())
  return { ip: HOST, port: (server.address() as AddressInfo).port }
}

const serving = (answer: RequestListener): Promise<Target> => listen(http.createServer(answer))

/** An address where nobody listens. */
async function nobody(): Promise<Target> {
  const server = createServer()
  const target = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return target
}

/** An endpoint that takes a request and hangs up. */
const hangingUp = (seen: (socket: Socket) => void): Promise<Target> =>
  listen(
    createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        seen(socket)
        socket.destroy()
      })
    }),
  )

interface Asked {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
  agent?: http.Agent | false
}

function ask({ body, headers, agent = false, ...rest }: Asked = {}) {
  return new Promise<{ code: number; text: string; response: IncomingMessage }>(
    (resolve, reject) => {
      const options = { host: HOST, port, agent, headers: { Host: 'a.com', ...headers }, ...rest }
      const sent = http.request(options, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text, response }))
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    },
  )
}

it('passes on request and answer, and says where the request came from', async () => {
  const target = await serving((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      response.writeHead(201, { 'X-Own': 'yes', 'Keep-Alive': 'timeout=1' })
      response.end(JSON.stringify({ url: request.url, headers: request.headers, body }))
    })
  })
  proxy.follow(tableOf([target]))
  const headers = {
    Host: 'A.com:80',
    'X-Forwarded-For': '6.6.6.6',
    Connection: 'close, x-hop',
    'X-Hop': '1',
  }
  const { code, text, response } = await ask({
    method: 'POST',
    path: '/x?y=1',
    headers,
    body: 'hello',
  })
  expect(code).toBe(201)
  expect(response.headers['x-own']).toBe('yes')
  const seen = JSON.parse(text) as { url: string; headers: Record<string, string>; body: string }
  expect(seen).toMatchObject({
    url: '/x?y=1',
    body: 'hello',
    headers: {
      host: 'A.com:80',
      'x-forwarded-for': HOST,
      'x-forwarded-host': 'A.com:80',
      'x-forwarded-proto': 'http',
    },
  })
  expect(seen.headers['x-hop']).toBeUndefined()
})

it('answers 404 without a rule and 503 without an endpoint, in plain text', async () => {
  proxy.follow(tableOf([], 'service "d/web" not found'))
  expect(await ask({ headers: { Host: 'b.com' } })).toMatchObject({
    code: 404,
    text: 'no rule of an Ingress is for b.com\n',
  })
  const { code, text, response } = await ask()
  expect([code, text]).toEqual([503, 'service "d/web" not found\n'])
  expect(response.headers['content-type']).toMatch('text/plain')
  expect(proxy.counts()).toMatchObject({
    notFound: 1,
    backends: { 'd/web:80': { requests: 1, failed: 1 } },
  })
})

it('goes to the next endpoint when one cannot be reached, whatever the method', async () => {
  const target = await serving((request, response) => request.pipe(response))
  proxy.follow(tableOf([await nobody(), target]))
  for (let i = 0; i < 4; i++) {
    expect(await ask({ method: 'POST', body: 'hello' })).toMatchObject({ code: 200, text: 'hello' })
  }
  proxy.follow(tableOf([await nobody()]))
  expect((await ask()).code).toBe(503)
})

it('sends again what is safe when an endpoint hangs up, and nothing else', async () => {
  let hungUp = 0
  const bad = await hangingUp(() => (hungUp += 1))
  const good = await serving((_, response) => response.end('fine'))
  proxy.follow(tableOf([bad, good]))
  for (let i = 0; i < 4; i++) expect((await ask()).text).toBe('fine')
  expect(hungUp).toBe(2)
  const codes = [await ask({ method: 'POST', body: 'x' }), await ask({ method: 'POST', body: 'x' })]
  expect(new Set(codes.map(({ code }) => code))).toEqual(new Set([200, 502]))
  expect(hungUp).toBe(3)
})

it('keeps connections to endpoints and takes turns between them', async () => {
  let connections = 0
  const counting = (name: string): Promise<Target> => {
    const server = http.createServer((_, response) => response.end(name))
    server.on('connection', () => (connections += 1))
    closers.push(() => server.closeAllConnections())
    return listen(server)
  }
  proxy.follow(tableOf([await counting('a'), await counting('b')]))
  const texts: string[] = []
  for (let i = 0; i < 6; i++) texts.push((await ask()).text)
  expect(texts.join('')).toBe('ababab')
  expect(connections).toBe(2)
})

it('passes WebSockets through', async () => {
  const server = http.createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  proxy.follow(tableOf([await listen(server)]))
  const socket = new WebSocket(`ws://${HOST}:${port}/`, { headers: { Host: 'a.com' } })
  const echoed = await new Promise((resolve, reject) => {
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data) => resolve((data as Buffer).toString()))
    socket.on('error', reject)
  })
  expect(echoed).toBe('hello')
  socket.terminate()
})

it('cuts an answer that its endpoint did not finish', async () => {
  const target = await serving((_, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half', () => response.destroy())
  })
  proxy.follow(tableOf([target]))
  await expect(ask()).rejects.toThrow(/aborted/)
})

it('answers what it has taken when it drains, and takes no more', async () => {
  let finish: () => void = () => undefined
  const target = await serving((_, response) => {
    finish = () => response.end('late')
  })
  proxy.follow(tableOf([target]))
  const agent = new http.Agent({ keepAlive: true })
  const asked = ask({ agent })
  await expect.poll(() => proxy.counts().backends['d/web:80']?.requests).toBe(1)
  const drained = proxy.drain(10_000)
  await expect(ask()).rejects.toThrow(/ECONNREFUSED/)
  finish()
  const { text, response } = await asked
  expect([text, response.headers.connection]).toEqual(['late', 'close'])
  await drained
  agent.destroy()
})
