// The API behind the stage's door: where it is, who asks, and which headers may pass in either direction.
import http from 'node:http'
import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { STATUS_CODES } from 'node:http'

/** How the stage comes into the cluster's API on behalf of whoever has its token. */
export interface ClusterAccess {
  /** `https://127.0.0.1:6443`; a path after it is kept. */
  server: string
  /** PEM of the authority that signed the server's certificate. */
  ca: string
  /** Bearer token of the user that the stage's visitors act as. */
  token: string
}

export interface UpstreamRequest {
  method: string
  /** With its query. */
  path: string
  headers: IncomingHttpHeaders
  /** Laid over what is passed on. */
  extra?: Record<string, string>
  /** Not taken from the pool: it will become something other than HTTP. */
  ownConnection?: boolean
}

export interface Upstream {
  /** Begins a request; the caller sends the body and ends it. */
  request(request: UpstreamRequest): ClientRequest
  close(): void
}

/** Hop-by-hop headers concern one connection only (RFC 9110, 7.6.1). */
const OF_ONE_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The stage's own business: who is asking it, and from which page. */
const OF_THE_STAGE = new Set(['host', 'cookie', 'authorization', 'origin', 'referer', 'user-agent'])
const NOT_PASSED_IN = /^(impersonate-|sec-fetch-|x-remote-|x-forwarded-)/

/** Connections to the API, kept alive and shared by all visitors. */
export function createUpstream({ server, ca, token }: ClusterAccess, userAgent: string): Upstream {
  const url = new URL(server)
  const isSecure = url.protocol === 'https:'
  const agent = isSecure
    ? new https.Agent({ keepAlive: true, ca })
    : new http.Agent({ keepAlive: true })
  const base = url.pathname.replace(/\/$/, '')
  return {
    request({ method, path, headers, extra, ownConnection }) {
      const options = {
        method,
        path: base + path,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port || (isSecure ? 443 : 80),
        headers: {
          ...passedIn(headers),
          authorization: `Bearer ${token}`,
          'user-agent': userAgent,
          ...extra,
        },
      }
      if (!isSecure) return http.request({ ...options, agent: ownConnection ? false : agent })
      return https.request({ ...options, ca, agent: ownConnection ? false : agent })
    },
    close: () => agent.destroy(),
  }
}

function passedIn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return filtered(
    headers,
    (name) => !OF_ONE_HOP.has(name) && !OF_THE_STAGE.has(name) && !NOT_PASSED_IN.test(name),
  )
}

/**
 * What of an answer's headers may reach the browser: a pod that answers through the API's proxy must not set the
 * stage's cookies.
 */
export function passedOut(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return filtered(headers, (name) => !OF_ONE_HOP.has(name) && name !== 'set-cookie')
}

function filtered(
  headers: IncomingHttpHeaders,
  isPassed: (name: string) => boolean,
): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isPassed(name)))
}

/** An answer's first lines, to be written by hand on a connection that was going to change protocol. */
export function headText(code: number, headers: readonly (readonly [string, string])[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\n${lines.join('')}\r\n`
}
