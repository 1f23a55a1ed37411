// The front of the API's connections. A plain request that has arrived whole is answered here, without node's HTTP server
// in between; at the first that is anything else, the connection goes to node's server for good, with its unread bytes.
import type { TLSSocket } from 'node:tls'
import { NeedsStreaming, type Outgoing } from './exchange.ts'
import { WholeAnswer } from './whole-answer.ts'
import { readRequest, type Fields, type WholeRequest } from './wire.ts'

export interface FrontOptions {
  /** Answers, by ending `response` exactly once; rejects with NeedsStreaming, having done nothing, when it cannot so. */
  answer: (request: WholeRequest, response: Outgoing) => Promise<void>
  /** Takes a connection over; it reads what is put back into it. */
  handOver: (socket: TLSSocket) => void
  /** A connection on which nothing happens for so long is closed. */
  idleMs: number
  now: () => number
}

/** More than this never waits here for its end to come: it is node's to receive. */
const MAX_WAITING = 1024 * 1024

/** Serves the connection until it ends or is handed over. */
export function serveConnection(socket: TLSSocket, options: FrontOptions, tail: Tail): void {
  new Front(socket, options, tail).start()
}

/** The header lines that every answer carries; the date in them is a second exact (RFC 9110 6.6.1). */
export class Tail {
  readonly #keepAlive: string
  #second = NaN
  #text = ''

  constructor(idleMs: number) {
    this.#keepAlive = `keep-alive: timeout=${Math.floor(idleMs / 1000)}\r\n`
  }

  at(now: number): string {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = `date: ${new Date(second * 1000).toUTCString()}\r\n${this.#keepAlive}`
    }
    return this.#text
  }
}

class Front {
  readonly #socket: TLSSocket
  readonly #options: FrontOptions
  readonly #tail: Tail
  #unread: Buffer | undefined
  #fields: Fields | undefined
  #answering = false
  #waiting = false
  #gone = false

  constructor(socket: TLSSocket, options: FrontOptions, tail: Tail) {
    this.#socket = socket
    this.#options = options
    this.#tail = tail
  }

  start(): void {
    const socket = this.#socket
    socket.setTimeout(this.#options.idleMs)
    socket.on('timeout', this.#onTimeout)
    socket.on('error', this.#onError)
    socket.on('end', this.#onEnd)
    socket.on('drain', this.#next)
    socket.on('data', this.#onData)
  }

  readonly #onTimeout = (): void => {
    if (!this.#answering) this.#socket.destroy()
  }

  // 'close' follows, which is all there is to know.
  readonly #onError = (): void => undefined

  readonly #onEnd = (): void => {
    if (!this.#answering) this.#socket.end()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#unread = this.#unread ? Buffer.concat([this.#unread, chunk]) : chunk
    if (this.#answering && this.#unread.length > MAX_WAITING) this.#socket.pause()
    this.#next()
  }

  /** Looks whether there is a request to answer, unless one is being answered or its answer has not gone out yet. */
  readonly #next = (): void => {
    if (this.#answering || this.#gone || this.#socket.writableNeedDrain) return
    const bytes = this.#unread
    if (!bytes) return
    const reading = readRequest(bytes, this.#fields)
    if (reading === 'unusual') return this.#handOver()
    if (reading === 'incomplete') return this.#waitForRest(bytes)
    this.#fields = reading.fields
    this.#answer(reading.request, bytes, reading.end)
  }

  /** A request may come in several records; one that has not come whole by the next turn is node's to wait for. */
  #waitForRest(bytes: Buffer): void {
    if (bytes.length > MAX_WAITING) return this.#handOver()
    if (this.#waiting) return
    this.#waiting = true
    setImmediate(() => {
      this.#waiting = false
      if (this.#answering || this.#gone || !this.#unread) return
      if (readRequest(this.#unread, this.#fields) === 'incomplete') this.#handOver()
      else this.#next()
    })
  }

  #answer(request: WholeRequest, bytes: Buffer, end: number): void {
    this.#answering = true
    this.#unread = end === bytes.length ? undefined : bytes.subarray(end)
    const tail = this.#tail.at(this.#options.now())
    const response = new WholeAnswer(this.#socket, tail, this.#onAnswered)
    this.#options.answer(request, response).catch((error: unknown) => {
      this.#answering = false
      if (!(error instanceof NeedsStreaming)) return void this.#socket.destroy()
      this.#unread = this.#unread ? Buffer.concat([bytes.subarray(0, end), this.#unread]) : bytes
      this.#handOver()
    })
  }

  readonly #onAnswered = (): void => {
    this.#answering = false
    if (this.#socket.isPaused()) this.#socket.resume()
    if (this.#socket.readableEnded) this.#socket.end()
    // Not from within the answer's own turn: pipelined requests take turns with other connections.
    else if (this.#unread) setImmediate(this.#next)
  }

  #handOver(): void {
    if (this.#gone || this.#socket.destroyed) return
    this.#gone = true
    const socket = this.#socket
    socket.setTimeout(0)
    socket.off('timeout', this.#onTimeout)
    socket.off('end', this.#onEnd)
    socket.off('drain', this.#next)
    socket.off('data', this.#onData)
    this.#options.handOver(socket)
    socket.off('error', this.#onError)
    if (this.#unread) socket.unshift(this.#unread)
    if (socket.isPaused()) socket.resume()
  }
}
