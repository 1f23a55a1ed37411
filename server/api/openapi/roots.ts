// The kinds whose schemas are derived: those the API serves, their lists, and what their subresources speak.
import type { Root } from './derive.ts'

const SERVED: Record<string, string[]> = {
  v1: [
    'Namespace',
    'Node',
    'Pod',
    'PodTemplate',
    'ComponentStatus',
    'Service',
    'Endpoints',
    'ReplicationController',
    'ConfigMap',
    'Secret',
    'ServiceAccount',
    'Event',
    'ResourceQuota',
    'LimitRange',
    'PersistentVolume',
    'PersistentVolumeClaim',
  ],
  'events.k8s.io/v1': ['Event'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'apps/v1': ['ReplicaSet', 'Deployment', 'DaemonSet', 'StatefulSet', 'ControllerRevision'],
  'storage.k8s.io/v1': ['StorageClass'],
  'batch/v1': ['Job', 'CronJob'],
  'discovery.k8s.io/v1': ['EndpointSlice'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
  'certificates.k8s.io/v1': ['CertificateSigningRequest'],
  'coordination.k8s.io/v1': ['Lease'],
  'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'scheduling.k8s.io/v1': ['PriorityClass'],
  'rbac.authorization.k8s.io/v1': ['ClusterRoleBinding', 'ClusterRole', 'RoleBinding', 'Role'],
}

const SPOKEN: Record<string, string[]> = {
  v1: ['Binding', 'Status', 'DeleteOptions'],
  'autoscaling/v1': ['Scale'],
  'policy/v1': ['Eviction'],
  'authentication.k8s.io/v1': ['TokenRequest', 'TokenReview', 'SelfSubjectReview'],
  'authorization.k8s.io/v1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
}

/** Models that carry their group because another group has the same name. */
const MODELS: Record<string, string> = {
  Event: 'CoreV1Event',
  EventList: 'CoreV1EventList',
  TokenRequest: 'AuthenticationV1TokenRequest',
}

function rootsOf(table: Record<string, string[]>, suffix: '' | 'List'): Root[] {
  return Object.entries(table).flatMap(([groupVersion, kinds]) => {
    const [version = '', group = ''] = groupVersion.split('/').reverse()
    return kinds.map((name): Root => {
      const kind = name + suffix
      return {
        group,
        version,
        kind,
        model:
          (group.startsWith('events') ? `EventsV1${kind}` : MODELS[kind]) ??
          `${version.toUpperCase()}${kind}`,
      }
    })
  })
}

/** All kinds to derive schemas for. */
export const ROOTS: readonly Root[] = [
  ...rootsOf(SERVED, ''),
  ...rootsOf(SERVED, 'List'),
  ...rootsOf(SPOKEN, ''),
]
