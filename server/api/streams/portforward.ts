// pods/portforward: connections to ports of a pod, many over one connection of the client's
// (k8s.io/kubelet/pkg/cri/streaming/portforward: httpstream.go and websocket.go).
import net from 'node:net'
import type { WebSocket } from 'ws'
import type { ObjectKey } from '../../../shared/client.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { badRequest, notFound } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { storeKey } from '../keys.ts'
import { SpdyConnection, type Carrier, type SpdyStream } from './spdy.ts'

export interface ForwardTarget {
  pod: string
  uid: string
  address: string
}

/** @throws ApiError 404 for the pod, 400 when it has no address yet. */
export function forwardTarget(core: Core, key: ObjectKey): ForwardTarget {
  const pod = core.store.get(storeKey(pods, key))?.value as Pod | undefined
  if (!pod) throw notFound(pods, key.name)
  const address = pod.status?.podIP
  if (!pod.spec.nodeName || !address) {
    throw badRequest(`pod ${key.name} does not have a host assigned`)
  }
  return { pod: `${key.namespace}/${key.name}`, uid: pod.metadata.uid ?? '', address }
}

/**
 * Serves SPDY streams: the client opens two for every connection, `error` and `data`, of one request id. What goes wrong
 * is said on the error stream.
 */
export function serveSpdyForwards(target: ForwardTarget, carrier: Carrier): SpdyConnection {
  const waiting = new Map<string, Partial<Record<string, SpdyStream>>>()
  return new SpdyConnection(carrier, (stream) => {
    const { headers } = stream
    const type = headers.get('streamtype') ?? ''
    const port = Number(headers.get('port'))
    if (!['error', 'data'].includes(type) || !isPort(port)) return void stream.destroy()
    // Older clients send no id: then the two streams of a connection are neighbours.
    const id = headers.get('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2)
    const pair = { ...waiting.get(id), [type]: stream }
    waiting.set(id, pair)
    stream.once('close', () => waiting.delete(id))
    if (!pair['error'] || !pair['data']) return
    waiting.delete(id)
    joinPair(target, port, pair['data'], pair['error'])
  })
}

function joinPair(target: ForwardTarget, port: number, data: SpdyStream, error: SpdyStream): void {
  const socket = net.connect({ host: target.address, port, allowHalfOpen: true })
  error.resume()
  socket.once('error', (failure) => {
    error.end(failureText(target, port, failure))
    data.destroy()
  })
  data.once('close', () => socket.destroy())
  socket.once('close', () => {
    error.end()
    data.end()
  })
  socket.pipe(data)
  data.pipe(socket)
}

function failureText({ pod, uid, address }: ForwardTarget, port: number, error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  const why =
    code === 'ECONNREFUSED'
      ? `dial tcp4 ${address}:${port}: connect: connection refused`
      : error.message
  return `error forwarding port ${port} to pod ${pod}, uid ${uid}: ${why}`
}

const DATA = 0
const ERROR = 1

/**
 * Serves one connection to each of the ports over the channels of a WebSocket: 2i carries data of port i, 2i + 1 its
 * errors, and the first message of each says the port in two bytes, the lower one first.
 */
export function serveChannelForwards(
  target: ForwardTarget,
  ports: readonly number[],
  socket: WebSocket,
): void {
  const send = (channel: number, bytes: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      socket.send(Buffer.concat([Buffer.of(channel), bytes]), () => resolve())
    })
  const connections = ports.map((port, i) => {
    const connection = net.connect({ host: target.address, port })
    const said = Buffer.of(port & 0xff, port >> 8)
    void send(2 * i + DATA, said)
    void send(2 * i + ERROR, said)
    connection.once('error', (error) => {
      void send(2 * i + ERROR, Buffer.from(failureText(target, port, error)))
    })
    connection.on('data', (bytes: Buffer) => {
      connection.pause()
      void send(2 * i + DATA, bytes).then(() => connection.resume())
    })
    return connection
  })
  let open = connections.length
  for (const connection of connections) {
    connection.once('close', () => --open === 0 && socket.close(1000))
  }
  socket.on('message', (data: Buffer) => {
    const connection = connections[(data[0] ?? 0) >> 1]
    if (!connection?.writable || (data[0] ?? 0) % 2 === ERROR || data.length < 2) return
    if (connection.write(data.subarray(1))) return
    socket.pause()
    connection.once('drain', () => socket.resume())
    connection.once('close', () => socket.resume())
  })
  socket.once('close', () => {
    for (const connection of connections) connection.destroy()
  })
}

/** The query's `ports`. @throws ApiError 400 unless they are ports, at least one. */
export function portsOf(query: URLSearchParams): number[] {
  const texts = query.getAll('ports').flatMap((text) => text.split(','))
  if (texts.length === 0) throw badRequest('query parameter "port" is required')
  return texts.map((text) => {
    if (isPort(Number(text))) return Number(text)
    throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`)
  })
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536
}
