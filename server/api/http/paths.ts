// What a URL speaks of (apiserver/pkg/endpoints/request/requestinfo.go).
import { badRequest } from '../../../shared/status.ts'

export interface ResourcePath {
  group: string
  version: string
  /** Absent for the group-version itself: discovery. */
  plural?: string
  namespace?: string
  name?: string
  subresource?: string
  /** What follows the subresource, still percent-encoded: `metrics/x`. Undefined when there is not even a slash. */
  below?: string
  /** From the deprecated prefix /api/v1/watch/…. */
  watch?: true
}

/**
 * `/api/v1/…` and `/apis/<group>/<version>/…` taken apart.
 * @returns undefined for any other path.
 * @throws ApiError 400 for percent-encodings that are none.
 */
export function parseResourcePath(pathname: string): ResourcePath | undefined {
  const [, root, ...rest] = pathname.split('/')
  if (root === 'api' && rest[0]) return within({ group: '', version: rest[0] }, rest.slice(1))
  if (root === 'apis' && rest[0] && rest[1]) {
    return within({ group: rest[0], version: rest[1] }, rest.slice(2))
  }
  return undefined
}

function within(base: { group: string; version: string }, parts: string[]): ResourcePath {
  const [first, ...rest] = parts
  if (first === 'watch' && rest.length > 0) return { ...scoped(base, rest), watch: true }
  if (first === 'proxy' && rest.length > 0) return legacyProxy(scoped(base, rest), rest)
  return scoped(base, parts)
}

function scoped(base: { group: string; version: string }, parts: string[]): ResourcePath {
  const ofNamespace = parts.length > 2 && !['status', 'finalize', ''].includes(parts[2] ?? '')
  if (parts[0] === 'namespaces' && parts[1] && ofNamespace) {
    return { ...resource(base, parts.slice(2)), namespace: decode(parts[1]) }
  }
  return resource(base, parts)
}

function resource(base: { group: string; version: string }, parts: string[]): ResourcePath {
  const [plural, name, subresource, ...below] = parts
  return {
    ...base,
    ...(plural && { plural: decode(plural) }),
    ...(name && { name: decode(name) }),
    ...(subresource && { subresource: decode(subresource) }),
    ...(parts.length > 3 && { below: below.join('/') }),
  }
}

/** /api/v1/proxy/namespaces/<ns>/services/<name>/<path>: the proxy as it was addressed in Kubernetes 1.1. */
function legacyProxy(path: ResourcePath, parts: string[]): ResourcePath {
  const used = path.namespace === undefined ? 2 : 4
  const below = parts.slice(used)
  const { subresource: _, below: __, ...rest } = path
  return {
    ...rest,
    subresource: 'proxy',
    ...(parts.length > used && { below: below.join('/') }),
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest(`invalid URL escape in path segment "${segment}"`)
  }
}
