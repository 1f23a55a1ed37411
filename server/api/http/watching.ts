// A watch over HTTP: one line of JSON an event, sent as it happens.
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { WatchEvent } from '../../../shared/watch.ts'
import { bytesOf } from '../../store/bytes.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { told } from '../managed/record.ts'
import { watch, type PausableWatch, type WatchRequest } from '../verbs/watch.ts'
import { negotiate, type Form } from './accept.ts'
import { statusOf, streaming, type Exchange, type Streaming } from './exchange.ts'
import { piecesFor, OBJECT_FORMS, LIST_FORMS } from './representations.ts'
import { includeObjectOf, partialOf, tableOf, type IncludeObject } from './tables.ts'

/** With more than this on its way to a slow reader, changes wait in the store, which bounds them. */
const MAX_WAITING_BYTES = 1024 * 1024
const MIN_TIMEOUT_SECONDS = 1800
const LINE_END = Buffer.from('}\n')

export function serveWatch(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  request: WatchRequest,
): void {
  const stream = streaming(exchange)
  const { response, caller, signal } = stream
  const encode = encoderFor(core, exchange, strategy)
  const timeoutSeconds = request.timeoutSeconds || defaultTimeout()
  const watching = watch(core, caller, strategy.kind, { ...request, timeoutSeconds }, (event) => {
    response.write(encode(event))
    if (response.writableLength > MAX_WAITING_BYTES) watching.pause()
  })
  response.on('drain', () => watching.resume())
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
  })
  response.flushHeaders()
  signal.addEventListener('abort', () => watching.close(), { once: true })
  endWith(watching, stream).catch(() => response.destroy())
}

/** When the watch ends, so does the answer; a failure is its last event. */
async function endWith({ done }: PausableWatch, { response }: Streaming): Promise<void> {
  try {
    await done
  } catch (error) {
    // A reader that is this far behind does not read its way to the end any more.
    if (response.writableLength > MAX_WAITING_BYTES) {
      response.destroy()
      return
    }
    response.write(`${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`)
  }
  response.end()
}

/** As kube-apiserver: between once and twice the least, so that watches do not all come back together. */
function defaultTimeout(): number {
  return Math.round(MIN_TIMEOUT_SECONDS * (1 + Math.random()))
}

type Encoder = (event: WatchEvent) => Buffer

function encoderFor(core: Core, { request, query }: Exchange, strategy: Strategy): Encoder {
  const form = negotiate(request.headers.accept, [...OBJECT_FORMS, ...LIST_FORMS])
  const pieces = (object: KubeObject) => piecesFor(core, strategy, object)
  if (form.as === undefined) {
    if (strategy.face) return (event) => faceLine(core, strategy, event)
    return (event) => lineOf(core, event.type, event.object, pieces)
  }
  const { version = 'v1' } = form
  if (form.as !== 'Table') {
    return ({ type, object }) => {
      const partial = partialFor(object, version, () => told(core, strategy, object))
      return lineOf(core, type, partial, (shown) => [bytesOf(shown)])
    }
  }
  return tableEncoder(core, strategy, form, includeObjectOf(query))
}

function tableEncoder(
  core: Core,
  strategy: Strategy,
  { version = 'v1' }: Form,
  include: IncludeObject,
): Encoder {
  let headers = true
  return ({ type, object }) => {
    const options = { version, include, now: core.clock.now(), headers }
    const { resourceVersion } = object.metadata
    const metadata = resourceVersion === undefined ? {} : { resourceVersion }
    const rows = type === 'BOOKMARK' ? [] : [object]
    if (type !== 'BOOKMARK') headers = false
    const table = tableOf(strategy, rows, metadata, options)
    return Buffer.from(`${JSON.stringify({ type, object: table })}\n`)
  }
}

function faceLine(core: Core, strategy: Strategy, { type, object }: WatchEvent): Buffer {
  const apiVersion = apiVersionOf(strategy.kind)
  const shown = type === 'BOOKMARK' ? { ...object, apiVersion } : told(core, strategy, object)
  return Buffer.from(`${JSON.stringify({ type, object: shown })}\n`)
}

/**
 * The line of an event, made once for all who watch: a change reaches them in one turn, after which the line is
 * forgotten, for the object's own bytes are kept already.
 */
function lineOf(
  { remembered: { lines } }: Core,
  type: WatchEvent['type'],
  object: KubeObject,
  pieces: (object: KubeObject) => readonly Buffer[],
): Buffer {
  if (lines.size === 0) setImmediate(() => lines.clear())
  let held = lines.get(object)
  if (!held) {
    held = {}
    lines.set(object, held)
  }
  return (held[type] ??= Buffer.concat([
    Buffer.from(`{"type":"${type}","object":`),
    ...pieces(object),
    LINE_END,
  ]))
}

const partials = new WeakMap<KubeObject, Map<string, KubeObject>>()

function partialFor(object: KubeObject, version: string, tell: () => KubeObject): KubeObject {
  let held = partials.get(object)
  if (!held) {
    held = new Map()
    partials.set(object, held)
  }
  const known = held.get(version)
  if (known) return known
  const made = partialOf(tell(), version)
  held.set(version, made)
  return made
}
