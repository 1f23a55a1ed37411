// A request passed on to a pod, both ways as bytes come (apimachinery/pkg/util/proxy).
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import type { StreamRequest, StreamResponse } from '../../../shared/client.ts'
import { unavailable } from '../../../shared/status.ts'
import type { Target } from './targets.ts'

/** Headers that speak of one connection only (RFC 9110 7.6.1), or of who the caller is to us. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'cookie',
  'host',
])

export interface ForwardRequest extends Omit<StreamRequest, 'body'> {
  body?: Uint8Array | string | Readable
  /** The query as it was sent, with its `?`; instead of `query`. */
  search?: string
}

/** Sends the request to `target` below `/path` and answers its head as soon as it is there. */
export async function forward(
  target: Target,
  path: string,
  request: ForwardRequest,
): Promise<StreamResponse> {
  const { scheme, host, port } = target
  const search = request.search ?? searchOf(request.query)
  const client = scheme === 'https' ? https : http
  const outgoing = client.request({
    host,
    port,
    method: request.method ?? 'GET',
    path: `/${path}${search}`,
    headers: { ...passedOn(request.headers ?? {}), host: `${host}:${port}` },
    agent: false,
    // Pods' certificates are their own; the API server does not check them either (InsecureSkipVerify of the proxy).
    rejectUnauthorized: false,
  })
  request.signal?.addEventListener('abort', () => outgoing.destroy(), { once: true })
  const answered = answerOf(outgoing)
  send(outgoing, request.body)
  const answer = await answered.catch((error: unknown) => {
    throw unavailable(`error trying to reach service: ${(error as Error).message}`)
  })
  return { status: answer.statusCode ?? 502, headers: passedOn(answer.headers), body: answer }
}

function searchOf(query: Record<string, string> = {}): string {
  const text = new URLSearchParams(query).toString()
  return text && `?${text}`
}

function answerOf(outgoing: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
  })
}

function send(outgoing: http.ClientRequest, body: ForwardRequest['body']): void {
  if (body instanceof Readable) {
    body.once('error', (error) => outgoing.destroy(error))
    body.pipe(outgoing)
  } else outgoing.end(body)
}

/** Headers without those that end here; several values of one name are joined. */
export function passedOn(headers: http.IncomingHttpHeaders): Record<string, string> {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const passed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_PASSED.has(name.toLowerCase()) || named.includes(name)) continue
    passed[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return passed
}
