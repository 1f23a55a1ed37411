// The roles and bindings that every cluster has (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go), for the kinds
// that are served here, and what Podium adds for its own demos.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type {
  ClusterRole,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../../shared/kubernetes/rbac.ts'
import { RBAC_GROUP } from '../../../shared/kubernetes/rbac.ts'
import { sameJson } from '../values.ts'
import { ADMINISTRATORS } from './authorize.ts'

const READ = 'get list watch'
const WRITE = 'create delete deletecollection patch update'
const WORKLOADS = 'deployments deployments/scale replicasets replicasets/scale'
const words = (text: string): string[] => text.split(' ')

/** A rule of words: `core` is the group without a name. */
function rule(verbs: string, group: string, resources: string): PolicyRule {
  const apiGroups = [group === 'core' ? '' : group]
  return { verbs: words(verbs), apiGroups, resources: words(resources) }
}

const paths = (urls: string): PolicyRule => ({ verbs: ['get'], nonResourceURLs: words(urls) })

const VIEW: PolicyRule[] = [
  rule(
    READ,
    'core',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    READ,
    'core',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  rule(READ, 'core', 'namespaces'),
  rule(READ, 'discovery.k8s.io', 'endpointslices'),
  rule(
    READ,
    'apps',
    `controllerrevisions daemonsets daemonsets/status ${WORKLOADS} deployments/status replicasets/status statefulsets statefulsets/scale statefulsets/status`,
  ),
  rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  rule(READ, 'events.k8s.io', 'events'),
  rule(READ, 'metrics.k8s.io', 'pods nodes'),
  rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
]

const EDIT: PolicyRule[] = [
  rule(READ, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule('impersonate', 'core', 'serviceaccounts'),
  rule(WRITE, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule('create', 'core', 'pods/eviction'),
  rule(
    WRITE,
    'core',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule('create', 'core', 'serviceaccounts/token'),
  rule(
    WRITE,
    'apps',
    `daemonsets ${WORKLOADS} deployments/rollback statefulsets statefulsets/scale`,
  ),
  rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  rule(WRITE, 'batch', 'cronjobs jobs'),
  rule(WRITE, 'policy', 'poddisruptionbudgets'),
  rule(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
  rule(`${WRITE} ${READ}`, 'coordination.k8s.io', 'leases'),
]

const ADMIN: PolicyRule[] = [
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule(`${WRITE} ${READ}`, RBAC_GROUP, 'rolebindings roles'),
]

const HEALTH = '/healthz /livez /readyz /version /version/'

const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'
const annotations = { [AUTO_UPDATE]: 'true' }

function clusterRole(
  name: string,
  rules: PolicyRule[],
  labels: Record<string, string> = {},
): ClusterRole {
  return { metadata: { name, labels: { ...LABELS, ...labels }, annotations }, rules }
}

const aggregates = (to: string): string => `rbac.authorization.k8s.io/aggregate-to-${to}`

/** A role made of those that carry its label; what they hold at the beginning stands in it from the beginning. */
function aggregated(
  name: string,
  rules: PolicyRule[],
  labels: Record<string, string> = {},
): ClusterRole {
  const clusterRoleSelectors = [{ matchLabels: { [aggregates(name)]: 'true' } }]
  return { ...clusterRole(name, rules, labels), aggregationRule: { clusterRoleSelectors } }
}

/** Lets pods of 2015, which knew no roles, find the other pods of their namespace. */
const DISCOVER_PODS = 'podium:discover-pods'

/** Whose requests approvers may be named for. */
const SIGNERS = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving']

export const CLUSTER_ROLES: readonly ClusterRole[] = [
  clusterRole('cluster-admin', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
  clusterRole('system:discovery', [
    paths(`/api /api/* /apis /apis/* ${HEALTH} /openapi /openapi/*`),
  ]),
  clusterRole('system:public-info-viewer', [paths(HEALTH)]),
  clusterRole('system:basic-user', [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ]),
  clusterRole('system:auth-delegator', [
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ]),
  ...SIGNERS.map((signer) =>
    clusterRole(`system:certificates.k8s.io:${signer}-approver`, [
      {
        ...rule('approve', 'certificates.k8s.io', 'signers'),
        resourceNames: [`kubernetes.io/${signer}`],
      },
    ]),
  ),
  clusterRole('system:aggregate-to-admin', ADMIN, { [aggregates('admin')]: 'true' }),
  clusterRole('system:aggregate-to-edit', EDIT, { [aggregates('edit')]: 'true' }),
  clusterRole('system:aggregate-to-view', VIEW, { [aggregates('view')]: 'true' }),
  aggregated('admin', [...ADMIN, ...EDIT, ...VIEW]),
  aggregated('edit', [...EDIT, ...VIEW], { [aggregates('admin')]: 'true' }),
  aggregated('view', VIEW, { [aggregates('edit')]: 'true' }),
]

function bound(name: string, role: string, groups: readonly string[]): RoleBinding {
  const subjects: Subject[] = groups.map((group) => ({
    apiGroup: RBAC_GROUP,
    kind: 'Group',
    name: group,
  }))
  const roleRef = { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role }
  return { metadata: { name, labels: LABELS, annotations }, subjects, roleRef }
}

const KNOWN = 'system:authenticated'

export const CLUSTER_ROLE_BINDINGS: readonly RoleBinding[] = [
  bound('cluster-admin', 'cluster-admin', [ADMINISTRATORS]),
  bound('system:discovery', 'system:discovery', [KNOWN]),
  bound('system:basic-user', 'system:basic-user', [KNOWN]),
  bound('system:public-info-viewer', 'system:public-info-viewer', [
    KNOWN,
    'system:unauthenticated',
  ]),
]

export const ROLES: readonly Role[] = [
  {
    metadata: { name: DISCOVER_PODS, namespace: 'default', labels: LABELS, annotations },
    rules: [rule(READ, 'core', 'pods')],
  },
]

export const ROLE_BINDINGS: readonly RoleBinding[] = [
  {
    metadata: { name: DISCOVER_PODS, namespace: 'default', labels: LABELS, annotations },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name: DISCOVER_PODS },
  },
]

type Given = Role & Partial<Pick<RoleBinding, 'subjects'>>

/**
 * `held` with the rules and subjects of `wanted` that it lacks; undefined when it lacks none, or is to be left alone
 * (annotation rbac.authorization.kubernetes.io/autoupdate: "false").
 */
export function withDefaults(held: Given, wanted: Given): KubeObject | undefined {
  if (held.metadata.annotations?.[AUTO_UPDATE] === 'false') return undefined
  const rules = lacking(held.rules, wanted.rules)
  const subjects = lacking(held.subjects, wanted.subjects)
  if (rules.length + subjects.length === 0) return undefined
  return {
    ...held,
    ...(wanted.rules && { rules: [...(held.rules ?? []), ...rules] }),
    ...(wanted.subjects && { subjects: [...(held.subjects ?? []), ...subjects] }),
  }
}

function lacking<T>(held: readonly T[] = [], wanted: readonly T[] = []): T[] {
  return wanted.filter((each) => !held.some((other) => sameJson(other, each)))
}
