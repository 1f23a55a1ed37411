// Nobody gives what they do not have: who writes a role must hold its rules, or the right to `escalate`; who binds one must
// hold its rules, or the right to `bind` it (pkg/registry/rbac, component-helpers/auth/rbac/validation).
import {
  certificateSigningRequests,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  type Kind,
} from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { ClusterRole, PolicyRule, Role, RoleBinding } from '../../../shared/kubernetes/rbac.ts'
import { forbidden, notFound } from '../../../shared/status.ts'
import type { Caller } from '../../../shared/operation.ts'
import { sameJson } from '../values.ts'
import { ADMINISTRATORS, decide, type Judge } from './authorize.ts'
import { confirmRequest, confirmSigner } from './signers.ts'
import { breakDown, covers, printed } from './covering.ts'

/** What cluster-admin holds, without which nobody may gather rules that others will write. */
const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/**
 * Checks a role, a binding or a certificate's request that is about to be written; anything else passes.
 * @throws ApiError 403 when it would give more than the caller has; 404 when a bound role does not exist
 */
export function confirmGrant(
  { judge }: { judge: Judge },
  caller: Caller,
  kind: Kind,
  next: KubeObject,
  old?: KubeObject,
  subresource?: string,
): void {
  if (kind === certificateSigningRequests && !old) confirmRequest(next)
  if (caller.groups.includes(ADMINISTRATORS)) return
  if (kind === certificateSigningRequests && old) {
    confirmSigner(judge, caller, next, old, subresource)
  }
  if (kind === roles || kind === clusterRoles) confirmRole(judge, caller, kind, next, old)
  if (kind === roleBindings || kind === clusterRoleBindings) {
    confirmBinding(judge, caller, kind, next as RoleBinding, old as RoleBinding | undefined)
  }
}

function confirmRole(
  judge: Judge,
  caller: Caller,
  kind: Kind,
  next: ClusterRole | Role,
  old: ClusterRole | Role | undefined,
): void {
  const { name = '', namespace } = next.metadata
  const gathers = (role: ClusterRole | undefined) => role?.aggregationRule
  if (old && sameJson(next.rules, old.rules) && sameJson(gathers(next), gathers(old))) return
  const request = { verb: 'escalate', group: kind.group, resource: kind.plural, name, namespace }
  if (decide(judge.policy, caller, request).allowed) return
  const held = judge.policy.rulesFor(caller, namespace)
  if (gathers(next) && missingOf(held, EVERYTHING).length > 0) {
    const why = 'must have cluster-admin privileges to use the aggregationRule'
    throw forbidden(kind, name, why)
  }
  confirmHeld(caller, held, next.rules ?? [], kind, name)
}

function confirmBinding(
  judge: Judge,
  caller: Caller,
  kind: Kind,
  next: RoleBinding,
  old: RoleBinding | undefined,
): void {
  const { roleRef, subjects } = next
  const { name = '', namespace } = next.metadata
  // What it lacks, its validation says.
  if (!roleRef?.name) return
  if (old && sameJson(roleRef, old.roleRef) && sameJson(subjects, old.subjects)) return
  const of = roleRef.kind === 'Role' ? roles : clusterRoles
  const request = { verb: 'bind', group: of.group, resource: of.plural, name: roleRef.name }
  if (decide(judge.policy, caller, { ...request, namespace }).allowed) return
  const given = judge.policy.rulesOfRole(roleRef, namespace)
  if (!given) throw notFound(of, roleRef.name)
  confirmHeld(caller, judge.policy.rulesFor(caller, namespace), given, kind, name)
}

function confirmHeld(
  { user, groups }: Caller,
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
  kind: Kind,
  name: string,
): void {
  const missing = missingOf(held, wanted)
  if (missing.length === 0) return
  const list = groups.map((group) => JSON.stringify(group)).join(' ')
  const why = `user ${JSON.stringify(user)} (groups=[${list}]) is attempting to grant RBAC permissions not currently held:\n${printed(missing).join('\n')}`
  throw forbidden(kind, name, why)
}

function missingOf(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((rule) => !held.some((each) => covers(each, rule)))
}
