// One small valid object of every kind, as a person would write it.
import type { KubeObject } from '../../../../shared/kubernetes/meta.ts'
import type { StrategyContext } from '../strategy.ts'
import type { Kind } from '../../../../shared/kubernetes/kinds.ts'

type Sample = KubeObject & { spec?: unknown; [field: string]: unknown }

const labels = { run: 'nginx' }
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'nginx', image: 'nginx:v1', ports: [{ containerPort: 80 }] }] },
}

const ending = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }

/** A PKCS #10 request of `jane` of `painters`, in PEM, in base64. */
export const REQUEST_OF_JANE = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIY01JR0VBZ0VBTUNJeERUQUxC',
  'Z05WQkFNTUJHcGhibVV4RVRBUEJnTlZCQW9NQ0hCaGFXNTBaWEp6TUZrdwpFd1lIS29aSXpqMENB',
  'UVlJS29aSXpqMERBUWNEUWdBRU5BQmFtbWhkM1FGL1FrTWN5NklSWWdFWlF4V1gxVzJQCmlWa2RR',
  'RldNbjMyUjNnbHR5R3NuYzhaRkUrV2lIc2c1bW5mTFdoNlI3WWhMdlRjWVdENVJlS0FBTUFvR0ND',
  'cUcKU000OUJBTUNBMGNBTUVRQ0lGdVlrVVFHdEhmU2lhTGJaRld6TnFuWjhneHcraFYyK1FOczBD',
  'MDJDRDNFQWlCLwpsV1lEbjNlUGtVV3NZWklxNktnMHlYNWRhQlVxV0Zrc21YcFRkSWlmL2c9PQot',
  'LS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K',
].join('')

const samples: Record<string, Omit<Sample, 'metadata'>> = {
  ControllerRevision: { revision: 1, data: {} },
  DaemonSet: { spec: { selector: { matchLabels: labels }, template } },
  PersistentVolume: {
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/a' },
    },
  },
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  StatefulSet: { spec: { selector: { matchLabels: labels }, template, serviceName: 'web' } },
  StorageClass: { provisioner: 'podium.dev/directory' },
  ClusterRole: { rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] }] },
  ClusterRoleBinding: {
    subjects: [{ kind: 'Group', name: 'people' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  },
  CertificateSigningRequest: {
    spec: {
      request: REQUEST_OF_JANE,
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    },
  },
  ConfigMap: { data: { colour: 'blue' } },
  CronJob: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: ending } } } },
  CustomResourceDefinition: {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'samples', kind: 'Sample' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  },
  Deployment: { spec: { selector: { matchLabels: labels }, template } },
  Endpoints: { subsets: [{ addresses: [{ ip: '127.64.0.1' }], ports: [{ port: 80 }] }] },
  EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['127.64.0.1'] }] },
  Event: { involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' }, reason: 'Started' },
  Ingress: { spec: { defaultBackend: { service: { name: 'nginx', port: { number: 80 } } } } },
  IngressClass: { spec: { controller: 'example.com/ingress' } },
  Job: { spec: { template: ending } },
  HorizontalPodAutoscaler: {
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'nginx', apiVersion: 'apps/v1' },
      maxReplicas: 3,
    },
  },
  Lease: { spec: { holderIdentity: 'node-1', leaseDurationSeconds: 40 } },
  LimitRange: { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
  Namespace: {},
  NetworkPolicy: {
    spec: {
      podSelector: { matchLabels: labels },
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }],
    },
  },
  Node: { spec: { podCIDR: '127.64.0.0/24' } },
  Pod: { spec: template.spec },
  PodTemplate: { template },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
  PriorityClass: { value: 1000 },
  ReplicaSet: { spec: { selector: { matchLabels: labels }, template } },
  ReplicationController: { spec: { template } },
  ResourceQuota: { spec: { hard: { pods: '4' } } },
  Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  RoleBinding: {
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sample' },
  },
  Secret: { stringData: { password: 'open sesame' } },
  Service: { spec: { selector: labels, ports: [{ port: 80 }] } },
  ServiceAccount: {},
}

/** Kinds whose names say what they define. */
const NAMES: Readonly<Record<string, string>> = { CustomResourceDefinition: 'samples.example.com' }

/** A fresh sample of the kind; throws for a kind without one, so that every registered kind is tested. */
export function sampleOf(kind: Kind): Sample {
  const sample = samples[kind.kind]
  if (!sample) throw new Error(`no sample of ${kind.kind}: add one to samples.ts`)
  const metadata = {
    name: NAMES[kind.kind] ?? 'sample',
    ...(kind.namespaced && { namespace: 'default' }),
  }
  return structuredClone({ ...sample, metadata })
}

/** A context over these stored objects; `warnings` collects what strategies warn of. */
export function contextOver(
  stored: { kind: Kind; object: KubeObject }[] = [],
  warnings: string[] = [],
): StrategyContext {
  const of = (kind: Kind) => stored.filter((entry) => entry.kind.plural === kind.plural)
  return {
    now: () => Date.parse('2030-01-01T00:00:00Z'),
    serviceCidr: '127.96.0.0/16',
    read: (kind, { namespace, name }) =>
      of(kind).find(
        ({ object: { metadata } }) => metadata.name === name && metadata.namespace === namespace,
      )?.object as never,
    readAll: (kind) => of(kind).map(({ object }) => object) as never,
    warn: (line) => warnings.push(line),
  }
}
