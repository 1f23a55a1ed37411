// Objects seen through their schema: which fields one has, what changed between two, one merged into another
// (sigs.k8s.io/structured-merge-diff typed/). Lists and maps are one field when atomic, many otherwise.
import type { Type } from '../openapi/types.ts'
import { isJsonObject, sameJson, type JsonObject } from '../values.ts'
import { at, isEmpty, put, type FieldSet } from './fieldset.ts'

const ANYTHING: Type = { is: 'anything', go: 'interface {}' }

type Parts =
  | { is: 'leaf' }
  | { is: 'fields'; type: Type; members: JsonObject; open: boolean }
  | { is: 'items'; type: Type; items: ReadonlyMap<string, unknown> }

/** What a value is made of for its owners. Maps of unknown type are owned key by key, lists of unknown type whole. */
function partsOf(value: unknown, type: Type): Parts {
  if (isJsonObject(value)) {
    const whole = (type.is === 'struct' || type.is === 'map') && type.atomic === true
    if (whole || type.is === 'leaf' || type.is === 'list') return { is: 'leaf' }
    return { is: 'fields', type, members: value, open: type.is !== 'struct' }
  }
  if (Array.isArray(value) && type.is === 'list' && type.listType !== 'atomic') {
    return { is: 'items', type: type.items, items: itemsOf(value, type) }
  }
  return { is: 'leaf' }
}

function memberType(type: Type, name: string): Type {
  if (type.is === 'struct') return type.fields.get(name)?.type ?? ANYTHING
  return type.is === 'map' ? type.values : ANYTHING
}

/** Items by their path elements; what has no key of its own is known by its place. */
function itemsOf(list: readonly unknown[], type: Type & { is: 'list' }): Map<string, unknown> {
  const items = new Map<string, unknown>()
  for (const [index, item] of list.entries()) {
    const element = elementOf(item, type)
    items.set(element === undefined || items.has(element) ? `i:${index}` : element, item)
  }
  return items
}

/** `k:{"name":"web"}` or `v:"x"`; undefined when the item lacks a key that has no default. */
export function elementOf(item: unknown, type: Type & { is: 'list' }): string | undefined {
  if (type.listType === 'set') return `v:${JSON.stringify(item)}`
  if (!isJsonObject(item)) return undefined
  const [only] = type.keys
  if (only && type.keys.length === 1) {
    const value = item[only.name] ?? only.default
    return value === undefined ? undefined : `k:{"${only.name}":${JSON.stringify(value)}}`
  }
  const keys: JsonObject = {}
  for (const key of type.keys) {
    const value = item[key.name] ?? key.default
    if (value === undefined) return undefined
    keys[key.name] = value
  }
  const sorted = Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `k:${JSON.stringify(sorted)}`
}

/** The fields that a value has, as whoever applies it owns them (typed.ToFieldSet). */
export function fieldsOf(value: unknown, type: Type): FieldSet {
  const set: FieldSet = {}
  const parts = partsOf(value, type)
  if (parts.is === 'fields') {
    for (const [name, member] of Object.entries(parts.members)) {
      if (member === undefined) continue
      const below = fieldsOf(member, memberType(parts.type, name))
      const known = parts.type.is === 'struct' && parts.type.fields.has(name)
      put(set, `f:${name}`, below, isEmpty(below) || !known)
    }
  } else if (parts.is === 'items') {
    for (const [element, item] of parts.items) put(set, element, fieldsOf(item, parts.type), true)
  }
  return set
}

export interface Difference {
  /** Fields that are new or have another value. */
  changed: FieldSet
  removed: FieldSet
}

/** Members of these names are there before anybody sets them, for they are no pointers in Kubernetes' types. */
export const impliedMembers: ReadonlySet<string> = new Set([
  'metadata',
  'spec',
  'status',
  'template',
  'strategy',
  'updateStrategy',
  'jobTemplate',
  'containers',
])

/** What `next` changes in `old`; either may be undefined (typed.Compare). Shared subtrees cost nothing. */
export function compare(old: unknown, next: unknown, type: Type): Difference {
  const result: Difference = { changed: {}, removed: {} }
  if (old === next) return result
  const before = old === undefined ? undefined : partsOf(old, type)
  const after = next === undefined ? undefined : partsOf(next, type)
  const sample = after ?? before
  if (!sample || sample.is === 'leaf') return result
  if (before && before.is !== sample.is) return compareAcross(old, next, type)
  const [was, is] = [membersOf(before), membersOf(after)]
  for (const element of new Set([...was.keys(), ...is.keys()])) {
    compareMember(result, element, was.get(element), is.get(element), typeBelow(sample, element))
  }
  return result
}

function compareAcross(old: unknown, next: unknown, type: Type): Difference {
  return {
    changed: compare(undefined, next, type).changed,
    removed: compare(old, undefined, type).removed,
  }
}

function membersOf(parts: Parts | undefined): ReadonlyMap<string, unknown> {
  if (!parts || parts.is === 'leaf') return new Map()
  if (parts.is === 'items') return parts.items
  const members = new Map<string, unknown>()
  for (const name of Object.keys(parts.members)) members.set(`f:${name}`, parts.members[name])
  return members
}

function typeBelow(parts: Parts, element: string): Type {
  if (parts.is === 'fields') return memberType(parts.type, element.slice(2))
  return parts.is === 'items' ? parts.type : ANYTHING
}

function compareMember(
  { changed, removed }: Difference,
  element: string,
  old: unknown,
  next: unknown,
  type: Type,
): void {
  if (old === next) return
  const below = compare(old, next, type)
  if (old === undefined) {
    const implied = impliedMembers.has(element.slice(2)) && !isEmpty(below.changed)
    put(changed, element, below.changed, !implied)
  } else if (next === undefined) {
    put(removed, element, below.removed, true)
  } else {
    const whole = isWhole(old, type) || isWhole(next, type)
    put(changed, element, below.changed, whole && !sameJson(old, next))
    put(removed, element, below.removed, false)
  }
}

function isWhole(value: unknown, type: Type): boolean {
  return partsOf(value, type).is === 'leaf'
}

/** `applied` merged into `live`: its fields win, everything else stays (typed.Merge). Neither argument is changed. */
export function merge(live: unknown, applied: unknown, type: Type): unknown {
  if (live === undefined) return applied
  const [mine, theirs] = [partsOf(live, type), partsOf(applied, type)]
  if (mine.is === 'fields' && theirs.is === 'fields') {
    const merged: JsonObject = { ...mine.members }
    for (const [name, member] of Object.entries(theirs.members)) {
      const held = Object.hasOwn(merged, name) ? merged[name] : undefined
      merged[name] = merge(held, member, memberType(type, name))
    }
    return merged
  }
  if (mine.is !== 'items' || theirs.is !== 'items') return applied
  return mergeItems(mine.items, theirs.items, theirs.type)
}

/** The items of both in the order in which they are applied; what only the live list has keeps its place among them. */
function mergeItems(
  live: ReadonlyMap<string, unknown>,
  applied: ReadonlyMap<string, unknown>,
  type: Type,
): unknown[] {
  const result: unknown[] = []
  const waiting = [...live.keys()]
  const takeUnshared = (): void => {
    while (waiting[0] !== undefined && !applied.has(waiting[0])) {
      result.push(live.get(waiting.shift()!))
    }
  }
  for (const [element, item] of applied) {
    takeUnshared()
    result.push(merge(live.get(element), item, type))
    const place = waiting.indexOf(element)
    if (place >= 0) waiting.splice(place, 1)
  }
  for (const element of waiting) result.push(live.get(element))
  return result
}

/** The value without the members of `set` (typed.RemoveItems). */
export function without(value: unknown, set: FieldSet, type: Type): unknown {
  if (isEmpty(set)) return value
  const parts = partsOf(value, type)
  if (parts.is === 'leaf') return value
  const kept: [string, unknown][] = []
  for (const [element, member] of membersOf(parts)) {
    const { member: gone, below } = at(set, element)
    if (!gone) kept.push([element, without(member, below, typeBelow(parts, element))])
  }
  if (parts.is === 'items') return kept.map(([, item]) => item)
  return Object.fromEntries(kept.map(([element, member]) => [element.slice(2), member]))
}
