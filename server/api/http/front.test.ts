import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveHarness, startApi, type Served } from '../harness.ts'
import { readRequest } from './wire.ts'

let served: Served

beforeAll(async () => {
  served = await serveHarness(await startApi())
})
afterAll(async () => {
  await served.close()
  if (served.failures.length > 0) throw new AggregateError(served.failures)
})

interface Raw {
  write: (text: string) => void
  /** Resolves with all that has come once it matches. */
  until: (wanted: RegExp) => Promise<string>
  closed: Promise<void>
  end: () => void
}

/** A connection on which bytes are sent as they are written here. */
function connect(): Promise<Raw> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port: served.port,
    ca: served.authority.caPem,
    servername: 'localhost',
  })
  let text = ''
  let look = (): void => undefined
  socket.on('data', (chunk) => {
    text += String(chunk)
    look()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const until = (wanted: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      look = () => {
        if (wanted.test(text)) resolve(text)
      }
      void closed.then(() => reject(new Error(`closed after ${JSON.stringify(text)}`)))
      look()
    })
  const write = (bytes: string): void => void socket.write(bytes, 'latin1')
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () =>
      resolve({ write, until, closed, end: () => socket.destroy() }),
    )
    socket.once('error', reject)
  })
}

const NAMESPACE = '/api/v1/namespaces/default/configmaps'

function request(line: string, fields: readonly string[] = [], body = ''): string {
  const token = `authorization: Bearer ${served.authority.adminToken}`
  const length = body ? [`content-length: ${body.length}`, 'content-type: application/json'] : []
  const lines = [`${line} HTTP/1.1`, 'host: localhost', token, ...fields, ...length]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

const configMap = (name: string, value = 'x'): string =>
  JSON.stringify({ metadata: { name }, data: { value } })

/** How many answers with that code there are. */
const answers = (text: string, code: number): number => text.split(`HTTP/1.1 ${code} `).length - 1

describe('one connection', () => {
  test('answers requests that come together in their order', async () => {
    const raw = await connect()
    const names = Array.from({ length: 20 }, (_, i) => `together-${i}`)
    raw.write(names.map((name) => request(`POST ${NAMESPACE}`, [], configMap(name))).join(''))
    const text = await raw.until(/"name":"together-19"/)
    expect(answers(text, 201)).toBe(20)
    const told = [...text.matchAll(/"metadata":\{"name":"(together-\d+)"/g)].map(([, name]) => name)
    expect(told).toEqual(names)
    raw.end()
  })

  test('answers requests however their bytes are cut', async () => {
    const raw = await connect()
    const whole = request(`POST ${NAMESPACE}`, [], configMap('cut', 'y'.repeat(100)))
    for (let at = 0; at < whole.length; at += 7) {
      raw.write(whole.slice(at, at + 7))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await raw.until(/201 Created[^]*"name":"cut"/)
    raw.write(request(`GET ${NAMESPACE}/cut`))
    expect(answers(await raw.until(/200 OK[^]*"name":"cut"/), 200)).toBe(1)
    raw.end()
  })

  test('takes what is unusual after what is not, and goes on', async () => {
    const raw = await connect()
    raw.write(request('GET /api/v1/namespaces/default'))
    await raw.until(/200 OK[^]*"name":"default"/)
    const body = configMap('chunked')
    const half = body.length >> 1
    const chunk = (part: string): string => `${part.length.toString(16)}\r\n${part}\r\n`
    const fields = ['transfer-encoding: chunked', 'content-type: application/json']
    const chunks = `${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\n\r\n`
    raw.write(request(`POST ${NAMESPACE}`, fields) + chunks + request(`GET ${NAMESPACE}/absent`))
    const text = await raw.until(/404 Not Found/)
    expect(text).toMatch(/201 Created[^]*"name":"chunked"/)
    raw.end()
  })

  test('turns into a watch', async () => {
    const raw = await connect()
    raw.write(request(`POST ${NAMESPACE}`, [], configMap('watched-1')))
    await raw.until(/201 Created/)
    raw.write(request(`GET ${NAMESPACE}?watch=1&fieldSelector=metadata.name%3Dwatched-1`))
    await raw.until(/"type":"ADDED"[^]*"name":"watched-1"/)
    await served.ask(`${NAMESPACE}/watched-1`, { method: 'DELETE' })
    expect(answers(await raw.until(/"type":"DELETED"/), 200)).toBe(1)
    raw.end()
  })

  test('ends when it is asked to', async () => {
    const raw = await connect()
    raw.write(request('GET /version', ['connection: close']))
    expect(await raw.until(/200 OK/)).toMatch(/connection: close/i)
    await raw.closed
  })

  test('is refused for another host, another origin and without a token', async () => {
    const raw = await connect()
    raw.write('GET /api/v1/nodes HTTP/1.1\r\nhost: evil.example\r\n\r\n')
    await raw.until(/403 Forbidden/)
    raw.write(request('GET /api/v1/nodes', ['origin: https://localhost']))
    await raw.until(/requests of web pages are not served/)
    raw.write('GET /api/v1/nodes HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(answers(await raw.until(/system:anonymous/), 403)).toBe(3)
    raw.end()
  })

  test('carries every answer whole to a reader that is slow', async () => {
    const raw = await connect()
    const value = 'z'.repeat(200_000)
    for (let i = 0; i < 20; i += 1) {
      await served.ask(NAMESPACE, {
        method: 'POST',
        body: { metadata: { name: `big-${i}` }, data: { value } },
      })
    }
    raw.write(Array.from({ length: 20 }, (_, i) => request(`GET ${NAMESPACE}/big-${i}`)).join(''))
    const text = await raw.until(/"name":"big-19"[^]*\}\}$/)
    expect(answers(text, 200)).toBe(20)
    expect(text.split(value).length - 1).toBe(20)
    raw.end()
  })
})

describe('a request', () => {
  const read = (text: string) => readRequest(Buffer.from(text, 'latin1'), undefined)

  test('that is plain is read', () => {
    const reading = read(
      'POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nX:  y \r\n\r\nokGET',
    )
    if (typeof reading === 'string') throw new Error(reading)
    const { method, url, headers, body } = reading.request
    expect({ method, url, body: String(body) }).toEqual({
      method: 'POST',
      url: '/a?b=c',
      body: 'ok',
    })
    expect({ ...headers }).toEqual({ host: 'h', 'content-length': '2', x: 'y' })
  })

  test.each([
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nhost: h\r\n\r\n'],
    ['another method', 'BREW / HTTP/1.1\r\nhost: h\r\n\r\n'],
    ['an absolute target', 'GET http://h/ HTTP/1.1\r\nhost: h\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nhost: h\r\nHost: i\r\n\r\n'],
    [
      'two lengths',
      'GET / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    ],
    ['a length that is no number', 'GET / HTTP/1.1\r\nhost: h\r\ncontent-length: +1\r\n\r\na'],
    ['chunks', 'POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    [
      'both framings',
      'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\nTransfer-Encoding : chunked\r\n\r\n',
    ],
    ['an expectation', 'POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nhost: h\r\nconnection: Upgrade\r\nupgrade: x\r\n\r\n'],
    ['a folded field', 'GET / HTTP/1.1\r\nhost: h\r\nx: a\r\n b\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\r\nhost: h\nx: a\r\n\r\n'],
    ['a control character', 'GET / HTTP/1.1\r\nhost: h\r\nx: \x00\r\n\r\n'],
    ['bytes beyond ASCII', 'GET / HTTP/1.1\r\nhost: h\r\nx: \xe9\r\n\r\n'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nhost: h\r\n\r\n'],
    ['a long head', `GET / HTTP/1.1\r\nhost: h\r\nx: ${'y'.repeat(9000)}\r\n\r\n`],
  ])('with %s is left to node', (_what, text) => {
    expect(read(text)).toBe('unusual')
  })

  test('that has not come whole is waited for', () => {
    expect(read('GET / HTTP/1.1\r\nhost: h\r\n')).toBe('incomplete')
    expect(read('PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nab')).toBe('incomplete')
  })
})
