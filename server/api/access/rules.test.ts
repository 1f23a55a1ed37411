// Rules of RBAC: the compiled ones against a slow model that reads each rule as it is written.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyRule } from '../../../shared/kubernetes/rbac.ts'
import { breakDown, covers, printed } from './covering.ts'
import { compileRule, type Request } from './rules.ts'

const some = (...texts: string[]) => fc.subarray(texts)
const ruleOf: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record(
    {
      verbs: some('get', 'list', '*'),
      apiGroups: some('', 'apps', '*'),
      resources: some('pods', 'pods/log', '*/scale', 'deployments', '*'),
      resourceNames: some('a', 'b'),
    },
    { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
  ),
  fc.record({
    verbs: some('get', '*'),
    nonResourceURLs: some('/healthz', '/healthz/*', '/api*', '*'),
  }),
)
const requestOf: fc.Arbitrary<Request> = fc.oneof(
  fc.record({
    verb: fc.constantFrom('get', 'list', 'create'),
    group: fc.constantFrom('', 'apps'),
    resource: fc.constantFrom('pods', 'deployments'),
    subresource: fc.constantFrom(undefined, 'log', 'scale'),
    name: fc.constantFrom(undefined, 'a', 'c'),
  }),
  fc.record({
    verb: fc.constantFrom('get', 'post'),
    path: fc.constantFrom('/healthz', '/healthz/etcd', '/api/v1', '/'),
  }),
)

function slowly(rule: PolicyRule, request: Request): boolean {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  const has = (list: string[], text: string) => list.some((each) => each === '*' || each === text)
  if (!has(verbs, request.verb)) return false
  if ('path' in request) {
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith('*') ? request.path.startsWith(url.slice(0, -1)) : request.path === url,
    )
  }
  const { group, resource, subresource, name } = request
  const full = subresource ? `${resource}/${subresource}` : resource
  const ofResource =
    has(resources, full) || Boolean(subresource && resources.includes(`*/${subresource}`))
  const ofName = resourceNames.length === 0 || resourceNames.includes(name ?? '')
  return has(apiGroups, group) && ofResource && ofName
}

test('a compiled rule allows what the rule says', () => {
  fc.assert(
    fc.property(ruleOf, requestOf, (rule, request) => {
      expect(compileRule(rule)(request)).toBe(slowly(rule, request))
    }),
    { numRuns: 2000 },
  )
})

test('a rule that covers another allows whatever that allows', () => {
  fc.assert(
    fc.property(ruleOf, ruleOf, requestOf, (held, wanted, request) => {
      const covered = breakDown(wanted).every((one) => covers(held, one))
      fc.pre(covered && slowly(wanted, request))
      expect(slowly(held, request)).toBe(true)
    }),
    { numRuns: 300, maxSkipsPerRun: 1000 },
  )
})

test('what is missing is named as Kubernetes names it', () => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }
  expect(printed(breakDown(rule))).toEqual([
    '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
  ])
})
