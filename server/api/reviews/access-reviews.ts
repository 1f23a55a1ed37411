// May they? May I? What may I? (authorization.k8s.io/v1)
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { PolicyRule } from '../../../shared/kubernetes/rbac.ts'
import { badRequest, invalid as invalidObject } from '../../../shared/status.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { ADMINISTRATORS, decide } from '../access/authorize.ts'
import type { Decision, Policy, Who } from '../access/policy.ts'
import type { Request } from '../access/rules.ts'
import type { Asked } from '../kinds/strategy.ts'
import { invalid } from '../kinds/rules/causes.ts'

interface ResourceAttributes {
  namespace?: string
  verb?: string
  group?: string
  resource?: string
  subresource?: string
  name?: string
}

interface AccessReview extends KubeObject {
  spec?: {
    resourceAttributes?: ResourceAttributes
    nonResourceAttributes?: { path?: string; verb?: string }
    user?: string
    groups?: string[]
  }
  status?: unknown
}

export async function selfAccessReview(review: AccessReview, asked: Asked): Promise<KubeObject> {
  return answered(review, asked, asked.caller, [])
}

/** Of anybody: of one namespace (LocalSubjectAccessReview) or of all. */
export async function accessReview(review: AccessReview, asked: Asked): Promise<KubeObject> {
  const { user = '', groups = [], resourceAttributes } = review.spec ?? {}
  if (asked.namespace !== undefined) {
    const { namespace = '' } = resourceAttributes ?? {}
    if (namespace !== asked.namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${asked.namespace}`)
    }
  }
  const nobody =
    user === '' && groups.length === 0
      ? [invalid('spec.user', '', 'at least one of user or group must be specified')]
      : []
  return answered(review, asked, { user, groups }, nobody)
}

function answered(
  review: AccessReview,
  { policy, kind }: Asked,
  who: Who,
  causes: readonly StatusCause[],
): KubeObject {
  const { resourceAttributes, nonResourceAttributes } = review.spec ?? {}
  const both = resourceAttributes !== undefined && nonResourceAttributes !== undefined
  const neither = resourceAttributes === undefined && nonResourceAttributes === undefined
  const all = [...causes]
  if (both) {
    const why = 'cannot be specified in combination with resourceAttributes'
    all.push(invalid('spec.nonResourceAttributes', nonResourceAttributes, why))
  } else if (neither) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    all.push(invalid('spec.resourceAttributes', null, why))
  }
  if (all.length > 0) throw invalidObject(kind, '', all)
  const request: Request = nonResourceAttributes
    ? { verb: nonResourceAttributes.verb ?? '', path: nonResourceAttributes.path ?? '' }
    : resourceRequest(resourceAttributes ?? {})
  return { ...review, status: statusOf(decide(policy, who, request)) } as KubeObject
}

function resourceRequest(attributes: ResourceAttributes): Request {
  const { verb = '', group = '', resource = '', subresource, name, namespace } = attributes
  return { verb, group, resource, subresource, name, namespace }
}

function statusOf({ allowed, reason }: Decision): object {
  return { allowed, ...(reason && { reason }) }
}

interface RulesReview extends KubeObject {
  spec?: { namespace?: string }
}

const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Every rule that applies to whoever asks, within one namespace. */
export async function rulesReview(review: RulesReview, asked: Asked): Promise<KubeObject> {
  const { namespace } = review.spec ?? {}
  if (!namespace) throw badRequest('no namespace on request')
  const rules = heldBy(asked.policy, asked.caller, namespace)
  const ofResources = rules.filter(({ resources }) => resources?.length)
  const ofPaths = rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length)
  const status = {
    resourceRules: ofResources.map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames?.length && { resourceNames }),
    })),
    nonResourceRules: ofPaths.map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
  return { ...review, status } as KubeObject
}

function heldBy(policy: Policy, who: Who, namespace: string): PolicyRule[] {
  const own = policy.rulesFor(who, namespace)
  return who.groups.includes(ADMINISTRATORS) ? [...EVERYTHING, ...own] : own
}
