// One request of its own, measured step by step: what a loadbot can know of it from its side, and what the server tells.
import http from 'node:http'
import type { Socket } from 'node:net'
import type { HopTimes, TracedRequest } from '../../../shared/load.ts'
import type { Ledger } from './ledger.ts'

/** A trace that takes longer (ms) is given up. */
const TIMEOUT_MS = 10_000
/** Where our own servers tell which address they see; others answer 404, and the trace goes without. */
const CLIENT_PATH = '/-/client'

export interface TraceTarget {
  host: string
  port: number
  path: string
  localAddress: string | undefined
}

interface Answer {
  response: http.IncomingMessage
  body: string
  socket: Socket
  times: HopTimes
}

/**
 * Opens a connection of its own, so that the Service's proxy chooses anew, sends one GET and asks the server on the same
 * connection whom it sees. The request is counted in the ledger like any other.
 * @throws Error when no answer comes; it is counted as failed then
 */
export async function traceOne(target: TraceTarget, ledger: Ledger): Promise<TracedRequest> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const at = Date.now()
  ledger.sent++
  try {
    const { response, socket, times } = await get(agent, target, target.path).catch(
      (error: NodeJS.ErrnoException) => {
        ledger.fail(error.syscall === 'connect' ? 'refused' : 'reset', 1)
        throw error
      },
    )
    const pod = headerOf(response, 'x-pod')
    const version = headerOf(response, 'x-version')
    count(ledger, response, { pod, version, totalMs: times.totalMs })
    const from = `${socket.localAddress}:${socket.localPort}`
    const to = `${socket.remoteAddress}:${socket.remotePort}`
    const seenFrom = await askClient(agent, target, socket)
    return { at, from, to, status: response.statusCode ?? 0, pod, version, seenFrom, ...times }
  } finally {
    agent.destroy()
  }
}

function count(
  ledger: Ledger,
  { statusCode = 0 }: http.IncomingMessage,
  { pod, version, totalMs }: { pod: string; version: string; totalMs: number },
): void {
  if (statusCode > 299) return ledger.fail('badStatus', 1)
  ledger.answered++
  ledger.server(pod, version).answered++
  ledger.latencies.record(totalMs * 1000, 1)
}

function headerOf({ headers }: http.IncomingMessage, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/** The address the server sees on this connection; null when it does not say, or the connection is another by now. */
async function askClient(
  agent: http.Agent,
  target: TraceTarget,
  first: Socket,
): Promise<string | null> {
  try {
    const { response, body, socket } = await get(agent, target, CLIENT_PATH)
    if (response.statusCode !== 200 || socket !== first) return null
    const { client } = JSON.parse(body) as { client?: unknown }
    return typeof client === 'string' ? client : null
  } catch {
    return null
  }
}

function get(
  agent: http.Agent,
  { host, port, localAddress }: TraceTarget,
  path: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const since = (): number => Math.round((performance.now() - began) * 1000) / 1000
    let connectMs = 0
    const request = http.get({
      host,
      port,
      path,
      agent,
      timeout: TIMEOUT_MS,
      ...(localAddress !== undefined && { localAddress }),
    })
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => (connectMs = since()))
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', reject)
    request.on('response', (response) => {
      const firstByteMs = since()
      const { socket } = response
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (body += part))
      response.on('error', reject)
      response.on('end', () => {
        const times = { connectMs, firstByteMs, totalMs: since() }
        resolve({ response, body, socket, times })
      })
    })
  })
}
