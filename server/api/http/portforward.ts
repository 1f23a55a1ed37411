// portforward: SPDY inside a WebSocket (kubectl since 1.31), SPDY by itself (older ones), or a WebSocket's own channels.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ObjectKey } from '../../../shared/client.ts'
import { badRequest } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import {
  forwardTarget,
  portsOf,
  serveChannelForwards,
  serveSpdyForwards,
  type ForwardTarget,
} from '../streams/portforward.ts'
import type { Carrier } from '../streams/spdy.ts'

const SPDY = 'SPDY/3.1'
/** What the streams inside mean (portforward.PortForwardV1Name). */
const FORWARDING = 'portforward.k8s.io'
const TUNNEL = `${SPDY}+${FORWARDING}`
const CHANNELS: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const PROTOCOLS = [TUNNEL, ...CHANNELS]
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const NORMAL_CLOSURE = 1000

const webSockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_MESSAGE_BYTES,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
})

/** @throws ApiError */
export function servePortForward(
  core: Core,
  query: URLSearchParams,
  request: IncomingMessage,
  key: ObjectKey,
  socket: Duplex,
  head: Buffer,
): void {
  const target = forwardTarget(core, key)
  const { upgrade = '', 'sec-websocket-protocol': offered = '' } = request.headers
  if (upgrade.toUpperCase() === SPDY) return overSpdy(target, socket, head)
  if (upgrade.toLowerCase() !== 'websocket') throw refusal(upgrade)
  const names = offered.split(',').map((name) => name.trim())
  const chosen = PROTOCOLS.find((protocol) => names.includes(protocol))
  if (!chosen) throw refusal(names.join(', ') || 'WebSocket without a subprotocol')
  const ports = chosen === TUNNEL ? [] : portsOf(query)
  webSockets.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => client.terminate())
    if (chosen === TUNNEL) overWebSocket(target, client)
    else serveChannelForwards(target, ports, client)
  })
}

function refusal(asked: string) {
  const spoken = `a WebSocket with one of the subprotocols ${PROTOCOLS.join(', ')}`
  return badRequest(`the protocol ${asked} is not served by Podium; use ${spoken}, or ${SPDY}`)
}

function overWebSocket(target: ForwardTarget, client: WebSocket): void {
  const carrier: Carrier = {
    send: (bytes) => new Promise((resolve) => client.send(bytes, () => resolve())),
    pause: () => client.pause(),
    resume: () => client.resume(),
    close: () => client.close(NORMAL_CLOSURE),
  }
  const connection = serveSpdyForwards(target, carrier)
  client.on('message', (bytes: Buffer) => connection.receive(bytes))
  client.once('close', () => connection.close())
}

function overSpdy(target: ForwardTarget, socket: Duplex, head: Buffer): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPDY}\r\nX-Stream-Protocol-Version: ${FORWARDING}\r\n\r\n`,
  )
  const carrier: Carrier = {
    send: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.end(),
  }
  const connection = serveSpdyForwards(target, carrier)
  if (head.length > 0) connection.receive(head)
  socket.on('data', (bytes: Buffer) => connection.receive(bytes))
  socket.once('end', () => connection.close())
  socket.once('close', () => connection.close())
}
