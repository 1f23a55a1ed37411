// One request and its answer, as the handlers see them.
import { ServerResponse, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { gzip } from 'node:zlib'
import type { Caller } from '../../../shared/operation.ts'
import { ApiError, internal, type Status } from '../../../shared/status.ts'
import type { WholeRequest } from './wire.ts'

/** What most handlers need of a request: node's own, or one that has been read whole already. */
export type Incoming = IncomingMessage | WholeRequest

/** What handlers need of a response to send an answer whole. */
export interface Outgoing {
  readonly headersSent: boolean
  readonly destroyed: boolean
  readonly closed: boolean
  /** Set to false before the head is written: the connection ends with this answer. */
  shouldKeepAlive: boolean
  setHeader(name: string, value: number | string | readonly string[]): unknown
  writeHead(code: number, headers?: OutgoingHttpHeaders): { end(): unknown }
  write(piece: Buffer): unknown
  end(piece?: Buffer): unknown
  destroy(): unknown
  once(event: 'close', run: () => void): unknown
}

export interface Exchange {
  readonly request: Incoming
  readonly response: Outgoing
  /** Path and query as they were sent, the path still percent-encoded. */
  readonly pathname: string
  readonly query: URLSearchParams
  readonly search: string
  readonly caller: Caller
  /** Lines for the Warning header. */
  readonly warnings: string[]
  /** Fires when the connection goes; made when it is first asked for, for few answers need it. */
  readonly signal: AbortSignal
}

/** An exchange whose answer may go on for as long as it likes. */
export interface Streaming extends Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** The request can only be answered through node's own request and response; nothing has been done about it yet. */
export class NeedsStreaming extends Error {}

/** The exchange, if it can stream. @throws NeedsStreaming */
export function streaming(exchange: Exchange): Streaming {
  if (exchange.response instanceof ServerResponse) return exchange as Streaming
  throw new NeedsStreaming()
}

const JSON_TYPE = 'application/json'

/** Sends a body whole, pretty-printed where `?pretty=true` asks for it. */
export function sendBytes(exchange: Exchange, code: number, body: Buffer, type?: string): void {
  sendPieces(exchange, code, [body], type)
}

/** Sends a body that lies in pieces, one after the other. */
export function sendPieces(
  { response, request, query, search, warnings }: Exchange,
  code: number,
  body: readonly Buffer[],
  type: string = JSON_TYPE,
): void {
  const pretty =
    search !== '' && type === JSON_TYPE && ['1', 'true'].includes(query.get('pretty') ?? '')
  const pieces = pretty ? [prettied(Buffer.concat(body))] : body
  if (warnings.length > 0) response.setHeader('warning', warnings.map(warningOf))
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (length > COMPRESSED_BYTES && wantsGzip(request)) {
    return sendCompressed(response, code, type, Buffer.concat(pieces))
  }
  response.writeHead(code, {
    'content-type': type,
    'content-length': length,
    'cache-control': 'no-cache, private',
  })
  if (request.method === 'HEAD') response.end()
  else {
    for (const piece of pieces.slice(0, -1)) response.write(piece)
    response.end(pieces.at(-1))
  }
}

/** Bodies above this are compressed for who asks (apiserver/pkg/endpoints/handlers/responsewriters/writers.go). */
const COMPRESSED_BYTES = 128 * 1024

function wantsGzip({ method, headers }: Incoming): boolean {
  const accepted = headers['accept-encoding'] ?? ''
  return method === 'GET' && /(^|[,\s])(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/i.test(accepted)
}

/** Compressed beside the loop, as fast as can be: the wire is short. */
function sendCompressed(response: Outgoing, code: number, type: string, body: Buffer): void {
  gzip(body, { level: 1 }, (error, compressed) => {
    if (error || response.destroyed) return void response.destroy()
    response.writeHead(code, {
      'content-type': type,
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
      'content-length': compressed.length,
      'cache-control': 'no-cache, private',
    })
    response.end(compressed)
  })
}

function prettied(body: Buffer): Buffer {
  return Buffer.from(`${JSON.stringify(JSON.parse(body.toString('utf8')), null, 2)}\n`)
}

export function sendJson(exchange: Exchange, code: number, value: object, type?: string): void {
  sendBytes(exchange, code, Buffer.from(JSON.stringify(value)), type)
}

/** RFC 7234 5.5: `299 - "text"`; headers hold printable ASCII only. */
function warningOf(line: string): string {
  const text = line.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')
  return `299 - "${text}"`
}

/** The Status of whatever was thrown; what is not ours to tell is not told. */
export function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.status
  return internal('the request could not be served').status
}

/** Answers the failure, or ends the connection when an answer has already begun. */
export function sendError(response: Outgoing, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const status = statusOf(error)
  const body = Buffer.from(JSON.stringify(status))
  // The rest of such a body is not waited for.
  if (status.code === 413) response.shouldKeepAlive = false
  const retryAfter = status.details?.retryAfterSeconds
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  response.writeHead(status.code ?? 500, {
    'content-type': JSON_TYPE,
    'content-length': body.length,
    'cache-control': 'no-cache, private',
  })
  response.end(body)
}
