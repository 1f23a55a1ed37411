// The same streams of bytes, cut at random points, through this reader and through Node's own HTTP parser.
import http from 'node:http'
import { Duplex } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestReader } from './request-reader.ts'
import type { Refusal, Request } from './request.ts'

interface Seen {
  method: string
  target: string
  minor: number
}

/** What our reader makes of a stream that comes in these pieces. */
function read(pieces: Buffer[]): { seen: Seen[]; refusal: Refusal | null; requests: Request[] } {
  const seen: Seen[] = []
  const requests: Request[] = []
  let refusal: Refusal | null = null
  const reader = new RequestReader({
    request: (request, times) => {
      for (let time = 0; time < times; time++) {
        seen.push({ method: request.method, target: request.target, minor: request.minor })
        requests.push(request)
      }
    },
    expectsContinue: () => undefined,
    refused: (status) => {
      refusal = status
    },
  })
  for (const piece of pieces) reader.read(piece)
  return { seen, refusal, requests }
}

/** What Node's server makes of the same stream: the requests that arrived whole. */
async function readByNode(pieces: Buffer[]): Promise<Seen[]> {
  const requests: http.IncomingMessage[] = []
  let gaveUp = false
  const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
    requests.push(request)
    request.resume().on('end', () => response.end())
  })
  // The socket stays, so that requests that were whole before the error are still seen.
  server.on('clientError', () => {
    gaveUp = true
  })
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
  })
  server.emit('connection', socket)
  for (const piece of pieces) {
    if (gaveUp) break
    socket.push(piece)
    await new Promise(setImmediate)
  }
  const whole = requests.filter((request) => request.complete)
  const seen = whole.map(({ method = '', url = '', httpVersionMinor }) => ({
    method,
    target: url,
    minor: httpVersionMinor,
  }))
  socket.destroy()
  server.close()
  return seen
}

/**
 * What we must have seen, given what Node saw: the same, but nothing after a request that closes. (Node reads on after
 * `close` and `keep-alive` together in HTTP/1.0; RFC 9112, section 9.3, has close win.)
 */
function expectedOf(ours: { requests: Request[] }, node: Seen[]): Seen[] {
  return ours.requests.at(-1)?.keepAlive === false ? node.slice(0, ours.requests.length) : node
}

function cut(bytes: Buffer, points: number[]): Buffer[] {
  const places = [...new Set(points.map((point) => point % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  )
  const pieces: Buffer[] = []
  let from = 0
  for (const place of [...places, bytes.length]) {
    if (place > from) pieces.push(bytes.subarray(from, place))
    from = Math.max(from, place)
  }
  return pieces
}

const target = fc.constantFrom('/', '/a?b=c', '/-/ready', 'http://h/x', '*', '/%20')
const field = fc.constantFrom(
  'Accept: */*',
  'X-Empty:',
  'X-Tab:\t a \t',
  'Connection: keep-alive',
  'Connection: close',
  'connection: foo, CLOSE',
  'Cookie: a=b; c="d"',
  'X-High: \xe9',
)
const body = fc.oneof(
  fc.constant(''),
  fc.string({ maxLength: 40 }).map((text) => {
    const bytes = Buffer.from(text)
    return `Content-Length: ${bytes.length}\r\n\r\n${bytes.toString('latin1')}`
  }),
  fc
    .tuple(
      fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 4 }),
      fc.constantFrom('', ';ext=1', ';a'),
      fc.constantFrom('', 'X-Trailer: t\r\n'),
    )
    .map(([parts, extension, trailer]) => {
      const chunks = parts.map((part) => {
        const bytes = Buffer.from(part)
        return `${bytes.length.toString(16)}${extension}\r\n${bytes.toString('latin1')}\r\n`
      })
      return `Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n${trailer}\r\n`
    }),
)
const request = fc
  .tuple(
    fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
    target,
    fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    fc.array(field, { maxLength: 3 }),
    body,
  )
  .map(
    ([method, path, version, fields, rest]) =>
      `${method} ${path} HTTP/${version}\r\nHost: nginx\r\n${fields.map((line) => `${line}\r\n`).join('')}${rest === '' ? '\r\n' : rest}`,
  )
const plain = fc
  .tuple(fc.constantFrom('/', '/other'), fc.integer({ min: 1, max: 20 }))
  .map(([path, times]) => `GET ${path} HTTP/1.1\r\nHost: nginx\r\n\r\n`.repeat(times))
const stream = fc
  .array(fc.oneof(request, plain), { minLength: 1, maxLength: 6 })
  .map((requests) => Buffer.from(requests.join(''), 'latin1'))
const cuts = fc.array(fc.nat(4000), { maxLength: 12 })
const damage = fc.tuple(
  fc.nat(4000),
  fc.constantFrom('', '\r', '\n', '\0', ' ', ':', 'x', '\r\n', '\x7f', '9', ',', '\t'),
  fc.integer({ min: 0, max: 2 }),
)

describe('RequestReader', () => {
  it('sees in well-formed streams exactly what Node sees', async () => {
    await fc.assert(
      fc.asyncProperty(stream, cuts, async (bytes, points) => {
        const pieces = cut(bytes, points)
        const ours = read(pieces)
        const node = await readByNode(pieces)
        expect(ours.refusal).toBeNull()
        expect(ours.seen).toEqual(expectedOf(ours, node))
      }),
      { numRuns: 400 },
    )
  })

  it('sees in damaged streams no request that Node does not see', async () => {
    await fc.assert(
      fc.asyncProperty(stream, cuts, damage, async (bytes, points, [place, insert, drop]) => {
        const at = place % bytes.length
        const damaged = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(insert, 'latin1'),
          bytes.subarray(at + drop),
        ])
        // A tab after a framing field's value is an optional blank (RFC 9110, section 5.5), though not to Node.
        fc.pre(!/^(content-length|transfer-encoding):.*\t/im.test(damaged.toString('latin1')))
        const pieces = cut(damaged, points)
        const ours = read(pieces)
        const node = await readByNode(pieces)
        expect(ours.seen).toEqual(node.slice(0, ours.seen.length))
        // It may be stricter, never more lenient, and says so instead of waiting.
        const missing = ours.refusal === null ? expectedOf(ours, node).slice(ours.seen.length) : []
        expect(missing).toEqual([])
      }),
      { numRuns: 1500 },
    )
  })

  it('reads the same whether a stream comes whole or byte by byte', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, points) => {
        const whole = read([bytes])
        expect(read(cut(bytes, points))).toEqual(whole)
        expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole)
      }),
    )
  })
})
