// Which headers go on to a backend, and back (RFC 9110 section 7.6.1; X-Forwarded-* as proxies commonly write them).
import type { IncomingMessage } from 'node:http'

/** What concerns one connection only. */
const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)
/** A client could claim anything here; what the proxy knows replaces it. */
const OWN = new Set(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])

/** Name, value, name, value as received, without what concerns this connection only. */
export function endToEnd(message: IncomingMessage): string[] {
  const listed = (message.headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const dropped = new Set([...HOP_BY_HOP, ...listed])
  const kept: string[] = []
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = message.rawHeaders.slice(i, i + 2)
    if (!dropped.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

/** The headers of a request as a backend gets them. A body goes on as it came: with its length, or in chunks. */
export function forwarded(request: IncomingMessage, secure: boolean): string[] {
  const kept: string[] = []
  const all = endToEnd(request)
  for (let i = 0; i < all.length; i += 2) {
    if (!OWN.has(all[i]!.toLowerCase())) kept.push(all[i]!, all[i + 1]!)
  }
  kept.push('X-Forwarded-For', request.socket.remoteAddress ?? '')
  kept.push('X-Forwarded-Host', request.headers.host ?? '')
  kept.push('X-Forwarded-Proto', secure ? 'https' : 'http')
  if (request.headers['transfer-encoding'] !== undefined) kept.push('Transfer-Encoding', 'chunked')
  return kept
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
