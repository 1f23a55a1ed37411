// One connection: everything a chunk asks for is answered by one write. Its last answer says so, then it is half-closed
// and read to its end, for closing a socket that still has unread bytes resets it, and a reset can overtake answers.
import type { Socket } from 'node:net'
import { RequestReader, type RequestSink } from './request-reader.ts'
import type { Refusal, Request } from './request.ts'

const NOTHING = Buffer.alloc(0)
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')

/** Who is at the other end. */
export interface Peer {
  /** `127.64.0.3:40123`, as this end sees it. */
  address: () => string
}

/** What a connection needs of its server. */
export interface Answering {
  /** The bytes that answer `times` equal requests; `last` is the connection's last answer. */
  reply: (request: Request, times: number, last: boolean, from: Peer) => Buffer
  refusal: (status: Refusal | 408) => Buffer
  /** `times` requests for this resource were answered: the kernel has taken the answers. */
  answered: (path: string, times: number) => void
  draining: () => boolean
}

interface Batch {
  request: Request
  times: number
}

/** Serves one accepted socket until it is closed. */
export class Connection implements RequestSink, Peer {
  /** In seconds of the server's sweep: when bytes last came. */
  activeAt: number
  /** When it was half-closed, in the same seconds; null while it is open for requests. */
  finishedAt: number | null = null
  private readonly socket: Socket
  private readonly server: Answering
  private readonly reader = new RequestReader(this)
  private batches: Batch[] = []
  private refusal: Refusal | null = null
  /** Whether it ever asked for anything. */
  private used = false
  private readonly now: () => number

  constructor(socket: Socket, server: Answering, now: () => number) {
    this.socket = socket
    this.server = server
    this.now = now
    this.activeAt = now()
    socket.on('data', (chunk: Buffer) => this.read(chunk))
    socket.on('end', () => this.finish(null))
    socket.on('drain', () => socket.resume())
    // A reset, or a peer that is gone: what was not sent is not counted, and 'close' follows.
    socket.on('error', () => undefined)
  }

  request(request: Request, times: number): void {
    const last = this.batches.at(-1)
    if (last?.request === request) last.times += times
    else this.batches.push({ request, times })
  }

  expectsContinue(): void {
    this.flush()
    this.socket.write(CONTINUE)
  }

  refused(status: Refusal): void {
    this.refusal = status
  }

  get midRequest(): boolean {
    return this.reader.midRequest
  }

  /**
   * The server drains: a connection in the middle of a request stays for it, one that never asked for anything stays a
   * little; true when it is idle and was closed.
   */
  drain(closeUnused: boolean): boolean {
    if (this.finishedAt !== null) return true
    if (this.reader.midRequest || (!this.used && !closeUnused)) return false
    this.finish(null)
    return true
  }

  /** Closes a connection that has been idle for too long; one in the middle of a request is told so. */
  expire(): void {
    this.finish(this.reader.midRequest ? this.server.refusal(408) : null)
  }

  destroy(): void {
    this.socket.destroy()
  }

  address(): string {
    return `${this.socket.remoteAddress ?? ''}:${this.socket.remotePort ?? ''}`
  }

  private read(chunk: Buffer): void {
    // Requests that come after the last answer are never acted on, so the client can send them elsewhere.
    if (this.finishedAt !== null) return
    this.activeAt = this.now()
    this.used = true
    this.reader.read(chunk)
    this.flush()
  }

  /** Answers what has been read, by one write. */
  private flush(): void {
    const { batches, refusal } = this
    if (batches.length === 0 && refusal === null) return
    this.batches = []
    const last = batches.at(-1)
    const closes = refusal !== null || last?.request.keepAlive === false || this.server.draining()
    const parts: Buffer[] = []
    for (const batch of batches) {
      const { request, times } = batch
      const final = closes && refusal === null && batch === last ? 1 : 0
      if (times > final) parts.push(this.server.reply(request, times - final, false, this))
      if (final === 1) parts.push(this.server.reply(request, 1, true, this))
    }
    if (refusal !== null) parts.push(this.server.refusal(refusal))
    this.write(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts), batches)
    if (closes) this.finish(null)
  }

  private write(bytes: Buffer, batches: Batch[]): void {
    const accepted = this.socket.write(bytes)
    if (this.socket.writableLength === 0) {
      this.count(batches)
      return
    }
    // An empty write is done when everything before it is; it fails when the connection does.
    this.socket.write(NOTHING, (error) => {
      if (!error) this.count(batches)
    })
    // A client that does not read its answers may not ask for more.
    if (!accepted) this.socket.pause()
  }

  private count(batches: readonly Batch[]): void {
    for (const { request, times } of batches) this.server.answered(request.path, times)
  }

  private finish(farewell: Buffer | null): void {
    if (this.finishedAt !== null) return
    this.finishedAt = this.now()
    this.reader.stop()
    if (farewell) this.socket.end(farewell)
    else this.socket.end()
    // From here on everything is read and dropped, so that the client's end is seen.
    this.socket.resume()
  }
}
