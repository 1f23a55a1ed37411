import { once } from 'node:events'
import net from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebServer } from './server.ts'

const ADDRESS = '127.200.20.1'
const REQUEST = 'GET / HTTP/1.1\r\nHost: nginx\r\n\r\n'
const servers: WebServer[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(ready = true): Promise<{ server: WebServer; port: number }> {
  const options = { address: ADDRESS, port: 0, pod: 'web-0', version: 'v1', ready }
  const server = new WebServer(options)
  servers.push(server)
  return { server, port: await server.listen() }
}

/** Everything a connection gets until the server closes it; it closes only then. */
async function exchange(port: number, pieces: string[]): Promise<string> {
  const socket = net.connect({ port, host: ADDRESS, allowHalfOpen: true })
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  const end = once(socket, 'end')
  for (const piece of pieces) {
    socket.write(piece, 'latin1')
    await new Promise(setImmediate)
  }
  await end
  socket.end()
  return text
}

/** A client that asks on and on, whatever it gets, until the server has closed. */
function flood(port: number): { answers: () => string; over: Promise<Error | null> } {
  const socket = net.connect({ port, host: ADDRESS, allowHalfOpen: true, noDelay: true })
  const parts: Buffer[] = []
  let ended = false
  socket.on('data', (part: Buffer) => parts.push(part))
  const over = new Promise<Error | null>((resolve) => {
    socket.on('error', resolve)
    socket.on('end', () => {
      ended = true
      socket.end()
      resolve(null)
    })
  })
  const ask = (): void => {
    if (ended || socket.destroyed) return
    // A request and a half at a time, so that the stream is always cut in the middle of one.
    socket.write(REQUEST.repeat(3).slice(0, REQUEST.length * 1.5))
    socket.write(REQUEST.repeat(3).slice(REQUEST.length * 1.5))
    setImmediate(ask)
  }
  socket.on('connect', ask)
  return { answers: () => Buffer.concat(parts).toString('latin1'), over }
}

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] ?? '')

/** Blocks the event loop for `ms` on each of its next `turns`, as a machine does that is out of breath. */
async function starve(turns: number, ms: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const until = performance.now() + ms
    while (performance.now() < until);
    await new Promise(setImmediate)
  }
}

describe('draining', () => {
  it('accepts everything that waits in its queue, however rarely it gets to run', async () => {
    const { server, port } = await serve()
    const clients = Array.from({ length: 12 }, () => exchange(port, [REQUEST]))
    await new Promise((resolve) => process.nextTick(resolve))
    const drained = server.drain(20_000)
    await starve(30, 30)
    for (const answer of await Promise.all(clients)) expect(answer).toMatch(/^HTTP\/1\.1 200/)
    await drained
  })

  it('gives every answer it counted to clients that never stop asking', async () => {
    const { server, port } = await serve()
    const clients = Array.from({ length: 8 }, () => flood(port))
    while (server.stats().answered < 2000) await new Promise(setImmediate)
    const drained = server.drain(20_000)

    for (const client of clients) expect(await client.over).toBeNull()
    await drained
    const texts = clients.map((client) => client.answers())
    const got = texts.reduce((sum, text) => sum + statuses(text).length, 0)
    expect(got).toBe(server.stats().answered)
    expect(server.stats().connections).toBe(0)
    for (const text of texts) {
      expect(text.endsWith('<h1>v1</h1>\n')).toBe(true)
      expect(text.indexOf('Connection: close')).toBeGreaterThan(text.lastIndexOf('HTTP/1.1 200'))
    }
  })

  it('closes idle connections, waits for a request that has begun, and accepts no more', async () => {
    const { server, port } = await serve()
    const idle = exchange(port, [REQUEST])
    const begun = net.connect({ port, host: ADDRESS, allowHalfOpen: true })
    begun.write(REQUEST.slice(0, 10))
    while (server.stats().accepted < 2 || server.stats().answered < 1) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const drained = server.drain(20_000)
    expect(statuses(await idle)).toEqual(['200'])
    begun.write(REQUEST.slice(10))
    const [answer] = (await once(begun, 'data')) as [Buffer]
    expect(answer.toString()).toContain('Connection: close')
    begun.end()
    await drained
    expect(server.stats()).toMatchObject({ answered: 2, connections: 0 })
    const [error] = (await once(net.connect({ port, host: ADDRESS }), 'error')) as [
      NodeJS.ErrnoException,
    ]
    expect(error.code).toBe('ECONNREFUSED')
  })

  it('is over when the grace is, whatever clients do', async () => {
    const { server, port } = await serve()
    const stuck = net.connect({ port, host: ADDRESS })
    stuck.on('error', () => undefined).write('GET / HT')
    await once(stuck, 'connect')
    while (server.stats().connections < 1) await new Promise(setImmediate)
    await server.drain(100)
    await once(stuck, 'close')
    expect(stuck.bytesRead).toBe(0)
  })
})

describe('answers', () => {
  it.each([
    ['pipelined, cut anywhere', [REQUEST + REQUEST.slice(0, 9), REQUEST.slice(9)], ['200', '200']],
    [
      'a body of known length',
      ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc'],
      ['405'],
    ],
    [
      'a body in chunks',
      ['PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', '0\r\n\r\n'],
      ['405'],
    ],
    ['an unknown resource', ['GET /no HTTP/1.1\r\nHost: a\r\n\r\n'], ['404']],
    ['an unknown method', ['BREW / HTTP/1.1\r\nHost: a\r\n\r\n'], ['501']],
    ['another protocol version', ['GET / HTTP/2.0\r\nHost: a\r\n\r\n'], ['505']],
    ['no host', [`${REQUEST}GET / HTTP/1.1\r\n\r\n`], ['200', '400']],
    ['no HTTP', ['\x16\x03\x01\x02\r\n\r\n'], ['400']],
    ['a huge head', [`GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`], ['431']],
    ['a huge body', ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n'], ['413']],
    [
      'an expectation',
      ['POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n', 'x'],
      ['100', '405'],
    ],
    ['an unknown expectation', ['GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n'], ['417']],
  ])('%s', async (_name, pieces, expected) => {
    const { port } = await serve()
    const closing = 'GET /-/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const got = statuses(await exchange(port, [...pieces, closing]))
    expect(got.slice(0, expected.length)).toEqual(expected)
    const closedAlready =
      Number(expected.at(-1)) >= 400 && !['404', '405'].includes(expected.at(-1) ?? '')
    expect(got.slice(expected.length)).toEqual(closedAlready ? [] : ['200'])
  })

  it('answers HEAD without a body, HTTP/1.0 by closing, and HTTP/1.0 keep-alive by staying', async () => {
    const { port } = await serve()
    const text = await exchange(port, [
      'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      REQUEST,
    ])
    expect(statuses(text)).toEqual(['200', '200', '200'])
    expect(text.match(/<h1>/g)).toHaveLength(2)
    expect(text.match(/Connection: keep-alive/g)).toHaveLength(1)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
  })

  it('says who answers, counts only requests outside /-/, and is ready or not', async () => {
    const { server, port } = await serve(false)
    const base = `http://${ADDRESS}:${port}`
    const page = await fetch(`${base}/?query`)
    expect(page.headers.get('x-pod')).toBe('web-0')
    expect(page.headers.get('x-version')).toBe('v1')
    expect(Math.abs(Date.parse(page.headers.get('date') ?? '') - Date.now())).toBeLessThan(60_000)
    expect((await fetch(`${base}/-/ready`)).status).toBe(503)
    const stats = (await (await fetch(`${base}/-/stats`)).json()) as { answered: number }
    expect(stats.answered).toBe(1)
    expect(server.stats().answered).toBe(1)
  })

  it('stops reading from a client that does not read, and counts what the client then gets', async () => {
    const { server, port } = await serve()
    const socket = net.connect({ port, host: ADDRESS, allowHalfOpen: true })
    let asked = 0
    // Until neither side takes any more.
    while (socket.writableLength < 1_000_000) {
      socket.write(REQUEST.repeat(1000))
      asked += 1000
      await new Promise(setImmediate)
    }
    expect(server.stats().answered).toBeLessThan(asked)
    socket.end()
    let text = ''
    for await (const part of socket.setEncoding('latin1')) text += String(part)
    expect(statuses(text)).toHaveLength(asked)
    expect(server.stats().answered).toBe(asked)
  })
})
