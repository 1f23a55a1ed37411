import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { constants, createDeflate, type Deflate } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { serveSpdyForwards } from './portforward.ts'
import type { SpdyConnection } from './spdy.ts'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'
import { dataFrame, FrameReader, HeaderReader, streamOf, type Frame } from './spdy-frames.ts'

const open: { close(): void }[] = []
afterEach(() => open.splice(0).forEach((thing) => thing.close()))

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The client's half: what kubectl sends. */
class Client {
  readonly heard: Frame[] = []
  readonly #frames = new FrameReader()
  readonly #deflate: Deflate = createDeflate({ dictionary: SPDY_DICTIONARY })
  readonly #connection: SpdyConnection
  closed = false

  constructor() {
    this.#connection = serveSpdyForwards(
      { pod: 'default/p', uid: 'u', address: '127.0.0.1' },
      {
        send: async (bytes) => void this.heard.push(...this.#frames.push(Buffer.from(bytes))),
        pause: () => undefined,
        resume: () => undefined,
        close: () => (this.closed = true),
      },
    )
    open.push(this.#connection)
  }

  async open(id: number, headers: Record<string, string>, fin = false): Promise<void> {
    const entries = Object.entries(headers).flat()
    const texts = entries.flatMap((text) => [uint32(text.length), Buffer.from(text)])
    const block = Buffer.concat([uint32(entries.length / 2), ...texts])
    const pieces: Buffer[] = []
    const collect = (piece: Buffer): unknown => pieces.push(piece)
    this.#deflate.on('data', collect)
    this.#deflate.write(block)
    await new Promise<void>((resolve) => {
      this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve)
    })
    this.#deflate.off('data', collect)
    const body = Buffer.concat([uint32(id), Buffer.alloc(6), ...pieces])
    this.#send(Buffer.concat([Buffer.of(0x80, 3, 0, 1, fin ? 1 : 0, 0, 0, 0), body]))
  }

  data(id: number, text: string, fin = false): void {
    this.#connection.receive(dataFrame(id, Buffer.from(text), fin))
  }

  ping(id: number): void {
    this.#send(Buffer.concat([Buffer.of(0x80, 3, 0, 6, 0, 0, 0, 0), uint32(id)]))
  }

  /** In pieces, as bytes may come. */
  #send(frame: Buffer): void {
    frame.writeUIntBE(frame.length - 8, 5, 3)
    this.#connection.receive(frame.subarray(0, 5))
    this.#connection.receive(frame.subarray(5))
  }

  text(id: number): string {
    const data = this.heard.filter((frame) => frame.kind === 'data' && frame.stream === id)
    return Buffer.concat(data.map(({ bytes }) => bytes)).toString()
  }

  finished(id: number): boolean {
    return this.heard.some((frame) => frame.kind === 'data' && frame.stream === id && frame.fin)
  }
}

async function echoServer(): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return (server.address() as AddressInfo).port
}

test('many connections at once, each with its own bytes and end', async () => {
  const port = String(await echoServer())
  const client = new Client()
  for (let i = 0; i < 20; i++) {
    await client.open(4 * i + 1, { streamType: 'error', port, requestID: String(i) }, true)
    await client.open(4 * i + 3, { streamtype: 'data', port, requestid: String(i) })
    client.data(4 * i + 3, `hello ${i}`, true)
  }
  for (let i = 0; i < 20; i++) {
    await expect.poll(() => client.finished(4 * i + 3)).toBe(true)
    expect(client.text(4 * i + 3)).toBe(`hello ${i}`)
    await expect.poll(() => client.finished(4 * i + 1)).toBe(true)
    expect(client.text(4 * i + 1)).toBe('')
  }
  const replies = client.heard.filter((frame) => frame.kind === 'control' && frame.type === 2)
  expect(replies).toHaveLength(40)
  const headers = new HeaderReader()
  for (const { bytes } of replies) expect((await headers.read(bytes.subarray(4))).size).toBe(0)
  headers.close()
})

test('a port where nobody listens is told on the error stream, and the data stream is reset', async () => {
  const client = new Client()
  await client.open(1, { streamtype: 'error', port: '1', requestid: 'a' }, true)
  await client.open(3, { streamtype: 'data', port: '1', requestid: 'a' })
  await expect.poll(() => client.finished(1)).toBe(true)
  expect(client.text(1)).toBe(
    'error forwarding port 1 to pod default/p, uid u: dial tcp4 127.0.0.1:1: connect: connection refused',
  )
  const reset = client.heard.find((frame) => frame.kind === 'control' && frame.type === 3)
  expect(reset && streamOf(reset.bytes)).toBe(3)
})

test('pings are answered; what is no SPDY ends the connection', async () => {
  const client = new Client()
  client.ping(7)
  await expect.poll(() => client.heard.length).toBe(1)
  expect(client.heard[0]).toMatchObject({ type: 6, bytes: uint32(7) })
  await client.open(1, { streamtype: 'nonsense', port: '80' })
  await expect.poll(() => client.heard.at(-1)).toMatchObject({ type: 3 })
  const other = new Client()
  other.data(9, 'for a stream that is not there')
  expect(other.closed).toBe(false)
  await other.open(1, { streamtype: 'error' }).then(() => other.data(2 ** 31, ''))
  await expect.poll(() => other.closed).toBe(true)
})
