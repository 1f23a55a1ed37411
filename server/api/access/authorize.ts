// What a caller may do. Administrators and the cluster's own components: everything. Everybody else: what RBAC says. Texts
// are those of k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go.
import type { ObjectKey } from '../../../shared/client.ts'
import { namespaces, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { Caller } from '../../../shared/operation.ts'
import { ApiError, forbidden } from '../../../shared/status.ts'
import type { Decision, Policy, Who } from './policy.ts'
import type { PathRequest, Request, ResourceRequest } from './rules.ts'

export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export interface Attempt {
  verb: Verb | 'impersonate' | 'approve' | 'sign'
  kind: Pick<Kind, 'group' | 'plural'>
  namespace?: string | undefined
  name?: string | undefined
  subresource?: string | undefined
}

/** What is asked whether somebody may. */
export interface Judge {
  readonly policy: Policy
}

/** Whoever asked may not. */
export class NotAuthorized extends ApiError {
  readonly caller: Caller
  /** What the rules say besides; mostly nothing. */
  readonly why: string
  constructor(refusal: ApiError, caller: Caller, why: string) {
    super(refusal.status)
    this.caller = caller
    this.why = why
  }
}

export const ADMINISTRATORS = 'system:masters'

/** Throws ApiError 403 unless the caller may. */
export function authorize({ judge }: { judge: Judge }, caller: Caller, attempt: Attempt): void {
  if (caller.groups.includes(ADMINISTRATORS)) return
  const request = requestOf(attempt)
  const { allowed, reason } = judge.policy.decide(caller, request)
  if (allowed) return
  const message = withReason(refusal(caller, request), reason)
  throw new NotAuthorized(forbidden(attempt.kind, request.name ?? '', message), caller, reason)
}

/** `authorize` for what stands at a key. Asked for every request: administrators cost nothing but the look at their groups. */
export function authorizeAt(
  core: { judge: Judge },
  caller: Caller,
  verb: Attempt['verb'],
  kind: Attempt['kind'],
  { namespace, name }: ObjectKey,
  subresource?: string,
): void {
  if (caller.groups.includes(ADMINISTRATORS)) return
  authorize(core, caller, { verb, kind, namespace, name, subresource })
}

/** Throws ApiError 403 unless the caller may do this to a path that is no object. */
export function authorizePath(
  { judge }: { judge: Judge },
  caller: Caller,
  request: PathRequest,
): void {
  const { allowed, reason } = decide(judge.policy, caller, request)
  if (allowed) return
  const said = `User ${JSON.stringify(caller.user)} cannot ${request.verb} path ${JSON.stringify(request.path)}`
  const message = withReason(said, reason)
  const refused = new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `forbidden: ${message}`,
    reason: 'Forbidden',
    details: {},
    code: 403,
  })
  throw new NotAuthorized(refused, caller, reason)
}

/** Whether they may, and why. */
export function decide(policy: Policy, who: Who, request: Request): Decision {
  if (who.groups.includes(ADMINISTRATORS)) return { allowed: true, reason: '' }
  return policy.decide(who, request)
}

/** A namespace lies in itself, so that who may read it there may read it (request/requestinfo.go). */
function requestOf({ verb, kind, namespace, name, subresource }: Attempt): ResourceRequest {
  const isNamespace = kind.group === '' && kind.plural === namespaces.plural
  return {
    verb,
    group: kind.group,
    resource: kind.plural,
    namespace: isNamespace ? name : namespace,
    name,
    subresource,
  }
}

function refusal(caller: Caller, request: ResourceRequest): string {
  const { verb, group, namespace, resource: plural, subresource } = request
  const resource = subresource ? `${plural}/${subresource}` : plural
  const scope = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  return `User ${JSON.stringify(caller.user)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${scope}`
}

function withReason(message: string, reason: string): string {
  return reason ? `${message}: ${reason}` : message
}
