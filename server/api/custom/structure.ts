// What a structural schema makes of an object before it is validated: what it does not know is taken out, and what is
// missing is filled in (apiextensions-apiserver/pkg/apiserver/schema/pruning, …/defaulting).
import type { JsonSchema } from '../../../shared/kubernetes/custom.ts'
import type { Schema } from '../openapi/definitions.ts'
import { REF_PREFIX } from '../openapi/definitions.ts'
import type { Field, Type } from '../openapi/types.ts'
import { copyOf, isJsonObject, type JsonObject } from '../values.ts'

const OWN: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

/** Takes unknown fields out of `value`; answers their paths. */
export function prune(value: unknown, schema: JsonSchema, path = '', isRoot = true): string[] {
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.flatMap((item, at) => prune(item, items, `${path}[${at}]`, false)) : []
  }
  if (!isJsonObject(value)) return []
  const isObject = isRoot || schema['x-kubernetes-embedded-resource'] === true
  const unknown: string[] = []
  for (const name of Object.keys(value)) {
    if (isObject && OWN.has(name)) continue
    const here = path ? `${path}.${name}` : name
    const known = memberOf(schema, name)
    if (known) unknown.push(...prune(value[name], known, here, false))
    else if (!keepsUnknown(schema)) {
      delete value[name]
      unknown.push(here)
    }
  }
  return unknown
}

function keepsUnknown(schema: JsonSchema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true
  )
}

/** The schema of one member, if there is one. */
export function memberOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties, additionalProperties } = schema
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** Fills in what is missing and has a default, in place. */
export function fillDefaults(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) fillDefaults(item, schema.items)
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (member.default !== undefined && value[name] === undefined) {
        value[name] = copyOf(member.default)
      }
    }
    for (const name of Object.keys(value)) {
      const member = memberOf(schema, name)
      if (member) fillDefaults(value[name], member)
    }
  }
}

const ANYTHING: Type = { is: 'anything', go: 'interface {}' }

/** The schema as server-side apply reads it; `metadata` is every object's. */
export function typeOf(schema: JsonSchema, metadata?: Type): Type {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' && { atomic: true }
  if (schema.items) {
    const items = typeOf(schema.items)
    const { properties = {} } = schema.items
    const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => {
      const fallback = properties[name]?.default
      return { name, ...(fallback !== undefined && { default: fallback }) }
    })
    return {
      is: 'list',
      go: 'slice',
      items,
      keys,
      listType: schema['x-kubernetes-list-type'] ?? 'atomic',
    }
  }
  if (typeof schema.additionalProperties === 'object') {
    return { is: 'map', go: 'map', values: typeOf(schema.additionalProperties), ...atomic }
  }
  if (!schema.properties && !metadata) return ANYTHING
  const fields = new Map<string, Field>()
  const add = (name: string, type: Type) => fields.set(name, { type, merge: { type: 'atomic' } })
  if (metadata) {
    add('apiVersion', ANYTHING)
    add('kind', ANYTHING)
  }
  for (const [name, member] of Object.entries(schema.properties ?? {})) add(name, typeOf(member))
  if (metadata) add('metadata', metadata)
  if (keepsUnknown(schema)) return ANYTHING
  return { is: 'struct', go: 'object', fields, ...atomic }
}

const META = `${REF_PREFIX}io.k8s.apimachinery.pkg.apis.meta.v1.`

/** The schema as OpenAPI documents tell it: of a whole object, with what every object has. */
export function documented(
  schema: JsonSchema,
  { group, version, kind }: { group: string; version: string; kind: string },
): Schema {
  return {
    ...(schema as Schema),
    type: 'object',
    properties: {
      ...(schema.properties as Record<string, Schema> | undefined),
      apiVersion: { type: 'string', description: 'The version of this form of the object.' },
      kind: { type: 'string', description: 'The kind of the object.' },
      metadata: { description: 'What every object has.', $ref: `${META}ObjectMeta` },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  }
}

/** The list of such objects. */
export function documentedList(
  name: string,
  { group, version, kind }: { group: string; version: string; kind: string },
): Schema {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: `${META}ListMeta` },
      items: { type: 'array', items: { $ref: REF_PREFIX + name } },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  }
}

/** The value at a path of names such as `.spec.replicas`. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object
  for (const name of path.split('.').slice(1)) {
    value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}

/** Puts a value at a path of names; what is on the way is made where it is missing. */
export function putAt(object: JsonObject, path: string, value: unknown): void {
  const names = path.split('.').slice(1)
  const last = names.pop() ?? ''
  let place = object
  for (const name of names) {
    const next = place[name]
    place = isJsonObject(next) ? next : (place[name] = {})
  }
  place[last] = value
}
