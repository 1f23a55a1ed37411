// SPDY/3.1 frames to bytes and back (SPDY Protocol Draft 3.1, 2.2), as far as Kubernetes' clients use them.
import { constants, createInflate } from 'node:zlib'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'

const VERSION = 3
const HEAD_BYTES = 8
const FIN = 0x01
export const PING = 6
export const SYN_STREAM = 1
const SYN_REPLY = 2
export const RST_STREAM = 3
export const GOAWAY = 7
const CANCEL = 5

export type Frame =
  | { kind: 'data'; stream: number; fin: boolean; bytes: Buffer }
  /** Of a control frame. */
  | { kind: 'control'; type: number; fin: boolean; bytes: Buffer }

/** Cuts what arrives into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The frames that `chunk` completes. @throws Error when it is not SPDY/3. */
  push(chunk: Buffer): Frame[] {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const frames: Frame[] = []
    while (bytes.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + bytes.readUIntBE(5, 3)
      if (bytes.length < end) break
      frames.push(frameOf(bytes.subarray(0, end)))
      bytes = bytes.subarray(end)
    }
    this.#rest = Buffer.from(bytes)
    return frames
  }
}

function frameOf(bytes: Buffer): Frame {
  const first = bytes.readUInt32BE(0)
  const fin = (bytes[4]! & FIN) !== 0
  const payload = bytes.subarray(HEAD_BYTES)
  if (first < 2 ** 31) return { kind: 'data', stream: first, fin, bytes: payload }
  const version = (first >>> 16) & 0x7fff
  if (version !== VERSION) throw new Error(`SPDY version ${version} is not spoken here`)
  return { kind: 'control', type: first & 0xffff, fin, bytes: payload }
}

/** The number of the stream a control frame speaks of. */
export function streamOf(bytes: Buffer): number {
  return bytes.length < 4 ? 0 : bytes.readUInt32BE(0) & 0x7fffffff
}

export function dataFrame(stream: number, bytes: Uint8Array, fin: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(stream)
  head[4] = fin ? FIN : 0
  head.writeUIntBE(bytes.length, 5, 3)
  return Buffer.concat([head, bytes])
}

function controlFrame(type: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt16BE(0x8000 | VERSION)
  head.writeUInt16BE(type, 2)
  head.writeUIntBE(bytes.length, 5, 3)
  return Buffer.concat([head, bytes])
}

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4))
  return bytes
}

export function pingFrame(bytes: Uint8Array): Buffer {
  return controlFrame(PING, bytes)
}

export function resetFrame(stream: number): Buffer {
  return controlFrame(RST_STREAM, uint32(stream, CANCEL))
}

/** The beginning of a zlib stream; it comes once a connection. */
const ZLIB_HEAD = Buffer.of(0x78, 0x01)
/** "No headers": a count of zero as stored blocks, the last of them empty, which makes readers hand it out. */
const NO_HEADERS = Buffer.of(0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

/** Accepts a stream. @param first whether it is the connection's first reply */
export function replyFrame(stream: number, first: boolean): Buffer {
  const headers = first ? [ZLIB_HEAD, NO_HEADERS] : [NO_HEADERS]
  return controlFrame(SYN_REPLY, Buffer.concat([uint32(stream), ...headers]))
}

const MAX_HEADER_BYTES = 64 * 1024

/** The headers of a connection's frames; they are one compressed stream, so none may be left out. */
export class HeaderReader {
  readonly #inflate = createInflate({
    dictionary: SPDY_DICTIONARY,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  #pieces: Buffer[] = []

  constructor() {
    this.#inflate.on('data', (piece: Buffer) => this.#pieces.push(piece))
  }

  /** Names are in lower case. @throws Error for what is no header block. */
  async read(compressed: Buffer): Promise<Map<string, string>> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once('error', reject)
      this.#inflate.write(compressed)
      this.#inflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#inflate.off('error', reject)
        resolve()
      })
    })
    const block = Buffer.concat(this.#pieces)
    this.#pieces = []
    if (block.length > MAX_HEADER_BYTES) throw new Error('the headers are too large')
    return parseBlock(block)
  }

  close(): void {
    this.#inflate.on('error', () => undefined)
    this.#inflate.close()
  }
}

function parseBlock(block: Buffer): Map<string, string> {
  let at = 0
  const number = (): number => {
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = (): string => {
    const length = number()
    at += length
    if (at > block.length) throw new Error('a header is cut off')
    return block.toString('utf8', at - length, at)
  }
  const headers = new Map<string, string>()
  for (let left = number(); left > 0; left--) headers.set(text().toLowerCase(), text())
  return headers
}
