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

type GroupVersion = Pick<ResourcePath, 'group' | 'version'>

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

function within(base: GroupVersion, parts: string[]): ResourcePath {
  const [first, ...rest] = parts
  if (first === 'watch' && rest.length > 0) return { ...scoped(base, rest), watch: true }
  if (first === 'proxy' && rest.length > 0) return legacyProxy(scoped(base, rest), rest)
  return scoped(base, parts)
}

/** What follows a namespace's name without being a kind. */
const OWN_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize', ''])

function scoped(base: GroupVersion, parts: string[]): ResourcePath {
  const ofNamespace = parts.length > 2 && !OWN_SUBRESOURCES.has(parts[2] ?? '')
  if (parts[0] === 'namespaces' && parts[1] && ofNamespace) {
    const path = resource(base, parts.slice(2))
    path.namespace = decode(parts[1])
    return path
  }
  return resource(base, parts)
}

function resource({ group, version }: GroupVersion, parts: string[]): ResourcePath {
  const [plural, name, subresource] = parts
  const path: ResourcePath = { group, version }
  if (plural) path.plural = decode(plural)
  if (name) path.name = decode(name)
  if (subresource) path.subresource = decode(subresource)
  if (parts.length > 3) path.below = parts.slice(3).join('/')
  return path
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
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest(`invalid URL escape in path segment "${segment}"`)
  }
}
