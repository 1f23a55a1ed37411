// The door before an API that tells what reached it.
import { createServer } from 'node:http'
import http from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { RawData } from 'ws'
import { STREAM_PROTOCOLS } from '../../shared/door.ts'
import { eventually, startTestStage, TOKEN } from './testing/testStage.ts'
import type { TestStage } from './testing/testStage.ts'

let api: Server
let show: TestStage
const received: IncomingMessage[] = []
const bodies: string[] = []
/** Watches that the API holds open. */
const watches = new Set<ServerResponse>()

beforeAll(async () => {
  api = createServer(answer)
  const sockets = new WebSocketServer({ noServer: true })
  api.on('upgrade', (request, socket, head) => {
    received.push(request)
    if (request.url?.includes('/refused')) {
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}')
      return
    }
    sockets.handleUpgrade(request, socket, head, (pod) => {
      pod.on('message', (data) => pod.send(`echo ${textOf(data)}`))
    })
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const { port } = api.address() as AddressInfo
  show = await startTestStage([], {
    api: { server: `http://127.0.0.1:${port}`, ca: '', token: 'of-the-cluster' },
  })
})
afterAll(async () => {
  await show?.close()
  api.closeAllConnections()
  await new Promise((resolve) => api.close(resolve))
})

function answer(request: IncomingMessage, response: ServerResponse): void {
  received.push(request)
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => bodies.push(body))
  const url = request.url ?? ''
  if (url.includes('watch=')) {
    watches.add(response)
    response.on('close', () => watches.delete(response))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
  } else if (url.startsWith('/api/v1/missing')) {
    response.writeHead(404, { 'content-type': 'application/json', warning: '299 - "hm"' })
    response.end('{"kind":"Status","code":404,"reason":"NotFound"}')
  } else {
    const headers = { 'set-cookie': 'podium-stage=stolen', 'content-type': 'text/html' }
    response.writeHead(200, { ...headers, 'content-security-policy': 'none' })
    response.end('<script src="/k8s/evil.js"></script>')
  }
}

const last = (): IncomingMessage => received.at(-1)!
const door = (path: string): string => `/k8s${path}`
const plain = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(show.stage.url + path, init)

test('nobody comes in without the token, nor from a foreign page', async () => {
  const before = received.length
  expect((await plain(door('/api/v1/pods'))).status).toBe(401)
  const accept = { accept: 'text/html' }
  const refused = await plain(door('/api/v1/pods'), { headers: accept })
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ kind: 'Status', code: 401 })
  const foreign = { origin: 'http://evil.example' }
  expect((await show.fetch(door('/api/v1/pods'), { headers: foreign })).status).toBe(403)
  expect(received).toHaveLength(before)
})

/** With the cookie a browser would send. */
function withCookie(method: string, headers: Record<string, string>): Promise<number> {
  const { port } = show.stage
  return new Promise((resolve, reject) => {
    const cookie = `podium-stage-${port}=${TOKEN}`
    const url = show.stage.url + door('/api/v1/pods')
    const sent = http.request(url, { method, headers: { cookie, ...headers } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

test.each([
  ['GET', {}, 200],
  ['GET', { 'sec-fetch-site': 'same-origin' }, 200],
  ['GET', { 'sec-fetch-site': 'same-site' }, 403],
  ['GET', { 'sec-fetch-site': 'cross-site' }, 403],
  ['DELETE', {}, 403],
  ['DELETE', { origin: 'own', 'sec-fetch-site': 'same-origin' }, 200],
  ['POST', { origin: 'http://localhost:1' }, 403],
])('a browser with the cookie: %s %j → %i', async (method, headers, code) => {
  const { origin, ...rest } = headers as Record<string, string>
  const own = origin === 'own' ? show.stage.url : origin
  expect(await withCookie(method, { ...rest, ...(own && { origin: own }) })).toBe(code)
})

test('the API is asked by its own user, and learns nothing of the stage', async () => {
  const headers = {
    cookie: 'a=b',
    origin: show.stage.url,
    'content-type': 'application/apply-patch+yaml',
    'impersonate-user': 'somebody',
  }
  const path = '/api/v1/namespaces/a/pods/b?fieldManager=c%20d'
  await show.fetch(door(path), { method: 'PATCH', headers, body: 'x: 1' })
  expect(last()).toMatchObject({ method: 'PATCH', url: path })
  expect(last().headers).toMatchObject({
    authorization: 'Bearer of-the-cluster',
    'content-type': 'application/apply-patch+yaml',
    'user-agent': 'podium-stage',
  })
  for (const name of ['cookie', 'origin', 'impersonate-user']) {
    expect(last().headers).not.toHaveProperty(name)
  }
  expect(bodies.at(-1)).toBe('x: 1')
})

test('a Status passes as it is', async () => {
  const answered = await show.fetch(door('/api/v1/missing'))
  expect(answered.status).toBe(404)
  expect(answered.headers.get('warning')).toBe('299 - "hm"')
  expect(await answered.json()).toEqual({ kind: 'Status', code: 404, reason: 'NotFound' })
})

test('what a pod serves is no page of the stage', async () => {
  const { headers } = await show.fetch(door('/api/v1/namespaces/a/pods/b/proxy/'))
  expect(headers.get('set-cookie')).toBeNull()
  expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('a watch flows event by event, and ends with its reader', async () => {
  const ending = new AbortController()
  const answered = await show.fetch(door('/api/v1/pods?watch=1'), { signal: ending.signal })
  const reader = answered.body!.getReader()
  for (const event of ['{"type":"ADDED"}\n', '{"type":"DELETED"}\n']) {
    for (const watch of watches) watch.write(event)
    const { value } = await reader.read()
    expect(new TextDecoder().decode(value)).toBe(event)
  }
  ending.abort()
  await eventually('the API sees the reader go', () => watches.size === 0)
})

const socketUrl = (path: string): string => show.stage.url.replace('http', 'ws') + door(path)
const bearer = { authorization: `Bearer ${TOKEN}` }

const textOf = (data: RawData): string => (data as Buffer).toString()

function messagesOf(socket: WebSocket): string[] {
  const messages: string[] = []
  socket.on('message', (data) => messages.push(textOf(data)))
  return messages
}

test('a watch is told over a socket, as a table when asked for', async () => {
  const url = socketUrl('/api/v1/pods?watch=true')
  const socket = new WebSocket(url, STREAM_PROTOCOLS.table, { headers: bearer })
  const messages = messagesOf(socket)
  await eventually('the head', () => messages.length === 1)
  expect(JSON.parse(messages[0]!)).toMatchObject({ status: 200 })
  expect(last().headers.accept).toMatch(/^application\/json;as=Table;v=v1;g=meta.k8s.io/)
  for (const watch of watches) watch.write('{"type":"ADDED"}\n')
  await eventually('the event', () => messages[1] === '{"type":"ADDED"}\n')
  socket.close()
  await eventually('the API sees the reader go', () => watches.size === 0)
})

test('a refusal is told over a socket too', async () => {
  const url = socketUrl('/api/v1/missing')
  const socket = new WebSocket(url, STREAM_PROTOCOLS.plain, { headers: bearer })
  const messages = messagesOf(socket)
  await new Promise((resolve) => socket.once('close', resolve))
  expect(JSON.parse(messages[0]!)).toMatchObject({ status: 404 })
  expect(JSON.parse(messages[1]!)).toMatchObject({ kind: 'Status', code: 404 })
})

function opened(path: string, headers: Record<string, string>): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(socketUrl(path), 'v5.channel.k8s.io', { headers })
    socket.once('open', () => resolve(socket))
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
    socket.once('error', () => resolve(0))
  })
}

test('an upgrade is joined with the API, both ways', async () => {
  const socket = await opened('/api/v1/namespaces/a/pods/b/exec?command=sh', bearer)
  if (typeof socket === 'number') throw new Error(`answered ${socket}`)
  const messages = messagesOf(socket)
  socket.send('hello')
  await eventually('the echo', () => messages[0] === 'echo hello')
  expect(last().headers).toMatchObject({
    'sec-websocket-protocol': 'v5.channel.k8s.io',
    authorization: 'Bearer of-the-cluster',
  })
  socket.close()
})

test('upgrades pass the same checks, and refusals of the API pass', async () => {
  expect(await opened('/api/v1/x/exec', {})).toBe(401)
  expect(await opened('/api/v1/x/exec', { ...bearer, origin: 'http://evil.example' })).toBe(403)
  expect(await opened('/api/v1/refused', bearer)).toBe(400)
})

test('an upgrade that is nobody’s is ended', async () => {
  const url = `${show.stage.url.replace('http', 'ws')}/nothing`
  const socket = new WebSocket(url, { headers: bearer })
  await new Promise((resolve) => socket.once('error', resolve))
  expect(socket.readyState).not.toBe(WebSocket.OPEN)
})
