// Any KubeClient as a small HTTP API, for the tests of the HTTP client.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeClient, PatchType } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { collectionPath } from '../../../shared/paths.ts'
import { ApiError, internal, noSuchPath } from '../../../shared/status.ts'

interface Addressed {
  kind: Kind
  namespace: string | undefined
  name: string | undefined
  subresource: string | undefined
}

/** A request listener that answers for `client`; `kinds` may hold other things too. */
export function serveClient(client: KubeClient, kinds: readonly unknown[]) {
  const known = kinds.filter((item): item is Kind => typeof item === 'object')
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(client, known, request, response).catch((error: unknown) => {
      const failure = error instanceof ApiError ? error : internal(String(error))
      response.writeHead(failure.code, { 'content-type': 'application/json' })
      response.end(JSON.stringify(failure.status))
    })
  }
}

async function answer(
  client: KubeClient,
  kinds: readonly Kind[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://localhost')
  const at = addressed(url.pathname, kinds)
  const query = Object.fromEntries(url.searchParams)
  if (query['watch'] === 'true') {
    serveWatch(client, at, query, response)
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined
  const result = await call(client, request, at, query, body)
  response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(result))
}

function addressed(path: string, kinds: readonly Kind[]): Addressed {
  for (const kind of kinds) {
    const [, namespace, plural, name, subresource] =
      new RegExp(
        `^${collectionPath({ ...kind, plural: '' })}(?:namespaces/([^/]+)/)?([^/]+)(?:/([^/]+))?(?:/([^/]+))?$`,
      ).exec(path) ?? []
    if (plural === kind.plural) return { kind, namespace, name, subresource }
  }
  throw noSuchPath()
}

function call(
  client: KubeClient,
  request: IncomingMessage,
  { kind, namespace, name, subresource }: Addressed,
  query: Record<string, string>,
  body: unknown,
): Promise<unknown> {
  const key = { namespace, name: name ?? '' }
  switch (request.method ?? '') {
    case 'GET':
      return name ? client.get(kind, key, subresource) : client.list(kind, { namespace, ...query })
    case 'POST':
      return client.create(kind, body as KubeObject, { subresource })
    case 'PUT':
      return client.update(kind, body as KubeObject, { subresource })
    case 'PATCH': {
      const media = request.headers['content-type'] ?? ''
      const type: PatchType = media.includes('strategic') ? 'strategic' : 'merge'
      return client.patch(kind, key, body, { type, subresource })
    }
    case 'DELETE':
      return client.delete(kind, key, body as object)
    default:
      throw noSuchPath()
  }
}

function serveWatch(
  client: KubeClient,
  { kind, namespace }: Addressed,
  query: Record<string, string>,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const watching = client.watch(kind, { namespace, ...query }, (event) => {
    response.write(`${JSON.stringify(event)}\n`)
  })
  response.on('close', () => watching.close())
  watching.done.then(
    () => response.end(),
    (error: ApiError) =>
      response.end(`${JSON.stringify({ type: 'ERROR', object: error.status })}\n`),
  )
}
