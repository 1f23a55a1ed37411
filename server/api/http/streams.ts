// Requests below an object, over HTTP: logs, and what pods and services serve.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ObjectKey } from '../../../shared/client.ts'
import { badRequest, methodNotSupported } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { stream } from '../verbs/stream.ts'
import { streaming, type Exchange } from './exchange.ts'
import type { ResourcePath } from './paths.ts'
import { isRemote } from './remote.ts'

export const STREAMS: readonly string[] = ['log', 'proxy', 'exec', 'attach', 'portforward']

export async function serveStream(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  key: ObjectKey,
  path: ResourcePath,
): Promise<void> {
  const { request, response, caller, query, search, signal, pathname } = streaming(exchange)
  const { subresource = '', below } = path
  if (isRemote(subresource) || subresource === 'portforward') {
    const isServed = ['GET', 'HEAD', 'POST'].includes(request.method ?? 'GET')
    if (isServed) throw badRequest('Upgrade request required')
    throw methodNotSupported({ plural: `pods/${subresource}` }, request.method ?? '')
  }
  if (subresource === 'log' && request.method !== 'GET') {
    throw methodNotSupported({ plural: 'pods/log' }, request.method ?? '')
  }
  if (subresource === 'proxy' && below === undefined && request.method === 'GET') {
    // Relative links of a page need the slash (apimachinery/pkg/util/proxy).
    response.writeHead(301, { location: `${pathname}/${search}` }).end()
    return
  }
  const answer = await stream(core, caller, strategy.kind, key, {
    method: request.method ?? 'GET',
    path: below === undefined ? subresource : `${subresource}/${below}`,
    ...(subresource === 'proxy' ? { search } : { query: Object.fromEntries(query) }),
    headers: headersOf(exchange),
    signal,
    ...(subresource === 'proxy' && { body: request }),
  })
  response.writeHead(answer.status, answer.headers)
  response.flushHeaders()
  const ignoreBody = request.method === 'HEAD'
  await pipeline(ignoreBody ? Readable.from([]) : Readable.from(answer.body), response)
}

function headersOf({ request }: Exchange): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}
