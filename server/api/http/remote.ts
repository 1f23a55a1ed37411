// exec and attach: the connection becomes a WebSocket that carries a process's streams.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ObjectKey } from '../../../shared/client.ts'
import { badRequest } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { finish, PROTOCOLS, serveChannels } from '../streams/channels.ts'
import { locateRemote, type Remote } from '../streams/remote.ts'
import { statusOf, type Exchange } from './exchange.ts'

const REMOTES: readonly string[] = ['exec', 'attach'] satisfies Remote[]
/** A client's message; kubectl's are 32 KiB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

const webSockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_MESSAGE_BYTES,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
})

export function isRemote(subresource: string): subresource is Remote {
  return REMOTES.includes(subresource)
}

/**
 * What is wrong with the question is answered in HTTP; what goes wrong from then on, on the error channel.
 * @throws ApiError
 */
export async function serveRemote(
  core: Core,
  { query }: Exchange,
  request: IncomingMessage,
  subresource: Remote,
  key: ObjectKey,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const located = locateRemote(core, subresource, key, query)
  requireProtocol(request.headers.upgrade, request.headers['sec-websocket-protocol'])
  const client = await new Promise<WebSocket>((resolve) => {
    webSockets.handleUpgrade(request, socket, head, resolve)
  })
  // What the client sends meanwhile waits for the process.
  client.pause()
  client.on('error', () => client.terminate())
  try {
    await serveChannels(client, await located.open(), located.wanted, core.clock)
  } catch (error) {
    await finish(client, statusOf(error))
  }
}

/** @throws ApiError 400 that names what is spoken here. */
function requireProtocol(upgrade = '', offered = ''): void {
  const spoken = `a WebSocket with one of the subprotocols ${PROTOCOLS.join(', ')}`
  if (upgrade.toLowerCase() !== 'websocket') {
    throw badRequest(`the protocol ${upgrade} is not served by Podium; use ${spoken}`)
  }
  const names = offered.split(',').map((name) => name.trim())
  if (names.some((name) => PROTOCOLS.includes(name))) return
  throw badRequest(
    `no supported subprotocol among: ${names.filter(Boolean).join(', ') || 'none'}; use ${spoken}`,
  )
}
