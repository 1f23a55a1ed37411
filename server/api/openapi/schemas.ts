// Kubernetes' published schemas at run time: checking what is written, merging patches, and the OpenAPI documents.
import { readFileSync } from 'node:fs'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { Definitions } from './definitions.ts'
import { definitionName } from './definitions.ts'
import type { Documents } from './documents.ts'
import { documentsOf } from './documents.ts'
import type { MergeStrategy, Type } from './types.ts'
import { compileTypes } from './types.ts'
import type { Findings } from './walk.ts'
import { decodeInPlace } from './walk.ts'

export type { MergeStrategy } from './types.ts'
export type { Documents } from './documents.ts'
export type { Findings } from './walk.ts'

/** Any kind there is a schema for: the served ones, their lists, and Binding, Scale, TokenRequest, DeleteOptions, Status. */
export type SchemaName = Pick<Kind, 'group' | 'version' | 'kind'>

export interface Schemas {
  /**
   * What kube-apiserver's decoder would complain about, in its words, and makes of `object` (in place) what that decoder
   * would: unknown fields and nulls are gone afterwards. `wrong` makes the request a 400 whatever its field validation
   * says; without `wrong`, every field that is present has the type its schema says. Kinds without a schema pass.
   */
  check(kind: SchemaName, object: unknown): Findings
  /**
   * How strategic merge patch treats the field at `path`; the path names fields only and steps through list items
   * silently (`spec`, `template`, `spec`, `containers`, `ports`).
   * - map: merge key by key (objects and string maps); `retainKeys`: honours $retainKeys
   * - list: merge items that agree in `mergeKey`; `retainKeys`: likewise, inside each item
   * - set: unite (a list of scalars)
   * - atomic: replace (scalars, other lists, and whatever has no schema)
   */
  mergeStrategy(kind: SchemaName, ...path: string[]): MergeStrategy
  /** The compact schema of a kind, for server-side apply; undefined when it has none. */
  typeOf(kind: SchemaName): Type | undefined
  readonly documents: Documents
  /** The same schemas for one cluster, which may have kinds of its own. */
  layered(): LayeredSchemas
}

/** The schema of a kind that is not built in. */
export interface CustomSchema {
  type: Type
  /** As `Schemas.check`. */
  check(object: unknown): Findings
}

export interface LayeredSchemas extends Schemas {
  /** Knows these besides the built-in schemas, in place of those given before; by `definitionName`. */
  setCustom(custom: ReadonlyMap<string, CustomSchema>): void
}

const ATOMIC: MergeStrategy = { type: 'atomic' }
const MAP: MergeStrategy = { type: 'map' }

/** Loads what `derive-openapi` wrote. Throws when the file is absent or broken. */
export function loadSchemas(file: string): Schemas {
  return schemasOf(() => JSON.parse(readFileSync(file, 'utf8')) as Definitions)
}

/**
 * Schemas over definitions. `load` is called at once and again for every document that is asked for, so that the
 * definitions themselves need not stay in memory.
 */
export function schemasOf(load: () => Definitions): Schemas {
  const types = compileTypes(load())
  return layer(types, documentsOf(load))
}

function layer(types: Map<string, Type>, documents: Documents): LayeredSchemas {
  let custom: ReadonlyMap<string, CustomSchema> = new Map()
  const typeOf = (kind: SchemaName) => {
    const name = definitionName(kind)
    return types.get(name) ?? custom.get(name)?.type ?? metaType(types, kind)
  }

  function check(kind: SchemaName, object: unknown): Findings {
    const own = custom.get(definitionName(kind))
    if (own) return own.check(object)
    const type = typeOf(kind)
    return type ? decodeInPlace(object, type) : { unknown: [], wrong: [] }
  }

  function mergeStrategy(kind: SchemaName, ...path: string[]): MergeStrategy {
    let merge = MAP
    let type = typeOf(kind)
    for (const name of path) {
      if (type?.is === 'list') type = type.items
      if (type?.is === 'map') {
        type = type.values
        merge = ATOMIC
        continue
      }
      const field = type?.is === 'struct' ? type.fields.get(name) : undefined
      if (!field) return ATOMIC
      type = field.type
      merge = field.merge
    }
    return merge
  }

  return {
    check,
    mergeStrategy,
    typeOf,
    documents,
    layered: () => layer(types, documents),
    setCustom(next) {
      custom = next
    },
  }
}

/** Status and DeleteOptions belong to v1 but live in meta/v1. */
function metaType(
  types: Map<string, Type>,
  { group, version, kind }: SchemaName,
): Type | undefined {
  if (group !== '' || version !== 'v1') return undefined
  return types.get(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`)
}
