// The kinds both sides know by name: what a KubeClient call is addressed with.
import type { CronJob, Job } from './batch.ts'
import type { CertificateSigningRequest } from './certificates.ts'
import type { HorizontalPodAutoscaler } from './autoscaling.ts'
import type { ConfigMap, Event, Lease, Namespace, Node, Secret, ServiceAccount } from './cluster.ts'
import type { CustomResourceDefinition } from './custom.ts'
import type { Ingress, IngressClass } from './ingress.ts'
import type { KubeObject } from './meta.ts'
import type { NetworkPolicy } from './network-policy.ts'
import type { Endpoints, EndpointSlice, Service } from './network.ts'
import type { Pod, PodTemplate } from './pod.ts'
import type { LimitRange, PodDisruptionBudget, PriorityClass, ResourceQuota } from './policy.ts'
import type { ControllerRevision, DaemonSet, StatefulSet } from './sets.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './storage.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './rbac.ts'
import type { Deployment, ReplicaSet, ReplicationController } from './workloads.ts'

/** Names one kind in the API. `T` is the type of its objects; it exists only for the compiler. */
export interface Kind<T extends KubeObject = KubeObject> {
  /** '' is the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  readonly _type?: T
}

function kind<T extends KubeObject>(
  groupVersion: string,
  name: string,
  plural: string,
  options: { shortNames?: string[]; clusterScoped?: boolean } = {},
): Kind<T> {
  const slash = groupVersion.indexOf('/')
  return Object.freeze({
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    kind: name,
    plural,
    singular: name.toLowerCase(),
    shortNames: options.shortNames ?? [],
    namespaced: !options.clusterScoped,
  })
}

export const namespaces = kind<Namespace>('v1', 'Namespace', 'namespaces', {
  shortNames: ['ns'],
  clusterScoped: true,
})
export const nodes = kind<Node>('v1', 'Node', 'nodes', { shortNames: ['no'], clusterScoped: true })
export const pods = kind<Pod>('v1', 'Pod', 'pods', { shortNames: ['po'] })
export const podTemplates = kind<PodTemplate>('v1', 'PodTemplate', 'podtemplates')
export const services = kind<Service>('v1', 'Service', 'services', { shortNames: ['svc'] })
export const endpoints = kind<Endpoints>('v1', 'Endpoints', 'endpoints', { shortNames: ['ep'] })
export const endpointSlices = kind<EndpointSlice>(
  'discovery.k8s.io/v1',
  'EndpointSlice',
  'endpointslices',
)
export const replicationControllers = kind<ReplicationController>(
  'v1',
  'ReplicationController',
  'replicationcontrollers',
  { shortNames: ['rc'] },
)
export const replicaSets = kind<ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets', {
  shortNames: ['rs'],
})
export const deployments = kind<Deployment>('apps/v1', 'Deployment', 'deployments', {
  shortNames: ['deploy'],
})
export const daemonSets = kind<DaemonSet>('apps/v1', 'DaemonSet', 'daemonsets', {
  shortNames: ['ds'],
})
export const statefulSets = kind<StatefulSet>('apps/v1', 'StatefulSet', 'statefulsets', {
  shortNames: ['sts'],
})
export const controllerRevisions = kind<ControllerRevision>(
  'apps/v1',
  'ControllerRevision',
  'controllerrevisions',
)
export const persistentVolumes = kind<PersistentVolume>(
  'v1',
  'PersistentVolume',
  'persistentvolumes',
  { shortNames: ['pv'], clusterScoped: true },
)
export const persistentVolumeClaims = kind<PersistentVolumeClaim>(
  'v1',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
  { shortNames: ['pvc'] },
)
export const storageClasses = kind<StorageClass>(
  'storage.k8s.io/v1',
  'StorageClass',
  'storageclasses',
  { shortNames: ['sc'], clusterScoped: true },
)
export const jobs = kind<Job>('batch/v1', 'Job', 'jobs')
export const cronJobs = kind<CronJob>('batch/v1', 'CronJob', 'cronjobs', { shortNames: ['cj'] })
export const horizontalPodAutoscalers = kind<HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
  { shortNames: ['hpa'] },
)
export const configMaps = kind<ConfigMap>('v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] })
export const secrets = kind<Secret>('v1', 'Secret', 'secrets')
export const serviceAccounts = kind<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts', {
  shortNames: ['sa'],
})
export const events = kind<Event>('v1', 'Event', 'events', { shortNames: ['ev'] })
export const customResourceDefinitions = kind<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  { shortNames: ['crd', 'crds'], clusterScoped: true },
)
export const certificateSigningRequests = kind<CertificateSigningRequest>(
  'certificates.k8s.io/v1',
  'CertificateSigningRequest',
  'certificatesigningrequests',
  { shortNames: ['csr'], clusterScoped: true },
)
export const leases = kind<Lease>('coordination.k8s.io/v1', 'Lease', 'leases')

export const resourceQuotas = kind<ResourceQuota>('v1', 'ResourceQuota', 'resourcequotas', {
  shortNames: ['quota'],
})
export const limitRanges = kind<LimitRange>('v1', 'LimitRange', 'limitranges', {
  shortNames: ['limits'],
})
export const priorityClasses = kind<PriorityClass>(
  'scheduling.k8s.io/v1',
  'PriorityClass',
  'priorityclasses',
  { shortNames: ['pc'], clusterScoped: true },
)
export const podDisruptionBudgets = kind<PodDisruptionBudget>(
  'policy/v1',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
  { shortNames: ['pdb'] },
)

export const ingresses = kind<Ingress>('networking.k8s.io/v1', 'Ingress', 'ingresses', {
  shortNames: ['ing'],
})
export const ingressClasses = kind<IngressClass>(
  'networking.k8s.io/v1',
  'IngressClass',
  'ingressclasses',
  { clusterScoped: true },
)
export const networkPolicies = kind<NetworkPolicy>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
  { shortNames: ['netpol'] },
)
export const clusterRoleBindings = kind<ClusterRoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'ClusterRoleBinding',
  'clusterrolebindings',
  { clusterScoped: true },
)
export const clusterRoles = kind<ClusterRole>(
  'rbac.authorization.k8s.io/v1',
  'ClusterRole',
  'clusterroles',
  { clusterScoped: true },
)
export const roleBindings = kind<RoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'RoleBinding',
  'rolebindings',
)
export const roles = kind<Role>('rbac.authorization.k8s.io/v1', 'Role', 'roles')

/** `v1` or `apps/v1`: what stands in an object's apiVersion. */
export function apiVersionOf(kind: Kind): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version
}
