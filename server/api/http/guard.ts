// Who may knock at all: programs of this machine that call it by one of its own names, and no web page of another origin.
import type { IncomingHttpHeaders } from 'node:http'
import { isIPv4 } from 'node:net'
import { ApiError } from '../../../shared/status.ts'

const NAMES: ReadonlySet<string> = new Set([
  'localhost',
  '[::1]',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
])

/** @throws ApiError 403 against DNS rebinding and requests that browsers make for other sites. */
export function guard({ headers }: { headers: IncomingHttpHeaders }): void {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const loopback = isIPv4(name) && name.startsWith('127.')
  if (!loopback && !NAMES.has(name))
    throw refused(`the Host header ${JSON.stringify(headers.host ?? '')} is not served`)
  if (headers.origin !== undefined) throw refused('requests of web pages are not served')
}

function refused(message: string): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'Forbidden',
    code: 403,
  })
}
