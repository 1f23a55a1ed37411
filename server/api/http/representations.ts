// Answers in the form the caller takes: objects as stored, Tables, or metadata alone.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { told, toldPieces } from '../managed/record.ts'
import type { Deletion } from '../verbs/delete.ts'
import type { Listing } from '../verbs/list.ts'
import { scaleColumns } from '../verbs/scale.ts'
import { negotiate, type Form } from './accept.ts'
import { sendJson, sendPieces, type Exchange } from './exchange.ts'
import { includeObjectOf, listHead, partialListOf, partialOf, tableOf } from './tables.ts'

const META = 'meta.k8s.io'
const VERSIONS = ['v1', 'v1beta1']

export const OBJECT_FORMS = VERSIONS.flatMap((version) => [
  `Table/${META}/${version}`,
  `PartialObjectMetadata/${META}/${version}`,
])
export const LIST_FORMS = VERSIONS.flatMap((version) => [
  `Table/${META}/${version}`,
  `PartialObjectMetadataList/${META}/${version}`,
])

export function sendObject(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  code: number,
  object: KubeObject,
): void {
  const form = negotiate(exchange.request.headers.accept, OBJECT_FORMS)
  const shown = shownAs(strategy, object)
  if (form.as === undefined || !shown) {
    // Whoever wrote it has it now; what is read may well be read again.
    const isRead = exchange.request.method === 'GET'
    const pieces = isRead ? [bytesFor(core, strategy, object)] : piecesFor(core, strategy, object)
    return sendPieces(exchange, code, pieces)
  }
  if (form.as !== 'Table') {
    return sendJson(exchange, code, partialOf(told(core, strategy, object), form.version ?? 'v1'))
  }
  const { resourceVersion } = object.metadata
  const metadata = resourceVersion === undefined ? {} : { resourceVersion }
  sendJson(exchange, code, tableOf(shown, [object], metadata, tableOptions(core, exchange, form)))
}

/** What has the object's columns; undefined for TokenRequest, Status and others that have none. */
function shownAs(strategy: Strategy, object: KubeObject): Strategy | undefined {
  if (object.kind === strategy.kind.kind) return strategy
  if (object.kind !== 'Scale') return undefined
  const { face: _, ...rest } = strategy
  return { ...rest, columns: scaleColumns as unknown as Strategy['columns'] }
}

export function sendListing(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  { entries, metadata }: Listing,
): void {
  const form = negotiate(exchange.request.headers.accept, LIST_FORMS)
  if (form.as === undefined) {
    const values = entries.map(({ value }) => value)
    return sendPieces(exchange, 200, [
      Buffer.from(listHead(strategy, metadata)),
      tailOf(core, strategy, values as KubeObject[]),
    ])
  }
  const objects = entries.map(({ value }) => value as KubeObject)
  if (form.as !== 'Table') {
    const spelled = objects.map((object) => told(core, strategy, object))
    return sendJson(exchange, 200, partialListOf(spelled, metadata, form.version ?? 'v1'))
  }
  sendJson(exchange, 200, tableOf(strategy, objects, metadata, tableOptions(core, exchange, form)))
}

const KEEP_TAIL_MS = 2_000
const LONG_LIST = 100

/** The object as it is told; made once for as long as it is asked for, but through other faces each time. */
export function bytesFor(core: Core, strategy: Strategy, object: KubeObject): Buffer {
  const make = () => joined(toldPieces(core, strategy, object))
  return strategy.face ? make() : core.remembered.told.of(object, make)
}

/** As `bytesFor`, in pieces; made for one answer or line, which is no reason to remember them. */
export function piecesFor(core: Core, strategy: Strategy, object: KubeObject): readonly Buffer[] {
  const known = strategy.face ? undefined : core.remembered.told.known(object)
  return known ? [known] : toldPieces(core, strategy, object)
}

const joined = (pieces: Buffer[]): Buffer =>
  pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)

/** The items with commas between, and the end of the list. */
function tailOf(core: Core, strategy: Strategy, values: readonly KubeObject[]): Buffer {
  if (values.length < LONG_LIST) return spliced(core, strategy, values)
  const { remembered } = core
  const last = remembered.tail
  if (last?.strategy === strategy && sameItems(last.values, values)) return last.bytes
  const made = (remembered.tail = { strategy, values, bytes: spliced(core, strategy, values) })
  core.clock.after(KEEP_TAIL_MS, () => {
    if (remembered.tail === made) remembered.tail = undefined
  })
  return made.bytes
}

function sameItems(a: readonly KubeObject[], b: readonly KubeObject[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}

function spliced(core: Core, strategy: Strategy, values: readonly KubeObject[]): Buffer {
  const comma = Buffer.from(',')
  const parts: Buffer[] = []
  for (const value of values) {
    if (parts.length > 0) parts.push(comma)
    parts.push(bytesFor(core, strategy, value))
  }
  parts.push(Buffer.from(']}'))
  return Buffer.concat(parts)
}

function tableOptions(core: Core, { query }: Exchange, { version }: Form) {
  return {
    version: version ?? 'v1',
    include: includeObjectOf(query),
    now: core.clock.now(),
    headers: true,
  }
}

/** A removed object is answered by a Status, a pod and what still stands by the object (rest.GracefulDeleter). */
export function sendDeletion(
  core: Core,
  exchange: Exchange,
  strategy: Strategy,
  { object, removed }: Deletion,
): void {
  const { kind } = strategy
  if (!removed || kind.plural === pods.plural) {
    return sendObject(core, exchange, strategy, 200, object)
  }
  const { name, uid } = object.metadata
  const details = { name, ...(kind.group && { group: kind.group }), kind: kind.plural, uid }
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  sendJson(exchange, 200, status)
}
