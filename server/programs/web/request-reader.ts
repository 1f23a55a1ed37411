// Requests out of a stream of bytes cut anywhere. Two ways lead through it: bytes that repeat a request already
// understood are compared, everything else is parsed.
import { ChunkedReader } from '../http/chunked.ts'
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from '../http/limits.ts'
import { Repetition } from '../http/repetition.ts'
import { parseRequest, type Refusal, type Request } from './request.ts'

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const CR = 13
const LF = 10
const MAX_KNOWN = 256

/** What a reader reports, in the order of the stream. */
export interface RequestSink {
  /** `times` equal requests have arrived whole, bodies included. */
  request: (request: Request, times: number) => void
  /** The client waits for `100 Continue`. */
  expectsContinue: () => void
  /** What follows is not understood; nothing more is read. */
  refused: (status: Refusal) => void
}

interface Known {
  request: Request
  bytes: Repetition
}

/** Heads that were parsed before, by their text. A few clients send the same few heads all day. */
const known = new Map<string, Known | Request>()

function understood(head: string): Known | Request | Refusal {
  const before = known.get(head)
  if (before !== undefined) return before
  const request = parseRequest(head)
  if (typeof request === 'number') return request
  if (known.size >= MAX_KNOWN) known.clear()
  const bodiless = request.keepAlive && request.framing.kind === 'none'
  const now = bodiless
    ? { request, bytes: new Repetition(Buffer.from(`${head}\r\n\r\n`, 'latin1')) }
    : request
  known.set(head, now)
  return now
}

interface Body {
  request: Request
  /** Bytes still to come, or the chunks. */
  rest: number | ChunkedReader
  seen: number
}

/** Reads the requests of one connection. */
export class RequestReader {
  private readonly sink: RequestSink
  /** The request that is expected again; `offset` bytes of it have come. */
  private expected: Known | null = null
  private offset = 0
  /** The start of a head that is not the expected one. */
  private pending: Buffer | null = null
  private body: Body | null = null
  private stopped = false

  constructor(sink: RequestSink) {
    this.sink = sink
  }

  /** Whether a request has begun to arrive and is not whole. */
  get midRequest(): boolean {
    return this.offset > 0 || this.pending !== null || this.body !== null
  }

  /** Reads no more: everything after this is ignored. */
  stop(): void {
    this.stopped = true
  }

  /** Reads the next bytes of the stream; they are not kept. */
  read(chunk: Buffer): void {
    if (this.stopped) return
    const { expected, offset } = this
    if (expected !== null && this.pending === null && this.body === null) {
      const { bytes } = expected
      if (bytes.continues(chunk, 0, chunk.length, offset)) {
        const end = offset + chunk.length
        const times = Math.floor(end / bytes.length)
        this.offset = end - times * bytes.length
        if (times > 0) this.sink.request(expected.request, times)
        return
      }
      this.offset = 0
      if (offset > 0) chunk = Buffer.concat([bytes.start(offset), chunk])
    } else if (this.pending !== null) {
      chunk = Buffer.concat([this.pending, chunk])
      this.pending = null
    }
    this.parse(chunk)
  }

  private parse(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.stopped) {
      at = this.body === null ? this.parseHead(bytes, at) : this.skipBody(this.body, bytes, at)
    }
  }

  /** Reads one head; answers where the next message or its body starts. */
  private parseHead(bytes: Buffer, from: number): number {
    // Empty lines before a request are ignored (RFC 9112, section 2.2).
    let at = from
    while (bytes[at] === CR && bytes[at + 1] === LF) at += 2
    const end = bytes.indexOf(END_OF_HEAD, at)
    if ((end < 0 ? bytes.length : end) - at > MAX_HEAD_BYTES) return this.refuse(431, bytes)
    if (end < 0) {
      this.keep(bytes, at)
      return bytes.length
    }
    const head = understood(bytes.toString('latin1', at, end))
    if (typeof head === 'number') return this.refuse(head, bytes)
    const next = end + END_OF_HEAD.length
    if ('bytes' in head) {
      this.expected = head
      this.sink.request(head.request, 1)
    } else {
      this.startBody(head)
    }
    return next
  }

  /** Remembers the start of a head: as a place in the expected request when it may become that one. */
  private keep(bytes: Buffer, from: number): void {
    if (from >= bytes.length) return
    const expected = this.expected?.bytes
    const length = bytes.length - from
    if (expected && length < expected.length && expected.continues(bytes, from, bytes.length, 0)) {
      this.offset = length
    } else {
      this.pending = Buffer.from(bytes.subarray(from))
    }
  }

  private startBody(request: Request): void {
    const { framing } = request
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) {
      this.finish(request)
      return
    }
    const body: Body = { request, rest: 0, seen: 0 }
    body.rest =
      framing.kind === 'length'
        ? framing.length
        : new ChunkedReader((data) => {
            body.seen += data.length
          })
    this.body = body
    if (request.expectsContinue) this.sink.expectsContinue()
  }

  /** Throws bytes of a body away; answers how far it got. */
  private skipBody(body: Body, bytes: Buffer, from: number): number {
    if (typeof body.rest === 'number') {
      const end = Math.min(bytes.length, from + body.rest)
      body.rest -= end - from
      if (body.rest === 0) this.finish(body.request)
      return end
    }
    const end = body.rest.read(bytes, from, bytes.length)
    if (end < 0) return this.refuse(400, bytes)
    if (body.seen > MAX_BODY_BYTES) return this.refuse(413, bytes)
    if (body.rest.done) this.finish(body.request)
    return end
  }

  private finish(request: Request): void {
    this.body = null
    if (!request.keepAlive) this.stopped = true
    this.sink.request(request, 1)
  }

  private refuse(status: Refusal, bytes: Buffer): number {
    this.stopped = true
    this.body = null
    this.sink.refused(status)
    return bytes.length
  }
}
