// JSON merge patch (RFC 7386), and as much of Kubernetes' strategic merge as tests of controllers need: lists of objects
// that have a `type` or a `name` merge by it.

/** `target` with `patch` put over it; neither is changed. */
export function mergePatch(target: unknown, patch: unknown, type: 'merge' | 'strategic'): unknown {
  if (type === 'strategic' && Array.isArray(target) && Array.isArray(patch)) {
    return mergeLists(target, patch)
  }
  if (!isObject(patch)) return structuredClone(patch)
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = mergePatch(result[name], value, type)
  }
  return result
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mergeLists(target: unknown[], patch: unknown[]): unknown[] {
  const field = ['type', 'name'].find((name) =>
    [...target, ...patch].every((item) => isObject(item) && typeof item[name] === 'string'),
  )
  if (!field) return structuredClone(patch)
  const merged = new Map(target.map((item) => [(item as Record<string, unknown>)[field], item]))
  for (const item of patch as Record<string, unknown>[]) {
    merged.set(item[field], mergePatch(merged.get(item[field]), item, 'strategic'))
  }
  return [...merged.values()]
}
