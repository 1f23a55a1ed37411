// Who wrote what: the entries that a create or an update leaves behind (managedfields/internal/managedfieldsupdater.go).
import type { WriteOptions } from '../../../shared/client.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { invalid } from '../../../shared/status.ts'
import { timestamp, type Core } from '../core.ts'
import { throughFace } from '../faces.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { bytesOf } from '../../store/bytes.ts'
import { isJsonObject, sameJson, type JsonObject } from '../values.ts'
import {
  capped,
  entriesOf,
  inOrder,
  isSameManager,
  partOf,
  readEntries,
  scopeOf,
  spelledOut,
  spelledText,
  withFields,
  type ManagedEntry,
} from './entries.ts'
import { difference, isEmpty, union } from './fieldset.ts'
import type { Ground } from './everything.ts'
import { compare } from './typed.ts'

const MAX_NAME = 128

/** What server-side apply knows of a kind; undefined when there is no schema of it. */
export function groundOf(core: Core, strategy: Strategy): Ground | undefined {
  const type = core.schemas.typeOf(core.registry.of(strategy.kind).kind)
  return type && { type, hasStatus: strategy.subresources.includes('status') }
}

/** The name that a write is signed with: `fieldManager`, or the program in the user agent (`kubectl/v1.36 …` → `kubectl`). */
export function managerOf({ userAgent }: Caller, { fieldManager }: WriteOptions): string {
  if (fieldManager) return fieldManager
  const slash = userAgent.indexOf('/')
  const program = slash < 0 ? userAgent : userAgent.slice(0, slash)
  return program.length > MAX_NAME ? program.slice(0, MAX_NAME) : program
}

/** An entry that says who writes, when, and through what; of its fields it says nothing yet. */
export function signature(
  core: Core,
  strategy: Strategy,
  caller: Caller,
  options: WriteOptions,
  operation: ManagedEntry['operation'] = 'Update',
): ManagedEntry {
  const { subresource } = options
  const head: ManagedEntry = {
    manager: managerOf(caller, options),
    operation,
    apiVersion: apiVersionOf(strategy.kind),
    time: timestamp(core.clock.now()),
    fieldsType: 'FieldsV1',
  }
  return subresource === undefined ? head : { ...head, subresource }
}

/** `next`, signed: the writer owns what differs from `old`, and nobody else does any longer. The newest entry is last. */
export function signed(
  core: Core,
  strategy: Strategy,
  old: KubeObject,
  next: KubeObject,
  writer: ManagedEntry,
): KubeObject {
  const managedFields = entriesAfter(core, strategy, old, next, writer)
  const metadata = { ...next.metadata, managedFields }
  return { ...next, metadata: managedFields.length > 0 ? metadata : next.metadata }
}

function entriesAfter(
  core: Core,
  strategy: Strategy,
  old: KubeObject,
  next: KubeObject,
  writer: ManagedEntry,
): ManagedEntry[] {
  const held = entriesOf(next)
  const scope = scopeOf(writer.subresource)
  const inScope = held.filter(({ subresource }) => scopeOf(subresource) === scope)
  const others = held.filter((entry) => !isSameManager(entry, writer))
  const rest = inScope.find(({ fieldsV1 }) => !fieldsV1)
  // A status that nobody has reported before is all its first reporter's.
  const isFirst = scope === 'status' && inScope.length === 0
  const isRest = isFirst || (rest !== undefined && isSameManager(rest, writer))
  if (isRest && inScope.length <= 1) return [...others, writer]
  const ground = groundOf(core, strategy)
  if (!ground) return [...held]
  const part = (object: KubeObject) => partOf(object as unknown as JsonObject, scope, ground)
  const { changed, removed } = compare(part(old), part(next), ground.type)
  const lost = union(changed, removed)
  const left = others.flatMap((entry) => {
    if (!entry.fieldsV1 || scopeOf(entry.subresource) !== scope) return [entry]
    const fieldsV1 = difference(entry.fieldsV1, lost)
    return isEmpty(fieldsV1) ? [] : [withFields(entry, fieldsV1)]
  })
  if (isRest) return [...left, writer]
  const own = held.find((entry) => isSameManager(entry, writer))
  const owned = difference(own?.fieldsV1 ?? {}, removed)
  if (isEmpty(changed)) return own ? [...left, withFields(own, owned)] : left
  return [...capped([...left, withFields(writer, union(owned, changed))])]
}

/**
 * The entries that a whole object sent by a writer stands on: those it has, unless the writer sends others. One empty entry
 * takes all of them away (managedfields/internal/fieldmanager.go: isResetManagedFields).
 * @throws ApiError 422 for entries that are none
 */
export function entriesSent(
  core: Core,
  strategy: Strategy,
  old: KubeObject,
  sent: readonly unknown[] | undefined,
): unknown[] | undefined {
  const held = old.metadata.managedFields
  if (!sent || sent.length === 0 || sent === held || sameJson(sent, held)) return held
  if (sent.length === 1 && isJsonObject(sent[0]) && Object.keys(sent[0]).length === 0)
    return undefined
  if (sameJson(sent, managedFieldsOf(core, strategy, old))) return held
  const entries = readEntries(sent)
  if (entries) return entries
  const message = `Invalid value: ${JSON.stringify(sent)}: must be entries of operation Apply or Update with fieldsV1`
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.managedFields' }
  throw invalid(strategy.kind, old.metadata.name ?? '', [cause])
}

/** metadata.managedFields as Kubernetes tells it; undefined when nobody has signed the object. */
export function managedFieldsOf(
  core: Core,
  strategy: Strategy,
  object: KubeObject,
): ManagedEntry[] | undefined {
  if (!object.metadata.managedFields?.length) return undefined
  const ground = groundOf(core, strategy)
  return ground && inOrder(spelledOut(object, ground))
}

/** The object as callers over the wire see it: through the face they use, with all fields of all managers. */
export function told(core: Core, strategy: Strategy, object: KubeObject): KubeObject {
  const { face } = strategy
  const isOwn = object.kind === strategy.kind.kind
  if (!leavesOut(object)) return isOwn ? throughFace(face, object) : object
  const managedFields = managedFieldsOf(core, strategy, object) ?? []
  const spelled = { ...object, metadata: { ...object.metadata, managedFields } }
  return isOwn ? throughFace(face, spelled) : spelled
}

function leavesOut(object: KubeObject): boolean {
  for (const { fieldsV1 } of entriesOf(object)) if (!fieldsV1) return true
  return false
}

/**
 * The JSON of `told` in pieces, made of the stored bytes: only the entries are replaced. The first place that reads like them is
 * theirs, for metadata comes first, and text inside of a string has its quotes escaped.
 */
export function toldPieces(core: Core, strategy: Strategy, object: KubeObject): Buffer[] {
  if (strategy.face) return [Buffer.from(JSON.stringify(told(core, strategy, object)))]
  const bytes = bytesOf(object)
  if (!leavesOut(object)) return [bytes]
  const ground = groundOf(core, strategy)
  const stored = `"managedFields":${JSON.stringify(object.metadata.managedFields)}`
  const start = ground ? bytes.indexOf(stored) : -1
  if (!ground || start < 0) return [Buffer.from(JSON.stringify(told(core, strategy, object)))]
  const spelled = spelledText(object, ground) ?? JSON.stringify(inOrder(spelledOut(object, ground)))
  return [
    bytes.subarray(0, start),
    Buffer.from(`"managedFields":${spelled}`),
    bytes.subarray(start + Buffer.byteLength(stored)),
  ]
}
