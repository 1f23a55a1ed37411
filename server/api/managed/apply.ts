// Server-side apply on one object (structured-merge-diff merge/update.go): the applied fields are merged in, those given up
// go, and whoever else owns what would change is in the way.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { ApiError, badRequest } from '../../../shared/status.ts'
import { isJsonObject, type JsonObject } from '../values.ts'
import {
  entriesOf,
  isSameManager,
  partOf,
  scopeOf,
  spelledOut,
  withFields,
  type ManagedEntry,
} from './entries.ts'
import {
  difference,
  intersection,
  isEmpty,
  pathsOf,
  union,
  withNamedFields,
  type FieldSet,
} from './fieldset.ts'
import type { Ground } from './everything.ts'
import { compare, elementOf, fieldsOf, merge, without } from './typed.ts'
import type { Type } from '../openapi/types.ts'

export interface Applied {
  /** The live object with the configuration merged in; not yet defaulted or validated. */
  object: KubeObject
  managedFields: ManagedEntry[]
}

/** Who owned the fields of an object that nobody has signed (managedfields/internal/skipnonapplied.go). */
const BEFORE_FIRST_APPLY = 'before-first-apply'

/**
 * @param live undefined: the object is created by this
 * @throws ApiError 409 with one cause a field that others own, unless `force`
 */
export function applyConfiguration(
  live: KubeObject | undefined,
  configuration: JsonObject,
  writer: ManagedEntry,
  force: boolean,
  ground: Ground,
): Applied {
  const scope = scopeOf(writer.subresource)
  const config = partOf(configuration, scope, ground)
  checkItems(config, ground.type, '')
  const before = live ? owners(live, ground) : []
  const own = before.find((entry) => isSameManager(entry, writer))
  const others = before.filter((entry) => entry !== own)
  const wanted = fieldsOf(config, ground.type)
  const old = (live ?? {}) as unknown as JsonObject
  const merged = merge(old, config, ground.type) as JsonObject
  const held = [...others.map(({ fieldsV1 }) => fieldsV1 ?? {}), wanted]
  const next = own ? pruned(merged, own.fieldsV1 ?? {}, held, ground.type) : merged
  const { changed, removed } = compare(
    partOf(old, scope, ground),
    partOf(next, scope, ground),
    ground.type,
  )
  if (!force) refuseConflicts(others, changed, scope)
  const lost = union(changed, removed)
  const left = others.flatMap((entry) => {
    if (scopeOf(entry.subresource) !== scope) return [entry]
    const fieldsV1 = difference(entry.fieldsV1 ?? {}, lost)
    return isEmpty(fieldsV1) ? [] : [withFields(entry, fieldsV1)]
  })
  const mine = isEmpty(wanted) ? [] : [withFields(writer, wanted)]
  return { object: next as unknown as KubeObject, managedFields: [...left, ...mine] }
}

function owners(live: KubeObject, ground: Ground): ManagedEntry[] {
  if (entriesOf(live).length > 0) return spelledOut(live, ground)
  const unsigned: ManagedEntry = {
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion: live.apiVersion ?? '',
    time: live.metadata.creationTimestamp ?? '',
    fieldsType: 'FieldsV1',
  }
  const metadata = { ...live.metadata, managedFields: [unsigned] }
  return spelledOut({ ...live, metadata }, ground)
}

/** What the applier had, no longer wants, and nobody else holds is gone; a place goes with its last owned part. */
function pruned(
  merged: JsonObject,
  had: FieldSet,
  held: readonly FieldSet[],
  type: Type,
): JsonObject {
  const all = (object: unknown) => withNamedFields(fieldsOf(object, type))
  const managed = withNamedFields(held.reduce(union, {}))
  const last = withNamedFields(had)
  const bare = without(merged, last, type)
  const owned = without(merged, difference(difference(all(merged), all(bare)), managed), type)
  const dangling = intersection(difference(all(merged), all(owned)), last)
  return without(merged, dangling, type) as JsonObject
}

function refuseConflicts(
  others: readonly ManagedEntry[],
  changed: FieldSet,
  scope: ReturnType<typeof scopeOf>,
): void {
  const conflicts = others.flatMap((entry) => {
    if (scopeOf(entry.subresource) !== scope) return []
    const paths = pathsOf(intersection(entry.fieldsV1 ?? {}, changed)).sort()
    return paths.map((path) => ({ manager: printedManager(entry), path }))
  })
  if (conflicts.length === 0) return
  throw new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: conflictMessage(conflicts),
    reason: 'Conflict',
    details: {
      causes: conflicts.map(({ manager, path }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${manager}`,
        field: path,
      })),
    },
    code: 409,
  })
}

interface Conflict {
  manager: string
  path: string
}

/** managedfields/internal/conflict.go */
function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (first && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort()
  const lines = managers.flatMap((name) => [
    `conflicts with ${name}:`,
    ...conflicts.filter(({ manager }) => manager === name).map(({ path }) => `- ${path}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function printedManager({ manager, operation, apiVersion, subresource }: ManagedEntry): string {
  const below = subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''
  const version = operation === 'Update' ? ` using ${apiVersion}` : ''
  return JSON.stringify(manager) + below + version
}

/** Items that cannot be told apart cannot be owned. @throws ApiError 400 */
function checkItems(value: unknown, type: Type, path: string): void {
  if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const below = type.is === 'struct' ? type.fields.get(name)?.type : undefined
      if (type.is === 'struct' && !below) {
        throw untyped(`${path}.${name}: field not declared in schema`)
      }
      if (below) checkItems(member, below, `${path}.${name}`)
      else if (type.is === 'map') checkItems(member, type.values, `${path}.${name}`)
    }
  } else if (Array.isArray(value) && type.is === 'list') {
    checkList(value, type, path)
  }
}

function checkList(list: unknown[], type: Type & { is: 'list' }, path: string): void {
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    if (type.listType === 'atomic') {
      checkItems(item, type.items, `${path}[${index}]`)
      continue
    }
    const element = elementOf(item, type)
    if (element === undefined) {
      const missing = type.keys.find(
        ({ name, default: fallback }) =>
          fallback === undefined && (!isJsonObject(item) || item[name] === undefined),
      )
      throw untyped(
        `${path}: element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(missing?.name ?? '')} (and doesn't have default value)`,
      )
    }
    const shown = pathsOf({ [element]: {} })[0] ?? ''
    if (seen.has(element)) throw untyped(`${path}: duplicate entries for key ${shown}`)
    seen.add(element)
    checkItems(item, type.items, `${path}${shown}`)
  }
}

function untyped(why: string): ApiError {
  return badRequest(`failed to create typed patch object: ${why}`)
}
