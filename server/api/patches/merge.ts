// JSON merge patch (RFC 7386): members replace, null removes, lists are replaced whole.
import { isJsonObject, type JsonObject } from '../values.ts'

/** The merged value; neither argument is changed, parts may be shared with both. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = applyMergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value)
  }
  return merged
}
