// A web server that loses nothing when it is told to go.
//
// Draining: accepting goes on for a moment, because closing a listening socket resets what waits in its queue; every
// connection gets the answers to everything that was read, the last one with `Connection: close`; idle connections are
// half-closed; then each is read until its client closes it. A client knows that what it has no answer to was not acted
// on, so `answered` and the clients' counts agree.
import net from 'node:net'
import { Connection, type Answering, type Peer } from './connection.ts'
import { Replies, type Identity } from './replies.ts'
import type { Request } from './request.ts'

const PATHS = new Set(['/', '/-/ready', '/-/stats', '/-/client'])
const SWEEP_MS = 1000
/** Seconds a connection may be idle, or in the middle of a request (nginx: keepalive_timeout, client_header_timeout). */
const IDLE_SECONDS = 75
const MID_REQUEST_SECONDS = 60
/** Seconds a client gets to read its last answer and close. */
const LINGER_SECONDS = 10
/** Draining: a listener that nobody has come to for this long (ms) is closed, and idle connections with it. */
const QUIET_MS = 20
/** Draining: a new connection may take this long (ms) to ask for something. */
const FIRST_REQUEST_MS = 250

export interface WebOptions extends Identity {
  address: string
  port: number
  /** Where its page is, besides `/`. */
  path?: string
  /** What `/-/ready` says while it is not draining. */
  ready: boolean
}

/** What `/-/stats` says. */
export interface WebStats {
  pod: string
  version: string
  /** Requests outside `/-/` whose answers the kernel has taken. */
  answered: number
  connections: number
  accepted: number
  draining: boolean
}

/**
 * Resolves when the kernel was asked, from now on, who has come and what was sent. Time alone does not tell that nobody has:
 * timers come before that question, each turn of the event loop accepts one connection (libuv, uv__server_io), and on a busy
 * machine turns are far apart.
 */
async function polled(): Promise<void> {
  // The first of two turns may be half over.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Started with `listen`, ended with `drain`. */
export class WebServer implements Answering {
  private readonly options: WebOptions
  private readonly replies: Replies
  /** Since when (ms). */
  private readonly connections = new Map<Connection, number>()
  private readonly listener: net.Server
  private readonly sweeper: NodeJS.Timeout
  private answeredCount = 0
  private accepted = 0
  private acceptedAt = 0
  private seconds = 0
  private isDraining = false
  private onEmpty: () => void = () => undefined

  constructor(options: WebOptions) {
    this.options = options
    this.replies = new Replies(options)
    this.listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.accept(socket),
    )
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS)
  }

  /** Listens; answers the port. Rejects with the listener's error (EADDRINUSE, EADDRNOTAVAIL, EACCES). */
  async listen(): Promise<number> {
    const { listener } = this
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen({ host: this.options.address, port: this.options.port, backlog: 4096 }, () =>
        resolve(),
      )
    })
    const address = listener.address()
    return typeof address === 'object' && address !== null ? address.port : this.options.port
  }

  stats(): WebStats {
    const { pod, version } = this.options
    return {
      pod,
      version,
      answered: this.answeredCount,
      connections: this.connections.size,
      accepted: this.accepted,
      draining: this.isDraining,
    }
  }

  /** Goes in good order, in at most `graceMs`; resolves when the last connection is closed. */
  async drain(graceMs: number): Promise<void> {
    if (this.isDraining) return
    this.isDraining = true
    const until = performance.now() + graceMs
    const started = performance.now()
    let listening = true
    while (performance.now() < until && (listening || this.connections.size > 0)) {
      await this.pause(QUIET_MS)
      const [now, { accepted }] = [performance.now(), this]
      await polled()
      const quiet = now - Math.max(started, this.acceptedAt) >= QUIET_MS
      if (listening && quiet && this.accepted === accepted) {
        listening = false
        this.listener.close()
      }
      for (const [connection, since] of this.connections) {
        connection.drain(now - Math.max(started, since) > FIRST_REQUEST_MS)
      }
    }
    this.close()
  }

  /** Ends everything at once. */
  close(): void {
    clearInterval(this.sweeper)
    this.listener.close()
    for (const connection of this.connections.keys()) connection.destroy()
  }

  reply(request: Request, times: number, last: boolean, from: Peer): Buffer {
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (reads && this.isPage(request.path)) return this.replies.pageFor(request, last).of(times)
    const reply = this.uncommon(request, last, from)
    return times === 1 ? reply : Buffer.concat(Array<Buffer>(times).fill(reply))
  }

  refusal(status: number): Buffer {
    return this.replies.status(status, null, true)
  }

  answered(path: string, times: number): void {
    if (!path.startsWith('/-/')) this.answeredCount += times
  }

  draining(): boolean {
    return this.isDraining
  }

  private uncommon(request: Request, last: boolean, from: Peer): Buffer {
    const { method, path } = request
    const known = PATHS.has(path) || this.isPage(path)
    if (method === 'OPTIONS' && (known || path === '*')) {
      return this.replies.status(200, request, last, 'Allow: GET, HEAD, OPTIONS\r\n')
    }
    if (!known) return this.replies.status(404, request, last)
    if (method !== 'GET' && method !== 'HEAD') {
      return this.replies.status(405, request, last, 'Allow: GET, HEAD, OPTIONS\r\n')
    }
    if (path === '/-/ready') {
      return this.replies.status(this.options.ready && !this.isDraining ? 200 : 503, request, last)
    }
    const said = path === '/-/client' ? { client: from.address() } : this.stats()
    const body = `${JSON.stringify(said)}\n`
    return this.replies.build({ status: 200, type: 'application/json', body }, request, last)
  }

  private isPage(path: string): boolean {
    return path === '/' || path === this.options.path
  }

  private accept(socket: net.Socket): void {
    this.accepted++
    this.acceptedAt = performance.now()
    const connection = new Connection(socket, this, () => this.seconds)
    this.connections.set(connection, this.acceptedAt)
    socket.on('close', () => {
      this.connections.delete(connection)
      if (this.connections.size === 0) this.onEmpty()
    })
  }

  private sweep(): void {
    this.seconds++
    this.replies.refresh(new Date())
    for (const connection of this.connections.keys()) {
      const { finishedAt, activeAt } = connection
      if (finishedAt !== null) {
        if (this.seconds - finishedAt > LINGER_SECONDS) connection.destroy()
      } else if (
        this.seconds - activeAt >
        (connection.midRequest ? MID_REQUEST_SECONDS : IDLE_SECONDS)
      ) {
        connection.expire()
      }
    }
  }

  /** Waits, or until the last connection closes. */
  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.onEmpty = () => undefined
  }
}
