// Objects of a small demo cluster, for the stage's tests.
import type { ConfigMap, Node } from '../../../shared/kubernetes/cluster.ts'
import type { EndpointSlice, Service } from '../../../shared/kubernetes/network.ts'
import type { ContainerStatus, Pod } from '../../../shared/kubernetes/pod.ts'
import type {
  Deployment,
  ReplicaSet,
  ReplicationController,
} from '../../../shared/kubernetes/workloads.ts'

export const CAST = {
  namespace: 'default',
  deployment: 'nginx',
  service: 'nginx',
  loadbots: 'loadbot',
  aggregator: 'aggregator',
}

export interface PodSketch {
  name: string
  version?: string
  node?: string | null
  run?: string
  owner?: string
  ready?: boolean
  status?: Partial<ContainerStatus>
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  deletedAt?: string
  graceSeconds?: number
}

/** A pod that runs and is ready unless the sketch says otherwise. */
export function pod(sketch: PodSketch): Pod {
  const { name, version = 'v1', node = 'node-1', run = 'nginx', owner, ready = true } = sketch
  const status: ContainerStatus = {
    name: 'nginx',
    state: { running: { startedAt: '2025-01-01T00:00:00Z' } },
    ready,
    restartCount: 0,
    image: `nginx:${version}`,
    imageID: '',
    ...sketch.status,
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      labels: { run },
      creationTimestamp: '2025-01-01T00:00:00Z',
      ...(owner && {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true },
        ],
      }),
      ...(sketch.deletedAt && {
        deletionTimestamp: sketch.deletedAt,
        deletionGracePeriodSeconds: sketch.graceSeconds ?? 10,
      }),
    },
    spec: {
      containers: [{ name: 'nginx', image: `nginx:${version}` }],
      ...(node && { nodeName: node }),
    },
    status: {
      phase: sketch.phase ?? 'Running',
      podIP: '127.200.0.1',
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: '2025-01-01T00:00:01Z',
          ...(!ready && { reason: 'ContainersNotReady' }),
        },
      ],
      ...(node && { containerStatuses: [status] }),
    },
  }
}

/** The status of a container that crashed and waits for its next attempt. */
export function crashed(exitCode: number, restartCount = 1): Partial<ContainerStatus> {
  return {
    ready: false,
    restartCount,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode } },
  }
}

export function node(name: string, ready: 'True' | 'False' | 'Unknown' = 'True'): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}` },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

const template = (version: string, hash?: string): Deployment['spec']['template'] => ({
  metadata: { labels: { run: 'nginx', ...(hash && { 'pod-template-hash': hash }) } },
  spec: { containers: [{ name: 'nginx', image: `nginx:${version}` }] },
})

export function deployment(version: string, replicas: number): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'nginx', namespace: 'default', uid: 'uid-deployment', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { run: 'nginx' } },
      template: template(version),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
    },
    status: { observedGeneration: 1 },
  }
}

/** The ReplicaSet of a version; its uid is its name, `nginx-v1`. */
export function replicaSet(version: string, revision: number): ReplicaSet {
  const name = `nginx-${version}`
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'nginx',
          uid: 'uid-deployment',
          controller: true,
        },
      ],
    },
    spec: {
      selector: { matchLabels: { run: 'nginx', 'pod-template-hash': version } },
      template: template(version, version),
    },
  }
}

export function service(): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'nginx', namespace: 'default', uid: 'uid-service' },
    spec: { selector: { run: 'nginx' }, clusterIP: '127.96.0.42', ports: [{ port: 80 }] },
  }
}

export function slice(addresses: [string, boolean | undefined][]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'nginx-1',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'nginx' },
    },
    addressType: 'IPv4',
    endpoints: addresses.map(([address, ready]) => ({
      addresses: [address],
      conditions: ready === undefined ? {} : { ready },
    })),
  }
}

/** Loadbots that take their rate from their ConfigMap. */
export function adjustableLoadbots(replicas: number): ReplicationController {
  const controller = loadbots(replicas)
  controller.spec.template!.spec.volumes = [{ name: 'config', configMap: { name: 'loadbot' } }]
  return controller
}

export function loadbotConfig(rate: string, fullLoad?: string): ConfigMap {
  const annotations = fullLoad === undefined ? {} : { 'podium.dev/full-load': fullLoad }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'loadbot', namespace: 'default', annotations },
    data: { rate },
  }
}

export function loadbots(replicas: number, args: string[] = []): ReplicationController {
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'loadbot', namespace: 'default', uid: 'uid-loadbot' },
    spec: {
      replicas,
      selector: { run: 'loadbot' },
      template: { spec: { containers: [{ name: 'loadbot', image: 'podium/loadbot:v1', args }] } },
    },
    status: { replicas, readyReplicas: replicas },
  }
}
