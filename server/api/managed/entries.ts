// metadata.managedFields as it is stored, and as it is told (apimachinery/pkg/util/managedfields/internal).
//
// Nearly all objects are written by two: whoever created it, and whoever reports its status. An entry without fieldsV1 is
// such a writer's: it owns all of the object, or of its status, that no other entry names. So a create and a status report
// cost nothing but their name and time, and the fields are worked out when somebody asks.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { isJsonObject, type JsonObject } from '../values.ts'
import { everythingText, isOfScope, isOwnable, type Ground, type Scope } from './everything.ts'
import { difference, isEmpty, isFieldSet, union, type FieldSet } from './fieldset.ts'

export interface ManagedEntry {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  /** Absent in a stored entry: the rest of its scope. */
  fieldsV1?: FieldSet
  subresource?: string
}

/** Only what is written through `/status` and `/approval`, which writes part of a status, is written apart. */
export function scopeOf(subresource: string | undefined): Scope {
  return subresource === 'status' || subresource === 'approval' ? 'status' : 'main'
}

/** An object's stored entries; nobody else may change them. */
export function entriesOf({ metadata }: KubeObject): readonly ManagedEntry[] {
  return (metadata.managedFields ?? []) as ManagedEntry[]
}

/** The part of an object that writes of one scope can own. */
export function partOf(object: JsonObject, scope: Scope, ground: Ground): JsonObject {
  const part: JsonObject = {}
  for (const name of Object.keys(object)) {
    if (!isOfScope(name, scope, ground)) continue
    const value = object[name]
    if (name !== 'metadata' || !isJsonObject(value)) part[name] = value
    else {
      const owned = Object.entries(value).filter(([member]) => isOwnable(member))
      if (owned.length > 0) part[name] = Object.fromEntries(owned)
    }
  }
  return part
}

/** What an entry without fields owns: its scope, but for what other entries name. */
function restOf(
  object: KubeObject,
  entries: readonly ManagedEntry[],
  scope: Scope,
  ground: Ground,
): FieldSet {
  const text = everythingText(object as unknown as JsonObject, scope, ground)
  let rest = JSON.parse(text) as FieldSet
  for (const { fieldsV1 } of entries) if (fieldsV1) rest = difference(rest, fieldsV1)
  return rest
}

/** The entries with all their fields spelled out; those that own nothing are left out. */
export function spelledOut(object: KubeObject, ground: Ground): ManagedEntry[] {
  const entries = entriesOf(object)
  return entries.flatMap((entry) => {
    if (entry.fieldsV1) return [entry]
    const fieldsV1 = restOf(object, entries, scopeOf(entry.subresource), ground)
    return isEmpty(fieldsV1) ? [] : [withFields(entry, fieldsV1)]
  })
}

/**
 * `spelledOut` as JSON, for the many objects all of whose entries own the rest of their scope; undefined for others.
 */
export function spelledText(object: KubeObject, ground: Ground): string | undefined {
  const texts: [key: string, text: string][] = []
  for (const entry of entriesOf(object)) {
    if (entry.fieldsV1) return undefined
    const { subresource, ...head } = entry
    const scope = scopeOf(subresource)
    const fields = everythingText(object as unknown as JsonObject, scope, ground)
    if (fields === '{}') continue
    const below = subresource === undefined ? '' : `,"subresource":${JSON.stringify(subresource)}`
    texts.push([
      orderKey(entry),
      `${JSON.stringify(head).slice(0, -1)},"fieldsV1":${fields}${below}}`,
    ])
  }
  if (texts.length > 1) texts.sort(([a], [b]) => (a < b ? -1 : 1))
  return `[${texts.map(([, text]) => text).join(',')}]`
}

/** The entry with these fields, its members in their usual order. */
export function withFields(entry: ManagedEntry, fieldsV1: FieldSet): ManagedEntry {
  const { manager, operation, apiVersion, time, fieldsType, subresource } = entry
  const head = { manager, operation, apiVersion, time, fieldsType, fieldsV1 }
  return subresource === undefined ? head : { ...head, subresource }
}

/** Two entries of one manager: same name, operation, subresource and, for updates, version (BuildManagerIdentifier). */
export function isSameManager(a: ManagedEntry, b: ManagedEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  )
}

/** Kubernetes' order: appliers first, then by time and name (managedfields/internal: sortEncodedManagedFields). */
export function inOrder(entries: readonly ManagedEntry[]): ManagedEntry[] {
  return entries.toSorted((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1))
}

function orderKey({ operation, time, manager, apiVersion, subresource }: ManagedEntry): string {
  return `${operation} ${time} ${manager} ${apiVersion} ${subresource ?? ''}`
}

/** More updaters than this are not told apart (managedfields/internal/capmanagers.go). */
const MAX_UPDATERS = 10
const ANCIENT = 'ancient-changes'

/** The entries with the oldest updaters put together when there are too many. */
export function capped(entries: readonly ManagedEntry[]): readonly ManagedEntry[] {
  const updaters = entries.filter(({ operation, fieldsV1 }) => operation === 'Update' && fieldsV1)
  const surplus = updaters.length - MAX_UPDATERS
  if (surplus <= 0) return entries
  const oldest = inOrder(updaters).slice(0, surplus + 1)
  const newest = oldest.at(-1)!
  const fieldsV1 = oldest.reduce((all, entry) => union(all, entry.fieldsV1 ?? {}), {} as FieldSet)
  const { subresource: _, ...head } = newest
  const merged = withFields({ ...head, manager: ANCIENT }, fieldsV1)
  return [merged, ...entries.filter((entry) => !oldest.includes(entry))]
}

/** What somebody sends as managedFields, if every entry has the form of one. */
export function readEntries(sent: readonly unknown[]): ManagedEntry[] | undefined {
  const entries: ManagedEntry[] = []
  for (const item of sent) {
    const entry = readEntry(item)
    if (!entry) return undefined
    entries.push(entry)
  }
  return entries
}

function readEntry(item: unknown): ManagedEntry | undefined {
  if (!isJsonObject(item)) return undefined
  const { operation, fieldsV1, subresource } = item
  if (operation !== 'Apply' && operation !== 'Update') return undefined
  if (fieldsV1 !== undefined && !isFieldSet(fieldsV1)) return undefined
  const text = (name: string): string => (typeof item[name] === 'string' ? item[name] : '')
  const head: ManagedEntry = {
    manager: text('manager'),
    operation,
    apiVersion: text('apiVersion'),
    time: text('time'),
    fieldsType: 'FieldsV1',
    ...(fieldsV1 !== undefined && { fieldsV1 }),
  }
  return subresource ? { ...head, subresource: text('subresource') } : head
}
