// Answers out of a stream of bytes cut anywhere, every one verified. An answer that was verified once is known by its
// bytes: as long as the stream repeats it, a comparison of memory is the whole verification.
import { ChunkedReader } from '../http/chunked.ts'
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from '../http/limits.ts'
import { Repetition } from '../http/repetition.ts'
import { parseAnswer, type AnswerHead } from './answer.ts'

const NOTHING = Buffer.alloc(0)
const END_OF_HEAD = Buffer.from('\r\n\r\n')

export type Verdict = 'answered' | 'badStatus' | 'wrongBody'

/** What a reader reports, in the order of the stream. */
export interface AnswerSink {
  /** `count` answers from one server have come whole. */
  answers: (verdict: Verdict, count: number, pod: string, version: string) => void
  /** That was the server's last answer on this connection. */
  ended: () => void
  /** What follows is no HTTP. */
  malformed: () => void
}

/** The bodies that servers of a version give: the first one seen is what all of them must be. */
export class KnownBodies {
  private readonly bodies = new Map<string, Buffer>()

  /** Whether `body` is what servers of this version answer. */
  matches(version: string, body: Buffer): boolean {
    const known = this.bodies.get(version)
    if (known !== undefined) return known.equals(body)
    this.bodies.set(version, Buffer.from(body))
    return true
  }
}

interface Known {
  bytes: Repetition
  pod: string
  version: string
}

/** An answer whose body is still coming. */
interface Coming {
  head: AnswerHead
  /** Bytes to come; the chunks; or null when the body ends with the connection. */
  rest: number | ChunkedReader | null
  body: Buffer[]
  size: number
}

/** Reads the answers on one connection. */
export class AnswerReader {
  private readonly sink: AnswerSink
  private readonly bodies: KnownBodies
  /** The answer that is expected again; `offset` bytes of it have come. */
  private expected: Known | null = null
  private offset = 0
  private pending: Buffer = NOTHING
  private coming: Coming | null = null
  private stopped = false

  constructor(sink: AnswerSink, bodies: KnownBodies) {
    this.sink = sink
    this.bodies = bodies
  }

  /** Reads bytes 0–`length` of `chunk`; they are not kept. */
  read(chunk: Buffer, length: number): void {
    if (this.stopped) return
    const { expected, offset } = this
    if (expected !== null && this.pending.length === 0 && this.coming === null) {
      const { bytes } = expected
      if (bytes.continues(chunk, 0, length, offset)) {
        const end = offset + length
        const count = Math.floor(end / bytes.length)
        this.offset = end - count * bytes.length
        if (count > 0) this.sink.answers('answered', count, expected.pod, expected.version)
        return
      }
      this.pending = bytes.start(offset)
      this.offset = 0
    }
    const part = chunk.subarray(0, length)
    const bytes = this.pending.length === 0 ? part : Buffer.concat([this.pending, part])
    this.pending = NOTHING
    this.parse(bytes)
  }

  /** The server has closed: true when it did so in the middle of an answer. */
  end(): boolean {
    if (this.stopped) return false
    this.stopped = true
    const { coming } = this
    if (coming !== null && coming.rest === null) {
      this.finish(coming)
      return false
    }
    return coming !== null || this.offset > 0 || this.pending.length > 0
  }

  private parse(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.stopped) {
      at = this.coming === null ? this.parseHead(bytes, at) : this.readBody(this.coming, bytes, at)
    }
  }

  private parseHead(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(END_OF_HEAD, from)
    if (end < 0 || end - from > MAX_HEAD_BYTES) {
      if (bytes.length - from > MAX_HEAD_BYTES) return this.giveUp(bytes)
      this.keep(bytes, from)
      return bytes.length
    }
    const head = parseAnswer(bytes.toString('latin1', from, end))
    if (head === null) return this.giveUp(bytes)
    const next = end + END_OF_HEAD.length
    if (head.status < 200) return next
    const { framing } = head
    const coming: Coming = { head, rest: 0, body: [], size: 0 }
    if (framing.kind === 'length') {
      if (next + framing.length <= bytes.length) return this.whole(head, bytes, from, next, framing)
      coming.rest = framing.length
    } else if (framing.kind === 'chunked') {
      coming.rest = new ChunkedReader((data) => this.collect(coming, data))
    } else if (framing.kind === 'close') {
      coming.rest = null
    }
    this.coming = coming
    if (coming.rest === 0) this.finish(coming)
    return next
  }

  /** An answer that lies whole in `bytes`: verified, and from now on expected. */
  private whole(
    head: AnswerHead,
    bytes: Buffer,
    from: number,
    bodyAt: number,
    { length }: { length: number },
  ): number {
    const end = bodyAt + length
    const verdict = this.verdictOn(head, bytes.subarray(bodyAt, end))
    if (verdict === 'answered' && !head.last) {
      const { pod, version } = head
      const before = this.expected?.bytes
      if (before?.length !== end - from || !before.continues(bytes, from, end, 0)) {
        const one = Buffer.from(bytes.subarray(from, end))
        this.expected = { bytes: new Repetition(one), pod, version }
      }
    }
    this.report(head, verdict)
    return end
  }

  private verdictOn(head: AnswerHead, body: Buffer): Verdict {
    if (head.status > 299) return 'badStatus'
    return this.bodies.matches(head.version, body) ? 'answered' : 'wrongBody'
  }

  private readBody(coming: Coming, bytes: Buffer, from: number): number {
    if (coming.rest === null || typeof coming.rest === 'number') {
      const end = Math.min(bytes.length, from + (coming.rest ?? bytes.length))
      this.collect(coming, bytes.subarray(from, end))
      if (coming.rest !== null) {
        coming.rest -= end - from
        if (coming.rest === 0) this.finish(coming)
      }
      return end
    }
    const end = coming.rest.read(bytes, from, bytes.length)
    if (end < 0 || coming.size > MAX_BODY_BYTES) return this.giveUp(bytes)
    if (coming.rest.done) this.finish(coming)
    return end
  }

  private collect(coming: Coming, data: Buffer): void {
    coming.size += data.length
    if (coming.size <= MAX_BODY_BYTES) coming.body.push(Buffer.from(data))
  }

  private finish(coming: Coming): void {
    this.coming = null
    this.report(coming.head, this.verdictOn(coming.head, Buffer.concat(coming.body)))
  }

  private report(head: AnswerHead, verdict: Verdict): void {
    this.sink.answers(verdict, 1, head.pod, head.version)
    if (!head.last) return
    this.stopped = true
    this.sink.ended()
  }

  /** Remembers the start of an answer: as a place in the expected one when it may become that one. */
  private keep(bytes: Buffer, from: number): void {
    const expected = this.expected?.bytes
    const length = bytes.length - from
    if (expected && length < expected.length && expected.continues(bytes, from, bytes.length, 0)) {
      this.offset = length
    } else {
      this.pending = Buffer.from(bytes.subarray(from))
    }
  }

  private giveUp(bytes: Buffer): number {
    this.stopped = true
    this.sink.malformed()
    return bytes.length
  }
}
