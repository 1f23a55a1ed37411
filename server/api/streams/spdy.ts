// The serving end of a SPDY/3.1 connection: streams that the client opens, as Duplex streams of node.
import { Duplex } from 'node:stream'
import type { Frame } from './spdy-frames.ts'
import {
  dataFrame,
  FrameReader,
  GOAWAY,
  HeaderReader,
  PING,
  pingFrame,
  replyFrame,
  resetFrame,
  RST_STREAM,
  streamOf,
  SYN_STREAM,
} from './spdy-frames.ts'

/** What carries the frames: a connection of its own, or the messages of a WebSocket. */
export interface Carrier {
  /** Resolves when the bytes are on their way. */
  send(bytes: Uint8Array): Promise<void>
  /** What arrives waits until `resume`. */
  pause(): void
  resume(): void
  close(): void
}

/** As much of one stream may wait for its reader before the whole connection waits. */
const MAX_WAITING_BYTES = 1024 * 1024
/** Streams open at a time: a client cannot make us hold more. */
const MAX_STREAMS = 2_000
/** Priority, slot and what else stands before the headers of SYN_STREAM. */
const BEFORE_HEADERS = 10

export class SpdyConnection {
  readonly #carrier: Carrier
  readonly #opened: (stream: SpdyStream) => void
  readonly #frames = new FrameReader()
  readonly #headers = new HeaderReader()
  readonly #streams = new Map<number, SpdyStream>()
  #replied = false
  #closed = false
  #waiting = 0
  #work: Promise<void> = Promise.resolve()

  constructor(carrier: Carrier, opened: (stream: SpdyStream) => void) {
    this.#carrier = carrier
    this.#opened = opened
  }

  /** Takes what arrived, in order. */
  receive(chunk: Buffer): void {
    this.hold()
    this.#work = this.#work
      .then(async () => {
        for (const frame of this.#frames.push(chunk)) await this.#take(frame)
      })
      .catch(() => this.close())
      .finally(() => this.release())
  }

  /** Ends every stream; harmless when it is closed already. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const stream of this.#streams.values()) stream.destroy()
    this.#headers.close()
    this.#carrier.close()
  }

  send(bytes: Buffer): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#carrier.send(bytes)
  }

  /** Somebody cannot take more: nothing is read until everybody who held has released. */
  hold(): void {
    if (this.#waiting++ === 0) this.#carrier.pause()
  }

  release(): void {
    if (--this.#waiting === 0 && !this.#closed) this.#carrier.resume()
  }

  async #take(frame: Frame): Promise<void> {
    if (this.#closed) return
    if (frame.kind === 'data')
      return this.#streams.get(frame.stream)?.arrived(frame.bytes, frame.fin)
    switch (frame.type) {
      case SYN_STREAM:
        return this.#open(frame.bytes, frame.fin)
      case PING:
        return this.send(pingFrame(frame.bytes))
      case RST_STREAM:
        this.#streams.get(streamOf(frame.bytes))?.wasReset()
        return
      case GOAWAY:
        return this.close()
      default: // SETTINGS and WINDOW_UPDATE: Kubernetes' clients keep no windows.
    }
  }

  async #open(bytes: Buffer, fin: boolean): Promise<void> {
    const id = streamOf(bytes)
    const headers = await this.#headers.read(bytes.subarray(BEFORE_HEADERS))
    if (this.#streams.size >= MAX_STREAMS) return this.send(resetFrame(id))
    const stream = new SpdyStream(this, id, headers)
    this.#streams.set(id, stream)
    stream.once('close', () => this.#streams.delete(id))
    stream.on('error', () => undefined)
    await this.send(replyFrame(id, !this.#replied))
    this.#replied = true
    if (fin) stream.arrived(Buffer.alloc(0), true)
    this.#opened(stream)
  }
}

/** Destroyed before both ends have finished, it is reset. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: ReadonlyMap<string, string>
  readonly #connection: SpdyConnection
  #holds = false
  #over = false

  constructor(connection: SpdyConnection, id: number, headers: ReadonlyMap<string, string>) {
    super()
    this.#connection = connection
    this.id = id
    this.headers = headers
  }

  arrived(bytes: Buffer, fin: boolean): void {
    if (this.readableEnded || this.destroyed) return
    if (bytes.length > 0) this.push(bytes)
    if (fin) this.push(null)
    if (this.readableLength < MAX_WAITING_BYTES || this.#holds) return
    this.#holds = true
    this.#connection.hold()
  }

  wasReset(): void {
    this.#over = true
    this.destroy()
  }

  override _read(): void {
    if (!this.#holds) return
    this.#holds = false
    this.#connection.release()
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    void this.#connection.send(dataFrame(this.id, bytes, false)).then(done)
  }

  override _final(done: () => void): void {
    void this.#connection.send(dataFrame(this.id, Buffer.alloc(0), true)).then(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read()
    const finished = this.writableFinished && this.readableEnded
    if (!finished && !this.#over) void this.#connection.send(resetFrame(this.id))
    done(error)
  }
}
