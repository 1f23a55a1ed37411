// Requests on objects: method and path become a verb, its result an answer.
import type { DeleteOptions, ObjectKey, PatchType } from '../../../shared/client.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import {
  type ApiError,
  badRequest,
  methodNotSupported,
  noSuchPath,
  notImplemented,
  unsupportedMediaType,
} from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { isJsonObject } from '../values.ts'
import { apply } from '../verbs/apply.ts'
import { create } from '../verbs/create.ts'
import { remove } from '../verbs/delete.ts'
import { deleteCollection } from '../verbs/deletecollection.ts'
import { get, requireSubresource } from '../verbs/get.ts'
import { listEntries } from '../verbs/list.ts'
import { patch } from '../verbs/patch.ts'
import { updateOrCreate } from '../verbs/update.ts'
import { mediaTypeOf, readObject, readText, yamlOf } from './body.ts'
import type { Exchange } from './exchange.ts'
import { deleteOptions, flag, listRequest, watchRequest, writeOptions } from './query.ts'
import { sendDeletion, sendListing, sendObject } from './representations.ts'
import type { ResourcePath } from './paths.ts'
import { serveStream, STREAMS } from './streams.ts'
import { serveWatch } from './watching.ts'

/** Answers, within the turn what needs no waiting. Throws or rejects with ApiErrors. */
export function serveResource(
  core: Core,
  exchange: Exchange,
  path: ResourcePath,
): Promise<void> | void {
  const strategy = core.registry.find(path.group, path.version, path.plural ?? '')
  if (!strategy) throw noSuchPath()
  if (strategy.warning !== undefined) exchange.warnings.push(strategy.warning)
  if (path.namespace !== undefined && !strategy.kind.namespaced) throw noSuchPath()
  if (strategy.measured) refuseWrites(exchange, strategy, path)
  if (strategy.review && (exchange.request.method !== 'POST' || path.name !== undefined)) {
    throw methodNotAllowed(strategy, exchange.request.method ?? '')
  }
  if (path.name === undefined) return serveCollection(core, exchange, strategy, path)
  if (strategy.kind.namespaced && path.namespace === undefined && !path.watch) throw noSuchPath()
  const key = { namespace: path.namespace, name: path.name }
  if (path.subresource === undefined) return serveObject(core, exchange, strategy, key, path)
  if (strategy.measured) {
    const object = get(core, exchange.caller, strategy.kind, key, path.subresource)
    return sendObject(core, exchange, strategy, 200, object)
  }
  requireSubresource(strategy, path.subresource)
  if (STREAMS.includes(path.subresource)) return serveStream(core, exchange, strategy, key, path)
  return serveSubresource(core, exchange, strategy, key, path.subresource)
}

/** What is measured is read, as it is now. */
function refuseWrites({ request, query }: Exchange, strategy: Strategy, path: ResourcePath): void {
  const method = request.method ?? 'GET'
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(strategy, method.toLowerCase())
  if (path.watch || flag(query, 'watch')) throw methodNotAllowed(strategy, 'watch')
}

function serveCollection(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  { namespace, watch }: ResourcePath,
): Promise<void> | void {
  const { caller, query, request } = exchange
  const { kind } = strategy
  switch (request.method ?? 'GET') {
    case 'GET':
    case 'HEAD': {
      if (watch || flag(query, 'watch')) {
        return serveWatch(core, exchange, strategy, watchRequest(query, namespace))
      }
      const listing = listEntries(core, caller, kind, listRequest(query, namespace))
      return sendListing(core, exchange, strategy, listing)
    }
    case 'POST':
      if (kind.namespaced && namespace === undefined) throw methodNotAllowed(strategy, 'create')
      return serveCreate(core, exchange, strategy, namespace)
    case 'DELETE':
      return serveDeleteCollection(core, exchange, strategy, namespace)
    default:
      throw methodNotAllowed(strategy, request.method ?? '')
  }
}

async function serveCreate(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  namespace: string | undefined,
): Promise<void> {
  const { caller, query, warnings } = exchange
  const { kind } = strategy
  const object = await readKubeObject(exchange, kind.kind)
  const options = writeOptions(query, undefined)
  const created = await create(core, caller, kind, namespace, object, options, warnings)
  sendObject(core, exchange, strategy, 201, created)
}

async function serveDeleteCollection(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  namespace: string | undefined,
): Promise<void> {
  const options = await readDeleteOptions(core, exchange)
  const selection = listRequest(exchange.query, namespace)
  const deleted = await deleteCollection(core, exchange.caller, strategy.kind, selection, options)
  const entries = deleted.items.map((value) => ({
    key: '',
    value,
    revision: 0,
    createRevision: 0,
  }))
  sendListing(core, exchange, strategy, { entries, metadata: deleted.metadata })
}

function serveObject(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  key: ObjectKey,
  path: ResourcePath,
): Promise<void> | void {
  const { caller, query, request } = exchange
  switch (request.method ?? 'GET') {
    case 'GET':
    case 'HEAD':
      if (path.watch || flag(query, 'watch')) return serveWatchOfOne(core, exchange, strategy, key)
      return sendObject(core, exchange, strategy, 200, get(core, caller, strategy.kind, key))
    case 'PUT':
    case 'PATCH':
      return serveWrite(core, exchange, strategy, key, undefined)
    case 'DELETE':
      return serveDelete(core, exchange, strategy, key)
    default:
      throw methodNotAllowed(strategy, request.method ?? '')
  }
}

async function serveDelete(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  key: ObjectKey,
): Promise<void> {
  const options = await readDeleteOptions(core, exchange)
  const deletion = await remove(core, exchange.caller, strategy.kind, key, options)
  if (!options.dryRun) {
    core.typed.tell(exchange.request.headers, strategy.kind.singular, key)
  }
  sendDeletion(core, exchange, strategy, deletion)
}

function serveWatchOfOne(core: Core, exchange: Exchange, strategy: Strategy, key: ObjectKey): void {
  const request = watchRequest(exchange.query, key.namespace)
  const named = `metadata.name=${key.name}`
  const fieldSelector = request.fieldSelector ? `${request.fieldSelector},${named}` : named
  return serveWatch(core, exchange, strategy, { ...request, fieldSelector })
}

async function serveSubresource(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  key: ObjectKey,
  subresource: string,
): Promise<void> {
  const { caller, query, request, warnings } = exchange
  switch (request.method ?? 'GET') {
    case 'GET':
    case 'HEAD': {
      const object = get(core, caller, strategy.kind, key, subresource)
      return sendObject(core, exchange, strategy, 200, object)
    }
    case 'POST': {
      const object = await readKubeObject(exchange, subresource)
      checkName(object, key)
      object.metadata.name = key.name
      const options = writeOptions(query, subresource)
      const { namespace } = key
      const made = await create(core, caller, strategy.kind, namespace, object, options, warnings)
      return sendObject(core, exchange, strategy, 201, made)
    }
    case 'PATCH':
      if (subresource === 'finalize') throw methodNotAllowed(strategy, 'patch')
      return serveWrite(core, exchange, strategy, key, subresource)
    case 'PUT':
      return serveWrite(core, exchange, strategy, key, subresource)
    default:
      throw methodNotAllowed(strategy, request.method ?? '')
  }
}

async function serveWrite(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  key: ObjectKey,
  subresource: string | undefined,
): Promise<void> {
  const { caller, query, request, warnings } = exchange
  const options = writeOptions(query, subresource)
  const { kind } = strategy
  if (request.method === 'PUT') {
    const object = await readKubeObject(exchange, kind.kind)
    checkName(object, key)
    const updated = await updateOrCreate(core, caller, kind, key, object, options, warnings)
    return sendObject(core, exchange, strategy, updated.created ? 201 : 200, updated.object)
  }
  const type = patchTypeOf(mediaTypeOf(request))
  const difference = patchOf(await readText(request), type)
  if (type === 'apply') {
    const applied = await apply(core, caller, kind, key, difference, options, warnings)
    return sendObject(core, exchange, strategy, applied.created ? 201 : 200, applied.object)
  }
  const patched = await patch(core, caller, kind, key, difference, { ...options, type }, warnings)
  return sendObject(core, exchange, strategy, 200, patched)
}

function checkName({ metadata }: KubeObject, key: ObjectKey): void {
  if (metadata.name === undefined || metadata.name === key.name) return
  throw badRequest(
    `the name of the object (${metadata.name}) does not match the name on the URL (${key.name})`,
  )
}

/** The body as something with metadata; what else it is, the verb checks. */
async function readKubeObject({ request }: Exchange, what: string): Promise<KubeObject> {
  const body = await readObject(request, what)
  if (body === undefined || !isJsonObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${what}): couldn't get version/kind; json parse error: unexpected end of JSON input`,
    )
  }
  body['metadata'] ??= {}
  if (!isJsonObject(body['metadata'])) throw badRequest(`${what}: metadata must be an object`)
  return body as unknown as KubeObject
}

async function readDeleteOptions(core: Core, { request, query }: Exchange): Promise<DeleteOptions> {
  const body = await readObject(request, 'DeleteOptions')
  if (body === undefined) return deleteOptions(query, undefined)
  const name = { group: '', version: 'v1', kind: 'DeleteOptions' }
  const { wrong } = core.schemas.check(name, body)
  if (!isJsonObject(body) || wrong.length > 0) {
    throw badRequest(
      `DeleteOptions in version "v1" cannot be handled: ${wrong[0] ?? 'not an object'}`,
    )
  }
  return deleteOptions(query, body)
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

function patchTypeOf(mediaType: string): PatchType {
  const type = Object.hasOwn(PATCH_TYPES, mediaType) ? PATCH_TYPES[mediaType] : undefined
  if (type) return type
  if (mediaType === 'application/apply-patch+cbor') throw notImplemented(mediaType)
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCH_TYPES).join(', ')}`,
  )
}

function patchOf(text: string, type: PatchType): unknown {
  try {
    return type === 'json'
      ? JSON.parse(text)
      : text.startsWith('{')
        ? JSON.parse(text)
        : yamlOf(text)
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message}`)
  }
}

function methodNotAllowed({ kind }: Strategy, action: string): ApiError {
  return methodNotSupported(kind, action)
}
