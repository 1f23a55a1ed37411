// The same-origin door to the Kubernetes API: `/k8s/…` is answered by the cluster, as the user the stage's visitors are.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import { ApiError, unavailable } from '../../shared/status.ts'
import { checkIntent } from './access.ts'
import type { Upstream } from './upstream.ts'
import { passedOut } from './upstream.ts'

/**
 * What a pod serves through the API's proxy is shown as a document without scripts and without an origin: as the
 * stage's own it could act in its name.
 */
const NO_PAGE = "sandbox; default-src 'none'; frame-ancestors 'none'"

/**
 * Hands requests on and answers back, byte by byte as they come: watches and logs flow, and whoever hangs up ends
 * them. Statuses of the API pass as they are. Mounted on the door's path, behind the checks of names and token.
 */
export function clusterDoor(upstream: Upstream, prefix: string): RequestHandler {
  return (request, response, next) => {
    const intent = checkIntent(request.method, request.headers)
    if (!intent.admitted) throw refusedIntent(intent.why)
    const outgoing = upstream.request({
      method: request.method,
      path: request.url,
      headers: request.headers,
    })
    let answer: IncomingMessage | undefined
    outgoing.once('response', (message: IncomingMessage) => {
      answer = message
      passAnswer(message, response, prefix)
    })
    outgoing.once('error', (error) => {
      if (response.headersSent) response.destroy()
      else if (!response.destroyed)
        next(unavailable(`The cluster does not answer: ${error.message}`))
    })
    response.once('close', () => {
      outgoing.destroy()
      answer?.destroy()
    })
    request.pipe(outgoing)
  }
}

function refusedIntent(message: string): ApiError {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return new ApiError({ ...status, reason: 'Forbidden', message, code: 403 })
}

function passAnswer(answer: IncomingMessage, response: ServerResponse, prefix: string): void {
  const headers = passedOut(answer.headers)
  // The stage's own headers stay as they are, whatever a pod says.
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !response.hasHeader(name)) response.setHeader(name, value)
  }
  response.setHeader('Content-Security-Policy', NO_PAGE)
  const { location } = answer.headers
  if (location?.startsWith('/')) response.setHeader('Location', prefix + location)
  response.writeHead(answer.statusCode ?? 502)
  response.flushHeaders()
  answer.once('error', () => response.destroy())
  answer.pipe(response)
}
