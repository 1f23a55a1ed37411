// Strategic merge patch: maps merge, and lists whose schema names a merge key merge item by item
// (apimachinery/pkg/util/strategicpatch; sig-api-machinery/strategic-merge-patch.md).
import { badRequest } from '../../../shared/status.ts'
import type { MergeStrategy } from '../openapi/schemas.ts'
import { copyOf, isJsonObject, sameJson, type JsonObject } from '../values.ts'
import { inListOrder, orderOf } from './order.ts'

/** How a field is merged, found by the names that lead to it (list items add no name). */
export type RuleLookup = (path: readonly string[]) => MergeStrategy

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/'
const ELEMENT_ORDER = '$setElementOrder/'

/**
 * The patched object; neither argument is changed.
 * @throws ApiError 400 when directives contradict the patch or a list item lacks its merge key.
 */
export function applyStrategicPatch(
  object: unknown,
  patch: JsonObject,
  rules: RuleLookup,
): JsonObject {
  return mergeMaps(isJsonObject(object) ? object : {}, patch, [], rules)
}

function mergeMaps(
  original: JsonObject,
  patch: JsonObject,
  path: readonly string[],
  rules: RuleLookup,
): JsonObject {
  const directive = patch[DIRECTIVE]
  if (directive === 'replace') return withoutDirectives(omit(patch, DIRECTIVE)) as JsonObject
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(
      `unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(patch)}`,
    )
  }
  const merged = retained(original, patch)
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue
    if (key.startsWith(DELETE_PRIMITIVES)) {
      removePrimitives(merged, key.slice(DELETE_PRIMITIVES.length), value)
    } else mergeMember(merged, key, value, [...path, key], rules)
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(ELEMENT_ORDER)) {
      orderMember(merged, original, patch, key.slice(ELEMENT_ORDER.length), order, path, rules)
    }
  }
  return merged
}

/** `$retainKeys` names all members that may stay: how one of several alternatives is chosen. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS]
  if (keys === undefined) return { ...original }
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retain keys list')
  for (const key of Object.keys(patch)) {
    if (key.startsWith('$') || patch[key] === null || keys.includes(key)) continue
    throw badRequest(`invalid patch: field ${key} is not in the retain keys list`)
  }
  const kept = Object.entries(original).filter(([key]) => keys.includes(key))
  return Object.fromEntries(kept)
}

function mergeMember(
  merged: JsonObject,
  key: string,
  value: unknown,
  path: readonly string[],
  rules: RuleLookup,
): void {
  if (value === null) {
    delete merged[key]
    return
  }
  const held = Object.hasOwn(merged, key) ? merged[key] : undefined
  if (isJsonObject(value)) {
    merged[key] = mergeMaps(isJsonObject(held) ? held : {}, value, path, rules)
  } else if (Array.isArray(value)) {
    merged[key] = mergeLists(Array.isArray(held) ? held : [], value, path, rules)
  } else merged[key] = value
}

function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  path: readonly string[],
  rules: RuleLookup,
): unknown[] {
  const { type, mergeKey } = rules(path)
  if (type === 'list' && mergeKey) return mergeItems(original, patch, mergeKey, path, rules)
  if (type !== 'set') return patch.map(withoutDirectives)
  const all = [...original, ...patch]
  const unique = all.filter((item, at) => all.indexOf(item) === at)
  return inListOrder(unique, patch, original, undefined)
}

function mergeItems(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  path: readonly string[],
  rules: RuleLookup,
): unknown[] {
  const plain = patch.filter((item) => !isJsonObject(item) || item[DIRECTIVE] === undefined)
  const special = patch.filter((item) => isJsonObject(item) && item[DIRECTIVE] !== undefined)
  let base = [...original]
  for (const item of special as JsonObject[]) {
    if (item[DIRECTIVE] === 'replace') return plain.map(withoutDirectives)
    if (item[DIRECTIVE] !== 'delete') {
      throw badRequest(
        `unknown patch type: ${JSON.stringify(item[DIRECTIVE])} in list: ${path.join('.')}`,
      )
    }
    const gone = keyValue(item, mergeKey)
    base = base.filter((held) => !isJsonObject(held) || !sameJson(held[mergeKey], gone))
  }
  const merged: unknown[] = [...base]
  for (const item of plain) {
    const value = keyValue(item, mergeKey)
    const at = merged.findIndex((held) => isJsonObject(held) && sameJson(held[mergeKey], value))
    const held = at < 0 ? {} : (merged[at] as JsonObject)
    const next = mergeMaps(held, item as JsonObject, path, rules)
    if (at < 0) merged.push(next)
    else merged[at] = next
  }
  return inListOrder(merged, plain, original, mergeKey)
}

function keyValue(item: unknown, mergeKey: string): unknown {
  const value = isJsonObject(item) ? item[mergeKey] : undefined
  if (value !== undefined && value !== null) return value
  throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`)
}

function removePrimitives(merged: JsonObject, key: string, values: unknown): void {
  if (!Array.isArray(values)) throw badRequest(`invalid patch format of delete primitive list`)
  const held = Object.hasOwn(merged, key) ? merged[key] : undefined
  if (Array.isArray(held)) merged[key] = held.filter((item) => !values.includes(item))
}

/** Puts a list in the order that `$setElementOrder` says; what it does not name keeps its place as well as it can. */
function orderMember(
  merged: JsonObject,
  original: JsonObject,
  patch: JsonObject,
  key: string,
  order: unknown,
  path: readonly string[],
  rules: RuleLookup,
): void {
  if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list')
  const { mergeKey } = rules([...path, key])
  const sent = patch[key]
  if (Array.isArray(sent)) checkOrder(sent, order, mergeKey, key)
  const held = merged[key]
  if (!Array.isArray(held)) return
  const before = Array.isArray(original[key]) ? original[key] : []
  merged[key] = inListOrder(held, order, before, mergeKey)
}

/** The order must name every item the patch sends, in the same relative order. */
function checkOrder(
  sent: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
  key: string,
): void {
  let last = -1
  for (const item of sent) {
    if (isJsonObject(item) && item[DIRECTIVE] !== undefined) continue
    const at = orderOf(order, item, mergeKey)
    if (at > last) {
      last = at
      continue
    }
    throw badRequest(
      `The order in patch list:\n${JSON.stringify(sent)}\n doesn't match ${ELEMENT_ORDER}${key} list:\n${JSON.stringify(order)}\n`,
    )
  }
}

/** A value that is new to the object: a copy without nulls and without what only steers the patch. */
function withoutDirectives(value: unknown): unknown {
  return strip(copyOf(value))
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !isJsonObject(item) || item[DIRECTIVE] === undefined).map(strip)
  }
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(
    ([key]) =>
      key !== DIRECTIVE &&
      key !== RETAIN_KEYS &&
      !key.startsWith(ELEMENT_ORDER) &&
      !key.startsWith(DELETE_PRIMITIVES),
  )
  return Object.fromEntries(kept.map(([key, member]) => [key, strip(member)]))
}

function omit(object: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = object
  return rest
}
