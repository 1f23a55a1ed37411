// Requests to one API server: TLS, credentials, and failures as the Status the server sent.
import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { CancelSignal } from '../../shared/client.ts'
import type { Status } from '../../shared/status.ts'
import { ApiError, unavailable } from '../../shared/status.ts'

export interface HttpClientOptions {
  /** `https://127.0.0.1:6443`; a path after it is kept. */
  server: string
  /** PEM of the authority that signed the server's certificate; default: those Node knows. */
  ca?: string
  /** Bearer token. */
  token?: string
  /** PEM pair to be known by. */
  clientCert?: { cert: string; key: string }
  /** The name the server's certificate is for, when it is not the host of `server`. */
  tlsServerName?: string
  /** Talk to a server whose certificate cannot be checked. Only for clusters whose kubeconfig says so. */
  insecureSkipTlsVerify?: boolean
  /** Default `podium`. */
  userAgent?: string
}

export interface HttpRequest {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: Uint8Array | string
  signal?: CancelSignal
}

export class HttpConnection {
  readonly #server: URL
  readonly #agent: Agent
  readonly #headers: Record<string, string>

  constructor(options: HttpClientOptions) {
    this.#server = new URL(options.server)
    this.#agent = new Agent({
      keepAlive: true,
      keepAliveMsecs: 30_000,
      rejectUnauthorized: !options.insecureSkipTlsVerify,
      ...(options.ca && { ca: options.ca }),
      ...options.clientCert,
      ...(options.tlsServerName && { servername: options.tlsServerName }),
    })
    this.#headers = {
      accept: 'application/json',
      'user-agent': options.userAgent ?? 'podium',
      ...(options.token && { authorization: `Bearer ${options.token}` }),
    }
  }

  /** Sends a request; resolves with the response's head, whatever its status. Rejects with an ApiError (503). */
  open({ method = 'GET', path, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
    const { pathname } = this.#server
    return new Promise((resolve, reject) => {
      const outgoing = request({
        method,
        agent: this.#agent,
        hostname: this.#server.hostname.replace(/^\[|\]$/g, ''),
        port: this.#server.port || 443,
        path: (pathname === '/' ? '' : pathname.replace(/\/$/, '')) + path,
        headers: {
          ...this.#headers,
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      })
      let response: IncomingMessage | undefined
      outgoing.on('response', (message: IncomingMessage) => {
        response = message
        resolve(message)
      })
      outgoing.on('error', (error) => reject(unavailable(`${this.#server.host}: ${error.message}`)))
      const cancel = (): void => {
        outgoing.destroy(new Error('canceled'))
        response?.destroy()
      }
      if (signal?.aborted) cancel()
      else signal?.addEventListener('abort', cancel, { once: true })
      outgoing.end(body)
    })
  }

  /** A request with JSON both ways; rejects with the ApiError the server answered. */
  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    media = 'application/json',
  ): Promise<T> {
    const response = await this.open({
      method,
      path,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': media } }),
    })
    if ((response.statusCode ?? 0) >= 400) throw await this.errorOf(response)
    const text = await textOf(response)
    try {
      return JSON.parse(text) as T
    } catch {
      throw unavailable(`${method} ${path}: the answer is not JSON`)
    }
  }

  /** The ApiError a failed response stands for. */
  async errorOf(response: IncomingMessage): Promise<ApiError> {
    const text = await textOf(response)
    const code = response.statusCode ?? 500
    return statusError(parsedStatus(text), code, text)
  }
}

/** An ApiError from what a server sent: its Status, or else the code and the text. */
export function statusError(
  status: Partial<Status> | undefined,
  code: number,
  text: string,
): ApiError {
  return new ApiError({
    metadata: {},
    message: text.slice(0, 500) || `the server answered ${code}`,
    reason: '',
    code,
    ...status,
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
  })
}

function parsedStatus(text: string): Partial<Status> | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Status>
    return parsed.kind === 'Status' ? parsed : undefined
  } catch {
    return undefined
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer)
  } catch (error) {
    throw unavailable(error instanceof Error ? error.message : String(error))
  }
  return Buffer.concat(chunks).toString()
}
