// Who may do what: roles and bindings compiled to a lookup by subject. Compiled when first asked after one of them changed,
// so that a request costs a few lookups and never a walk of the store.
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  type Kind,
} from '../../../shared/kubernetes/kinds.ts'
import type {
  ClusterRole,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../../shared/kubernetes/rbac.ts'
import type { Store } from '../../store/store.ts'
import { prefixOf, storeKey } from '../keys.ts'
import { compileRule, type CompiledRule, type Request } from './rules.ts'

/** Somebody, as far as rules go. */
export interface Who {
  readonly user: string
  readonly groups: readonly string[]
}

export interface Decision {
  allowed: boolean
  /** By which binding; or, of a refusal, which roles there are none of. */
  reason: string
}

/** What one binding gives to one subject. */
interface Grant {
  readonly rules: readonly PolicyRule[]
  readonly compiled: readonly CompiledRule[]
  /** `RoleBinding "a/default" of Role "b" to User "c"`. */
  readonly by: string
  /** Set where the role does not exist. */
  readonly missing?: string
}

type BySubject = Map<string, Grant[]>

interface Compiled {
  readonly everywhere: BySubject
  readonly within: Map<string, BySubject>
}

const KINDS: readonly Kind[] = [roles, clusterRoles, roleBindings, clusterRoleBindings]

export class Policy {
  readonly #store: Store
  #compiled: Compiled | undefined

  constructor(store: Store) {
    this.#store = store
    for (const kind of KINDS) {
      const follow = (): void => {
        const forget = (): void => void (this.#compiled = undefined)
        // A watch that could not keep up is begun anew; one that ends has nothing more to tell.
        store.watch(prefixOf(kind), store.revision, forget).done.catch(() => {
          forget()
          follow()
        })
      }
      follow()
    }
  }

  /** May they? Rules only: who needs none (system:masters) is the caller's to know. */
  decide(who: Who, request: Request): Decision {
    const missing: string[] = []
    for (const grant of this.#grantsOf(who, 'path' in request ? undefined : request.namespace)) {
      if (grant.compiled.some((allows) => allows(request))) {
        return { allowed: true, reason: `RBAC: allowed by ${grant.by}` }
      }
      if (grant.missing !== undefined) missing.push(grant.missing)
    }
    return { allowed: false, reason: missing.length > 0 ? `RBAC: ${aggregate(missing)}` : '' }
  }

  /** Every rule that applies to them in this namespace; without one, those that apply everywhere. */
  rulesFor(who: Who, namespace: string | undefined): PolicyRule[] {
    return this.#grantsOf(who, namespace).flatMap(({ rules }) => rules)
  }

  /** @returns undefined when there is no such role */
  rulesOfRole(ref: RoleRef, namespace: string | undefined): PolicyRule[] | undefined {
    return ruleSource(this.#store, ref, namespace)?.rules
  }

  #grantsOf({ user, groups }: Who, namespace: string | undefined): Grant[] {
    const { everywhere, within } = (this.#compiled ??= compile(this.#store))
    const inside = namespace ? within.get(namespace) : undefined
    const subjects = [`User ${user}`, ...groups.map((group) => `Group ${group}`)]
    const of = (grants: BySubject | undefined): Grant[] =>
      grants ? subjects.flatMap((subject) => grants.get(subject) ?? []) : []
    return [...of(everywhere), ...of(inside)]
  }
}

/** As Kubernetes prints several errors (apimachinery/pkg/util/errors). */
function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)]
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`
}

function ruleSource(
  store: Store,
  { kind, name }: RoleRef,
  namespace: string | undefined,
): { rules: PolicyRule[] } | undefined {
  if (kind === 'Role' && !namespace) return undefined
  const key =
    kind === 'Role' ? storeKey(roles, { namespace, name }) : storeKey(clusterRoles, { name })
  const role = store.get(key)?.value as Role | ClusterRole | undefined
  return role && { rules: role.rules ?? [] }
}

function compile(store: Store): Compiled {
  const everywhere: BySubject = new Map()
  const within = new Map<string, BySubject>()
  // Many bindings share a role.
  const known = new Map<readonly PolicyRule[], CompiledRule[]>()
  const compiledOf = (rules: readonly PolicyRule[]): CompiledRule[] => {
    const held = known.get(rules) ?? rules.map(compileRule)
    known.set(rules, held)
    return held
  }
  const add = (into: BySubject, binding: RoleBinding, namespace: string | undefined): void => {
    const source = ruleSource(store, binding.roleRef, namespace)
    const rules = source?.rules ?? []
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace)
      if (key === undefined) continue
      const grant: Grant = {
        rules,
        compiled: compiledOf(rules),
        by: described(binding, subject, namespace),
        ...(!source && { missing: missingRole(binding.roleRef) }),
      }
      const others = into.get(key)
      if (others) others.push(grant)
      else into.set(key, [grant])
    }
  }
  for (const { value } of store.list(prefixOf(clusterRoleBindings)).entries) {
    add(everywhere, value as RoleBinding, undefined)
  }
  for (const { value } of store.list(prefixOf(roleBindings)).entries) {
    const binding = value as RoleBinding
    const { namespace = '' } = binding.metadata
    const inside: BySubject = within.get(namespace) ?? new Map()
    within.set(namespace, inside)
    add(inside, binding, namespace)
  }
  return { everywhere, within }
}

/** Service accounts are users of a certain name; in a RoleBinding their namespace may go without saying. */
function subjectKey(
  { kind, name, namespace: own }: Subject,
  namespace: string | undefined,
): string | undefined {
  if (kind === 'User' || kind === 'Group') return `${kind} ${name}`
  const of = own || namespace
  return kind === 'ServiceAccount' && of ? `User system:serviceaccount:${of}:${name}` : undefined
}

function missingRole({ kind, name }: RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`
}

function described(
  { metadata, roleRef }: RoleBinding,
  { kind, name, namespace: own }: Subject,
  namespace: string | undefined,
): string {
  const binding =
    namespace === undefined
      ? `ClusterRoleBinding ${JSON.stringify(metadata.name)}`
      : `RoleBinding ${JSON.stringify(`${metadata.name}/${namespace}`)}`
  const of = own || namespace
  const whom = kind === 'ServiceAccount' && of ? `${name}/${of}` : name
  const to = `${kind} ${JSON.stringify(whom)}`
  return `${binding} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${to}`
}
