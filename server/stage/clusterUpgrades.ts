// Upgrades through the door: exec, attach and proxied WebSockets are joined with the API's; streams are served here.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Status } from '../../shared/status.ts'
import { unavailable } from '../../shared/status.ts'
import { STREAM_PROTOCOLS } from '../../shared/door.ts'
import type { Admission } from './access.ts'
import { startStreamSockets } from './streamSockets.ts'
import type { Upstream } from './upstream.ts'
import { headText } from './upstream.ts'

export interface UpgradeDeps {
  upstream: Upstream
  /** Where the door is: `/k8s`. */
  prefix: string
  /** May this handshake come in? */
  admits: (request: IncomingMessage) => Admission
}

export interface ClusterUpgrades {
  /** Takes the handshake if it is the door's; false: somebody else's. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  close(): void
}

/** Serves the WebSockets of the door. */
export function clusterUpgrades({ upstream, prefix, admits }: UpgradeDeps): ClusterUpgrades {
  const streams = startStreamSockets(upstream)
  return {
    take(request, socket, head) {
      const url = request.url ?? ''
      if (!url.startsWith(`${prefix}/`)) return false
      socket.on('error', () => socket.destroy())
      const admission = admits(request)
      const path = url.slice(prefix.length)
      if (!admission.admitted) refuse(socket, statusOf(admission))
      else if (isStream(request)) streams.accept(request, socket, head, path)
      else join(upstream, request, socket, head, path)
      return true
    },
    close: () => streams.close(),
  }
}

function isStream({ headers }: IncomingMessage): boolean {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
  return Object.values(STREAM_PROTOCOLS).some((protocol) => offered.includes(protocol))
}

function statusOf({ code, why }: Extract<Admission, { admitted: false }>): Status {
  const reason = code === 401 ? 'Unauthorized' : 'Forbidden'
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return { ...status, reason, message: why, code }
}

function refuse(socket: Duplex, status: Status): void {
  const body = JSON.stringify(status)
  const head = headText(status.code ?? 500, [
    ['content-type', 'application/json'],
    ['content-length', String(Buffer.byteLength(body))],
    ['connection', 'close'],
  ])
  socket.end(head + body)
}

/** Asks the API for the same upgrade; its answer, whichever it is, passes as it came. */
function join(
  upstream: Upstream,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  path: string,
): void {
  const outgoing = upstream.request({
    method: request.method ?? 'GET',
    path,
    headers: request.headers,
    extra: { connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' },
    ownConnection: true,
  })
  socket.once('close', () => outgoing.destroy())
  outgoing.once('error', (error) => {
    if (!socket.destroyed) {
      refuse(socket, unavailable(`The cluster does not answer: ${error.message}`).status)
    }
  })
  outgoing.once('response', (answer) => {
    socket.write(
      headText(answer.statusCode ?? 502, [...headersOf(answer), ['connection', 'close']]),
    )
    answer.pipe(socket)
  })
  outgoing.once('upgrade', (answer, other, first) => {
    socket.write(headText(answer.statusCode ?? 101, pairsOf(answer)))
    if (first.length > 0) socket.write(first)
    if (head.length > 0) other.write(head)
    other.on('error', () => socket.destroy())
    other.once('close', () => socket.destroy())
    socket.once('close', () => other.destroy())
    socket.pipe(other).pipe(socket)
  })
  outgoing.end()
}

/** The headers of an answer that stays HTTP; its body is read and written anew, so its framing is not passed on. */
function headersOf(answer: IncomingMessage): [string, string][] {
  return pairsOf(answer).filter(
    ([name]) => !/^(connection|transfer-encoding|keep-alive|set-cookie)$/i.test(name),
  )
}

function pairsOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  }
  return pairs
}
