// The API over HTTPS: whole requests are answered by a front of our own, everything else by node's server behind it.
import type { IncomingMessage, Server } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { Caller } from '../../shared/operation.ts'
import { noSuchPath } from '../../shared/status.ts'
import type { Authenticator } from './access/authenticate.ts'
import { authorizePath } from './access/authorize.ts'
import type { Api } from './api.ts'
import { deniedEvent, type AuditEvent, type Refused } from './audit/event.ts'
import type { Core } from './core.ts'
import {
  NeedsStreaming,
  sendError,
  type Exchange,
  type Incoming,
  type Outgoing,
} from './http/exchange.ts'
import { serveConnection, Tail } from './http/front.ts'
import { callerOf, peerOf, type Peer } from './http/identity.ts'
import {
  isHealth,
  isOpen,
  serveNonResource,
  serveOpen,
  serveResourceList,
  type VersionInfo,
} from './http/nonresources.ts'
import { serveResource } from './http/resources.ts'
import { serveUpgrade } from './http/upgrade.ts'

export interface ServeOptions {
  /** A loopback address. */
  host: string
  /** 0: any free one. */
  port: number
  /** PEM; `ca` signs the certificates that clients come with. */
  tls: { cert: string; key: string; ca: string }
  authenticate: Authenticator
  version: VersionInfo
  /** Told of requests that were refused for who sent them. */
  onDenied?: (event: AuditEvent) => void
  /** Told of failures that are the server's own; answers never carry them. */
  onError?: (error: unknown) => void
}

export interface ApiServer {
  readonly port: number
  /** Ends watches and connections; resolves when the port is free again. */
  close(): Promise<void>
}

/** Longer than clients keep idle connections, so that it is they who close (client-go: 90 s). */
const KEEP_ALIVE_MS = 120_000

const CIPHERS = `TLS_AES_128_GCM_SHA256:${tls.DEFAULT_CIPHERS}`

/** Listens and serves. Rejects when the address cannot be listened on. */
export async function serveApi(api: Api, options: ServeOptions): Promise<ApiServer> {
  const server = https.createServer({
    ...options.tls,
    // A certificate says who comes; whoever has none may have a token.
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    // Go's order: the shorter key first, for it is faster and nothing shorter than that is broken.
    ciphers: CIPHERS,
    honorCipherOrder: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
  })
  const sockets = putFront(server, api, options)
  server.on('request', (request, response) => {
    // Whoever hangs up in the middle of an answer is told of by 'close'.
    response.on('error', () => undefined)
    void answerOrRefuse(api, options, request, response, peerOf(request.socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const peer = peerOf(request.socket)
    const receivedAt = api.core.clock.now()
    const identify = async (): Promise<Exchange> => {
      const caller = await callerOf(api.core, request, peer, options.authenticate)
      return new Received(request, undefined, caller)
    }
    const onRefused = (error: unknown, caller: Caller | undefined): void =>
      audit(api.core, options, { request, address: peer.address, caller, error, receivedAt })
    serveUpgrade(api.core, request, socket, head, identify, onRefused).catch(() => socket.destroy())
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
    else socket.destroy()
  })
  server.on('tlsClientError', () => undefined)
  await listening(server, options)
  const { port } = server.address() as AddressInfo
  return { port, close: () => closed(server, sockets) }
}

/** Every connection comes to the front first. Answers the set of those that are open, wherever they have got to. */
function putFront(server: Server, api: Api, options: ServeOptions): ReadonlySet<TLSSocket> {
  const takeOver = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  const sockets = new Set<TLSSocket>()
  const tail = new Tail(KEEP_ALIVE_MS)
  const front = {
    handOver: (socket: TLSSocket) => {
      for (const take of takeOver) take.call(server, socket)
    },
    idleMs: KEEP_ALIVE_MS,
    now: Date.now,
  }
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const peer = peerOf(socket)
    const answer = (request: Incoming, response: Outgoing) =>
      answerOrRefuse(api, options, request, response, peer)
    serveConnection(socket, { ...front, answer }, tail)
  })
  return sockets
}

function listening(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
  })
}

function report({ onError }: ServeOptions, error: unknown): void {
  const ours = !(error instanceof Error && 'status' in error) && !isDisconnect(error)
  if (ours) onError?.(error)
}

/** The caller went away in the middle: nobody's failure. */
function isDisconnect(error: unknown): boolean {
  const { code, name } = error as NodeJS.ErrnoException
  return (
    name === 'AbortError' ||
    ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'].includes(
      code ?? '',
    )
  )
}

/** Answers, if only with what went wrong. Rejects with NeedsStreaming alone, nothing being done then. */
async function answerOrRefuse(
  api: Api,
  options: ServeOptions,
  request: Incoming,
  response: Outgoing,
  peer: Peer,
): Promise<void> {
  const receivedAt = api.core.clock.now()
  let caller: Caller | undefined
  try {
    const asking = callerOf(api.core, request, peer, options.authenticate)
    caller = asking instanceof Promise ? await asking : asking
    // Most are answered in the turn in which they came: waiting for nothing costs a turn too.
    const answering = answer(api, options, new Received(request, response, caller))
    if (answering) await answering
  } catch (error) {
    if (error instanceof NeedsStreaming) throw error
    report(options, error)
    audit(api.core, options, { request, address: peer.address, caller, error, receivedAt })
    sendError(response, error)
  }
}

function audit({ clock }: Core, { onDenied }: ServeOptions, refused: Omit<Refused, 'now'>): void {
  const event = onDenied && deniedEvent({ ...refused, now: clock.now() })
  if (event) onDenied(event)
}

function answer(api: Api, options: ServeOptions, exchange: Exchange): Promise<void> | void {
  const { pathname, request } = exchange
  const path = api.core.remembered.paths.of(pathname)
  if (path?.plural !== undefined) return serveResource(api.core, exchange, path)
  const method = request.method ?? 'GET'
  // Whether the API is well, anybody may know, even before there are roles (--authorization-always-allow-paths).
  if (!isHealth(pathname)) {
    authorizePath(api.core, exchange.caller, { verb: method.toLowerCase(), path: pathname })
  }
  if (method !== 'GET' && method !== 'HEAD') throw noSuchPath()
  if (isOpen(pathname)) return serveOpen(exchange, options.version)
  return path ? serveResourceList(api.core, exchange, path) : serveNonResource(api.core, exchange)
}

function pathOf(request: Incoming) {
  const url = request.url ?? '/'
  const at = url.indexOf('?')
  const pathname = at < 0 ? url : url.slice(0, at)
  const search = at < 0 ? '' : url.slice(at)
  return { pathname, search }
}

/** Made for every request, so it does only what is sure to be needed. */
class Received implements Exchange {
  readonly request: Incoming
  readonly response: Outgoing
  readonly caller: Caller
  readonly pathname: string
  readonly search: string
  readonly query: URLSearchParams
  readonly warnings: string[] = []
  #signal: AbortSignal | undefined

  /** @param response absent for a connection that changes its protocol */
  constructor(request: Incoming, response: Outgoing | undefined, caller: Caller) {
    const { pathname, search } = pathOf(request)
    this.request = request
    this.response = response as Outgoing
    this.caller = caller
    this.pathname = pathname
    this.search = search
    this.query = search === '' ? NO_QUERY : new URLSearchParams(search)
  }

  get signal(): AbortSignal {
    return (this.#signal ??= signalOf(this.response))
  }
}

/** Read by many, written by nobody. */
const NO_QUERY = new URLSearchParams()

/** Aborted when the answer's connection is closed, now or later. */
function signalOf(response: Outgoing | undefined): AbortSignal {
  const gone = new AbortController()
  if (response?.closed || response?.destroyed) gone.abort()
  else response?.once('close', () => gone.abort())
  return gone.signal
}
