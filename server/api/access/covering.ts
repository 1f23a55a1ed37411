// Whether rules give what another asks for (component-helpers/auth/rbac/validation/policy_comparator.go). Pure.
import type { PolicyRule } from '../../../shared/kubernetes/rbac.ts'

/** A rule as rules of one verb on one resource, name or path each. */
export function breakDown(rule: PolicyRule): PolicyRule[] {
  const {
    verbs = [],
    apiGroups = [],
    resources = [],
    resourceNames = [],
    nonResourceURLs = [],
  } = rule
  const ofPaths = nonResourceURLs.flatMap((url) =>
    verbs.map((verb): PolicyRule => ({ verbs: [verb], nonResourceURLs: [url] })),
  )
  const names = resourceNames.length > 0 ? resourceNames : [undefined]
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name): PolicyRule => {
          const one = { verbs: [verb], apiGroups: [group], resources: [resource] }
          return name === undefined ? one : { ...one, resourceNames: [name] }
        }),
      ),
    ),
  )
  return [...ofResources, ...ofPaths]
}

const holds = (held: readonly string[] | undefined, wanted: readonly string[] | undefined) =>
  held?.includes('*') === true || (wanted ?? []).every((each) => held?.includes(each))

/** Whether everything that `wanted` allows, `held` allows by itself. */
export function covers(held: PolicyRule, wanted: PolicyRule): boolean {
  if (!holds(held.verbs, wanted.verbs)) return false
  if (wanted.nonResourceURLs?.length) {
    return wanted.nonResourceURLs.every((url) => coversPath(held.nonResourceURLs ?? [], url))
  }
  const named = held.resourceNames ?? []
  const names = wanted.resourceNames ?? []
  const namesHeld =
    named.length === 0 || (names.length > 0 && names.every((n) => named.includes(n)))
  return (
    namesHeld &&
    holds(held.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((resource) => coversResource(held.resources ?? [], resource))
  )
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes('*') || held.includes(resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && held.includes(`*${resource.slice(slash)}`)
}

function coversPath(held: readonly string[], url: string): boolean {
  return held.some(
    (each) =>
      each === '*' || each === url || (each.endsWith('*') && url.startsWith(each.slice(0, -1))),
  )
}

/** Rules as they are named in refusals, those that differ in their verb alone as one, in order of their texts. */
export function printed(rules: readonly PolicyRule[]): string[] {
  const byTarget = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { verbs: _, ...target } = rule
    const key = JSON.stringify(target)
    const verbs = [...(byTarget.get(key)?.verbs ?? []), ...(rule.verbs ?? [])]
    byTarget.set(key, { ...rule, verbs: [...new Set(verbs)] })
  }
  return [...byTarget.values()].map(compactText).sort()
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` (pkg/apis/rbac/v1/helpers.go: CompactString). */
function compactText(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const texts = parts
    .filter(([, list]) => list?.length)
    .map(([name, list]) => `${name}:[${list?.map((each) => JSON.stringify(each)).join(' ')}]`)
  return `{${texts.join(', ')}}`
}
