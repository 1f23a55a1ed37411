// One request to one endpoint.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import http from 'node:http'
import type { Socket } from 'node:net'
import type { Target } from '../routing-table.ts'
import { hasBody } from './headers.ts'

export interface AttemptOptions {
  request: IncomingMessage
  target: Target
  headers: readonly string[]
  agent: Agent
  connectTimeoutMs: number
  answerTimeoutMs: number
}

export type Outcome =
  | { type: 'answer'; response: IncomingMessage }
  | { type: 'upgraded'; response: IncomingMessage; socket: Socket; head: Buffer }
  /** Nothing was sent: any request may be sent again. */
  | { type: 'unreached' }
  /** It may have been carried out. */
  | { type: 'broken' }
  | { type: 'late' }

export interface Attempt {
  readonly outcome: Promise<Outcome>
  cancel(): void
}

/** Sends the request on; its body follows once the endpoint is connected. */
export function attempt(options: AttemptOptions): Attempt {
  const { request, target, headers, agent, connectTimeoutMs, answerTimeoutMs } = options
  const sent = http.request({
    host: target.ip,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: headers as string[],
    agent,
    setHost: false,
  })
  let connected = false
  const outcome = new Promise<Outcome>((resolve) => {
    const timer = setTimeout(() => {
      resolve(connected ? { type: 'late' } : { type: 'unreached' })
      sent.destroy()
    }, connectTimeoutMs)
    const settle = (result: Outcome): void => {
      clearTimeout(timer)
      resolve(result)
    }
    whenConnected(sent, () => {
      connected = true
      clearTimeout(timer)
      sent.setTimeout(answerTimeoutMs, () => {
        settle({ type: 'late' })
        sent.destroy()
      })
      if (hasBody(request)) request.pipe(sent)
      else sent.end()
    })
    sent.on('response', (response) => settle({ type: 'answer', response }))
    sent.on('upgrade', (response, socket, head) => {
      settle({ type: 'upgraded', response, socket, head })
    })
    sent.on('error', () => {
      request.unpipe(sent)
      settle({ type: connected ? 'broken' : 'unreached' })
    })
  })
  return { outcome, cancel: () => sent.destroy() }
}

function whenConnected(sent: ClientRequest, then: () => void): void {
  sent.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', then)
    else then()
  })
}
