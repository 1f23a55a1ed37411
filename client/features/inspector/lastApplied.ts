// The object as it is, and as somebody last asked for it, in a form whose differences mean something. Pure.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** What `kubectl apply` keeps of the file it was given; null when nobody applied it, or when it cannot be read. */
export function lastApplied({ metadata }: KubeObject): KubeObject | null {
  const text = metadata.annotations?.[LAST_APPLIED]
  if (text === undefined) return null
  try {
    return JSON.parse(text) as KubeObject
  } catch {
    return null
  }
}

/** The object as people read it: without the server's bookkeeping. */
export function readable(object: KubeObject): KubeObject {
  const { managedFields: _, annotations, ...metadata } = object.metadata
  const { [LAST_APPLIED]: __, ...others } = annotations ?? {}
  return {
    ...object,
    metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) },
  }
}

/**
 * The part of `actual` that `asked` speaks of: same fields, list items by place; what only the cluster added is left out,
 * so that what differs is what somebody changed since.
 */
export function partAsked(actual: unknown, asked: unknown): unknown {
  if (Array.isArray(asked) && Array.isArray(actual)) {
    return actual.map((item, at) => (at < asked.length ? partAsked(item, asked[at]) : item))
  }
  if (!isRecord(asked) || !isRecord(actual)) return actual
  return Object.fromEntries(
    Object.keys(asked)
      .filter((name) => name in actual)
      .map((name) => [name, partAsked(actual[name], asked[name])]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
