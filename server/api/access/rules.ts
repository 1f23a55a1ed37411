// What a rule of RBAC allows (pkg/apis/rbac/v1/evaluation_helpers.go). Pure; rules are compiled once and asked often.
import type { PolicyRule } from '../../../shared/kubernetes/rbac.ts'

/** Something that is done to objects, or to a path that is none. */
export type Request = ResourceRequest | PathRequest

export interface ResourceRequest {
  readonly verb: string
  readonly group: string
  /** The plural. */
  readonly resource: string
  readonly subresource?: string | undefined
  readonly name?: string | undefined
  readonly namespace?: string | undefined
}

export interface PathRequest {
  readonly verb: string
  readonly path: string
}

/** Answers whether the rule allows the request, wherever the rule applies. */
export type CompiledRule = (request: Request) => boolean

const ALL = '*'

/** A test whether a text is one of `texts`, or they are all. */
function among(texts: readonly string[] | undefined): (text: string) => boolean {
  const set = new Set(texts)
  return set.has(ALL) ? () => true : (text) => set.has(text)
}

export function compileRule(rule: PolicyRule): CompiledRule {
  const verbs = among(rule.verbs)
  const groups = among(rule.apiGroups)
  const resources = resourceTest(rule.resources)
  const names = rule.resourceNames?.length ? new Set(rule.resourceNames) : undefined
  const paths = pathTest(rule.nonResourceURLs)
  return (request) => {
    if (!verbs(request.verb)) return false
    if ('path' in request) return paths(request.path)
    const { group, resource, subresource, name = '' } = request
    return groups(group) && resources(resource, subresource) && (!names || names.has(name))
  }
}

function resourceTest(
  resources: readonly string[] | undefined,
): (resource: string, subresource: string | undefined) => boolean {
  const set = new Set(resources)
  if (set.has(ALL)) return () => true
  return (resource, subresource) =>
    subresource
      ? set.has(`${resource}/${subresource}`) || set.has(`*/${subresource}`)
      : set.has(resource)
}

function pathTest(urls: readonly string[] = []): (path: string) => boolean {
  if (urls.includes(ALL)) return () => true
  const exact = new Set(urls)
  const beginnings = urls.filter((url) => url.endsWith('*')).map((url) => url.replace(/\*+$/, ''))
  return (path) => exact.has(path) || beginnings.some((beginning) => path.startsWith(beginning))
}
