// All fields of an object at once, as text: what most entries of managedFields say, made so often that it is written straight
// down. `compare(undefined, value)` says the same as a tree.
import type { Type } from '../openapi/types.ts'
import { isJsonObject, type JsonObject } from '../values.ts'
import { elementOf, impliedMembers } from './typed.ts'

/** The schema of an object's kind, and whether its status is written apart from the rest. */
export interface Ground {
  type: Type
  hasStatus: boolean
}

export type Scope = 'main' | 'status'

/** Metadata that the API keeps itself and nobody owns (managedfields/internal/stripmeta.go; the deletion's is its own). */
const OWNERLESS: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
])

/** True for members of an object that writes of this scope can own. */
export function isOfScope(name: string, scope: Scope, { hasStatus }: Ground): boolean {
  if (name === 'apiVersion' || name === 'kind') return false
  return scope === 'status' ? name === 'status' : name !== 'status' || !hasStatus
}

/** True for members of metadata that can be owned. */
export function isOwnable(name: string): boolean {
  return !OWNERLESS.has(name)
}

/** FieldsV1 of everything that an object has in a scope; `{}` when it has nothing there. */
export function everythingText(object: JsonObject, scope: Scope, ground: Ground): string {
  const { type } = ground
  let text = ''
  for (const name of Object.keys(object)) {
    if (!isOfScope(name, scope, ground)) continue
    const value = object[name]
    if (value === undefined) continue
    const below = name === 'metadata' ? metadataText(value, typeOf(type, name)) : undefined
    if (below === '') continue
    const owned = name === 'spec' ? specText(value, typeOf(type, name)) : undefined
    text = joined(
      text,
      memberText(name, below ?? owned ?? textOf(value, typeOf(type, name)), false),
    )
  }
  return `{${text}}`
}

const specTexts = new WeakMap<object, { type: Type; text: string }>()

/** As `textOf`; stored objects share their spec with what they were before, for most changes are of the status. */
function specText(spec: unknown, type: Type): string {
  if (!isJsonObject(spec)) return textOf(spec, type)
  const known = specTexts.get(spec)
  // The schema of a custom kind may have changed since.
  if (known?.type === type) return known.text
  const text = textOf(spec, type)
  specTexts.set(spec, { type, text })
  return text
}

function metadataText(metadata: unknown, type: Type): string {
  let text = ''
  for (const name of Object.keys(metadata ?? {})) {
    if (!isOwnable(name) || (metadata as JsonObject)[name] === undefined) continue
    text = joined(
      text,
      memberText(name, textOf((metadata as JsonObject)[name], typeOf(type, name)), true),
    )
  }
  return text
}

function joined(text: string, more: string): string {
  return text === '' ? more : `${text},${more}`
}

const ANYTHING: Type = { is: 'anything', go: 'interface {}' }

function typeOf(type: Type, name: string): Type {
  if (type.is === 'struct') return type.fields.get(name)?.type ?? ANYTHING
  return type.is === 'map' ? type.values : ANYTHING
}

/** What is below a value, without its braces; '' when the value is owned as a whole. */
function textOf(value: unknown, type: Type): string {
  let text = ''
  if (isJsonObject(value)) {
    if (type.is === 'leaf' || type.is === 'list' || (type.is !== 'anything' && type.atomic))
      return ''
    for (const name of Object.keys(value)) {
      if (value[name] === undefined) continue
      text = joined(
        text,
        memberText(name, textOf(value[name], typeOf(type, name)), type.is === 'struct'),
      )
    }
  } else if (Array.isArray(value) && type.is === 'list' && type.listType !== 'atomic') {
    const seen = new Set<string>()
    for (let index = 0; index < value.length; index += 1) {
      const element = elementOf(value[index], type)
      const isNew = element !== undefined && !seen.has(element)
      if (isNew) seen.add(element)
      const below = textOf(value[index], type.items)
      text = joined(text, nodeText(JSON.stringify(isNew ? element : `i:${index}`), below, true))
    }
  }
  return text
}

/** Elements of fields that schemas know, ready to be written; what callers name is not kept. */
const known = new Map<string, string>()

function memberText(name: string, below: string, isField: boolean): string {
  let element = known.get(name)
  if (element === undefined) {
    element = JSON.stringify(`f:${name}`)
    if (isField) known.set(name, element)
  }
  return nodeText(element, below, !impliedMembers.has(name))
}

function nodeText(element: string, below: string, member: boolean): string {
  if (below === '') return `${element}:{}`
  return member ? `${element}:{".":{},${below}}` : `${element}:{${below}}`
}
