// Roles and their bindings (pkg/apis/rbac: defaults.go, validation; pkg/printers).
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import {
  RBAC_GROUP,
  type ClusterRole,
  type PolicyRule,
  type Role,
  type RoleBinding,
  type RoleRef,
  type Subject,
} from '../../../shared/kubernetes/rbac.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { invalid, notSupported, required } from './rules/causes.ts'
import { follows, nameFollows, same, selectorFollows } from './rules/fields.ts'
import { pathSegment, subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, text } from './rules/print.ts'
import type { Column, Strategy } from './strategy.ts'

function ruleCauses(field: string, rule: PolicyRule, namespaced: boolean): StatusCause[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs } = rule
  const causes: StatusCause[] = []
  if (!rule.verbs?.length) {
    causes.push(required(`${field}.verbs`, 'verbs must contain at least one value'))
  }
  if (nonResourceURLs?.length) {
    const at = `${field}.nonResourceURLs`
    if (namespaced) {
      const why = 'namespaced rules cannot apply to non-resource URLs'
      causes.push(invalid(at, nonResourceURLs, why))
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs'
      causes.push(invalid(at, nonResourceURLs, why))
    }
    return causes
  }
  if (apiGroups.length === 0) {
    causes.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  }
  if (resources.length === 0) {
    causes.push(required(`${field}.resources`, 'resource rules must supply at least one resource'))
  }
  return causes
}

function roleCauses(role: Role, namespaced: boolean): StatusCause[] {
  const rules = role.rules ?? []
  return [
    ...nameFollows(pathSegment, role),
    ...rules.flatMap((rule, i) => ruleCauses(`rules[${i}]`, rule, namespaced)),
  ]
}

function aggregationCauses({ aggregationRule }: ClusterRole): StatusCause[] {
  if (!aggregationRule) return []
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0) {
    const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    return [required(field, why)]
  }
  return selectors.flatMap((selector, i) => selectorFollows(`${field}[${i}]`, selector))
}

const createdColumn: Column<KubeObject> = {
  name: 'Created At',
  type: 'date',
  description: 'When the object was created.',
  cell: ({ metadata }) => metadata.creationTimestamp ?? '',
}

export const roleStrategy: Strategy<Role> = {
  kind: roles,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  columns: [nameColumn, createdColumn],
  default: (role) => void (role.rules ??= []),
  validate: (role) => roleCauses(role, true),
}

export const clusterRoleStrategy: Strategy<ClusterRole> = {
  kind: clusterRoles,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  columns: [nameColumn, createdColumn],
  default: (role) => void (role.rules ??= []),
  validate: (role) => [...roleCauses(role, false), ...aggregationCauses(role)],
}

function subjectCauses(field: string, subject: Subject, namespaced: boolean): StatusCause[] {
  const { kind, name, namespace, apiGroup = '' } = subject
  const causes = name ? [] : [required(`${field}.name`)]
  if (kind === 'ServiceAccount') {
    if (name) causes.push(...follows(subdomain, `${field}.name`, name))
    if (apiGroup !== '') causes.push(notSupported(`${field}.apiGroup`, apiGroup, ['']))
    if (!namespaced && !namespace) causes.push(required(`${field}.namespace`))
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== RBAC_GROUP) {
      causes.push(notSupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP]))
    }
  } else {
    causes.push(notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
  return causes
}

/** What was sent may lack any of it. */
function refCauses(ref: Partial<RoleRef> | undefined, kinds: readonly string[]): StatusCause[] {
  const { apiGroup = '', kind = '', name = '' } = ref ?? {}
  return [
    ...(apiGroup === RBAC_GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name ? follows(pathSegment, 'roleRef.name', name) : [required('roleRef.name')]),
  ]
}

function bindingCauses(binding: RoleBinding, roleKinds: readonly string[]): StatusCause[] {
  const { roleRef, subjects = [] } = binding
  const namespaced = roleKinds.includes('Role')
  return [
    ...nameFollows(pathSegment, binding),
    ...refCauses(roleRef, roleKinds),
    ...subjects.flatMap((subject, i) => subjectCauses(`subjects[${i}]`, subject, namespaced)),
  ]
}

function defaultBinding({ roleRef, subjects }: RoleBinding): void {
  if (roleRef) roleRef.apiGroup ||= RBAC_GROUP
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP
  }
}

const subjectsColumn = (title: string, kind: string): Column<RoleBinding> =>
  text(
    title,
    ({ subjects = [], metadata }) =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map(({ name, namespace = metadata.namespace ?? '' }) =>
          kind === 'ServiceAccount' ? `${namespace}/${name}` : name,
        )
        .join(', '),
    1,
  )

const bindings = {
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    text<RoleBinding>('Role', ({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`),
    ageColumn,
    subjectsColumn('Users', 'User'),
    subjectsColumn('Groups', 'Group'),
    subjectsColumn('ServiceAccounts', 'ServiceAccount'),
  ],
  default: defaultBinding,
  validateUpdate: ({ roleRef }, old) =>
    same(roleRef, old.roleRef) ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')],
} satisfies Partial<Strategy<RoleBinding>>

export const roleBindingStrategy: Strategy<RoleBinding> = {
  ...bindings,
  kind: roleBindings,
  validate: (binding) => bindingCauses(binding, ['Role', 'ClusterRole']),
}

export const clusterRoleBindingStrategy: Strategy<RoleBinding> = {
  ...bindings,
  kind: clusterRoleBindings,
  validate: (binding) => bindingCauses(binding, ['ClusterRole']),
}
