// The compact form of the schemas that writes are checked with. One object per type, shared by all fields of that type.
import type { Definitions, Schema } from './definitions.ts'
import { targetOf } from './definitions.ts'

/** How a strategic merge patch treats a field; see `Schemas.mergeStrategy`. */
export interface MergeStrategy {
  readonly type: 'map' | 'list' | 'set' | 'atomic'
  readonly mergeKey?: string
  readonly retainKeys?: true
}

export type Leaf =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'

/** `go` is the type's name in Kubernetes' own code, which its decoding errors mention. */
export type Type =
  | {
      readonly is: 'struct'
      readonly go: string
      readonly fields: Map<string, Field>
      /** Server-side apply owns it as a whole. */
      readonly atomic?: boolean
    }
  | {
      readonly is: 'list'
      readonly go: string
      readonly items: Type
      /** How server-side apply tells items apart: by `keys`, by value, or not at all. */
      readonly listType: 'map' | 'set' | 'atomic'
      readonly keys: readonly ListKey[]
    }
  | { readonly is: 'map'; readonly go: string; readonly values: Type; readonly atomic?: boolean }
  | { readonly is: 'leaf'; readonly go: string; readonly leaf: Leaf }
  | { readonly is: 'anything'; readonly go: string }

/** A field that tells list items apart, and what it is where an item leaves it out. */
export interface ListKey {
  readonly name: string
  readonly default?: unknown
}

export interface Field {
  readonly type: Type
  readonly merge: MergeStrategy
}

const ANYTHING: Type = { is: 'anything', go: 'interface {}' }

const leaf = (leaf: Leaf, go: string): Type => ({ is: 'leaf', leaf, go })

const LEAVES: Record<string, Type> = {
  Quantity: leaf('quantity', 'resource.Quantity'),
  IntOrString: leaf('intOrString', 'int32'),
  Time: leaf('time', 'string'),
  MicroTime: leaf('microTime', 'string'),
  FieldsV1: ANYTHING,
}

const PLAIN: Record<string, Type> = {
  string: leaf('string', 'string'),
  byte: leaf('bytes', '[]uint8'),
  boolean: leaf('boolean', 'bool'),
  int32: leaf('int32', 'int32'),
  int64: leaf('int64', 'int64'),
  number: leaf('double', 'float64'),
}

const ATOMIC: MergeStrategy = Object.freeze({ type: 'atomic' })
const MAP: MergeStrategy = Object.freeze({ type: 'map' })
const SET: MergeStrategy = Object.freeze({ type: 'set' })
const RETAINED_MAP: MergeStrategy = Object.freeze({ type: 'map', retainKeys: true })

function mergeOf(schema: Schema, type: Type): MergeStrategy {
  const strategy = schema['x-kubernetes-patch-strategy'] ?? ''
  const retainKeys = strategy.includes('retainKeys')
  if (type.is === 'struct' || type.is === 'map') return retainKeys ? RETAINED_MAP : MAP
  if (type.is !== 'list' || !strategy.includes('merge')) return ATOMIC
  const mergeKey = schema['x-kubernetes-patch-merge-key']
  if (!mergeKey) return SET
  return Object.freeze({ type: 'list', mergeKey, ...(retainKeys && { retainKeys }) })
}

/** Compiles all definitions; the result refers to nothing of its input. */
export function compileTypes(definitions: Definitions): Map<string, Type> {
  const types = new Map<string, Type>()

  function named(name: string): Type {
    const short = name.slice(name.lastIndexOf('.') + 1)
    const known = types.get(name) ?? LEAVES[short]
    if (known) return known
    const fields = new Map<string, Field>()
    const atomic = definitions[name]?.['x-kubernetes-map-type'] === 'atomic'
    const type: Type = { is: 'struct', go: `v1.${short}`, fields, ...(atomic && { atomic }) }
    types.set(name, type)
    for (const [field, schema] of Object.entries(definitions[name]?.properties ?? {})) {
      const fieldType = typeOf(schema)
      fields.set(field, { type: fieldType, merge: mergeOf(schema, fieldType) })
    }
    return type
  }

  function typeOf(schema: Schema): Type {
    const atomic = schema['x-kubernetes-map-type'] === 'atomic'
    if (schema.$ref) {
      const type = named(targetOf(schema.$ref))
      return atomic && type.is === 'struct' ? { ...type, atomic } : type
    }
    if (schema.type === 'array') return listOf(schema)
    if (schema.type === 'object') {
      if (!schema.additionalProperties) return ANYTHING
      const values = typeOf(schema.additionalProperties)
      return { is: 'map', go: `map[string]${values.go}`, values, ...(atomic && { atomic }) }
    }
    return PLAIN[schema.format ?? ''] ?? PLAIN[schema.type ?? ''] ?? ANYTHING
  }

  function listOf(schema: Schema): Type {
    const items = typeOf(schema.items ?? {})
    const item = definitions[targetOf(schema.items?.$ref ?? '')] ?? schema.items
    const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name): ListKey => {
      const fallback = item?.properties?.[name]?.default
      return { name, ...(fallback !== undefined && { default: fallback }) }
    })
    const listType = schema['x-kubernetes-list-type'] ?? 'atomic'
    return { is: 'list', go: `[]${items.go}`, items, listType, keys }
  }

  for (const name of Object.keys(definitions)) named(name)
  return types
}
