// Connections that change protocol: proxied ones (WebSockets to pods) are joined; what is not served is refused in HTTP.
import http, { STATUS_CODES, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import type { Caller } from '../../../shared/operation.ts'
import { noSuchPath, unavailable } from '../../../shared/status.ts'
import { authorize } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import type { Target } from '../streams/targets.ts'
import { passedOn } from '../streams/proxy.ts'
import { requireSubresource } from '../verbs/get.ts'
import { targetOf, verbOf } from '../verbs/stream.ts'
import { statusOf, type Exchange } from './exchange.ts'
import { isRemote, serveRemote } from './remote.ts'
import { parseResourcePath } from './paths.ts'
import { servePortForward } from './portforward.ts'

/** `identify` answers who asks, or throws 401 or 403; `onRefused` is told what was refused, before it is answered. */
export async function serveUpgrade(
  core: Core,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  identify: () => Promise<Exchange>,
  onRefused: (error: unknown, caller: Caller | undefined) => void,
): Promise<void> {
  socket.on('error', () => socket.destroy())
  let asking: Caller | undefined
  try {
    const exchange = await identify()
    asking = exchange.caller
    const { pathname, search, caller } = exchange
    const path = parseResourcePath(pathname)
    const strategy = core.registry.find(path?.group ?? '', path?.version ?? '', path?.plural ?? '')
    if (!path?.name || !strategy || !path.subresource) throw noSuchPath()
    const { subresource, below = '' } = path
    const key = { namespace: path.namespace, name: path.name }
    // A WebSocket opens with GET, but running something is creating (AuthorizePodWebsocketUpgradeCreatePermission).
    const verb =
      isRemote(subresource) || subresource === 'portforward' ? 'create' : verbOf(request.method)
    authorize(core, caller, { verb, kind: strategy.kind, ...key, subresource })
    requireSubresource(strategy, subresource)
    if (isRemote(subresource)) {
      return await serveRemote(core, exchange, request, subresource, key, socket, head)
    }
    if (subresource === 'portforward') {
      return servePortForward(core, exchange.query, request, key, socket, head)
    }
    if (subresource !== 'proxy') throw noSuchPath()
    await join(targetOf(core, strategy.kind, key), `/${below}${search}`, request, socket, head)
  } catch (error) {
    onRefused(error, asking)
    refuse(socket, error)
  }
}

/** Asks the target for the same change of protocol and joins the two connections when it agrees. */
function join(
  target: Target,
  path: string,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const client = target.scheme === 'https' ? https : http
  const outgoing = client.request({
    host: target.host,
    port: target.port,
    method: request.method ?? 'GET',
    path,
    headers: {
      ...passedOn(request.headers),
      host: `${target.host}:${target.port}`,
      connection: 'Upgrade',
      upgrade: request.headers.upgrade ?? '',
    },
    agent: false,
    rejectUnauthorized: false,
  })
  socket.once('close', () => outgoing.destroy())
  outgoing.end()
  return new Promise((resolve, reject) => {
    outgoing.once('error', (error) =>
      reject(unavailable(`error trying to reach service: ${error.message}`)),
    )
    outgoing.once('response', (answer) => {
      answer.resume()
      reject(unavailable(`the service answered ${answer.statusCode} instead of upgrading`))
    })
    outgoing.once('upgrade', (answer, other, first) => {
      socket.write(headOf(answer))
      if (first.length > 0) socket.write(first)
      if (head.length > 0) other.write(head)
      other.on('error', () => socket.destroy())
      other.once('close', () => socket.destroy())
      socket.once('close', () => other.destroy())
      socket.pipe(other).pipe(socket)
      resolve()
    })
  })
}

function headOf({ statusCode = 101, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

function refuse(socket: Duplex, error: unknown): void {
  const status = statusOf(error)
  const code = status.code ?? 500
  const body = JSON.stringify(status)
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
