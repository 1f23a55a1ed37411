// Objects for the tests of this room, with everything a test does not care about filled in.
import type { KubeObject, ObjectMeta } from '../../../shared/kubernetes/meta.ts'
import type { Pod, PodSpec } from '../../../shared/kubernetes/pod.ts'
import type {
  Deployment,
  DeploymentSpec,
  ReplicaSet,
} from '../../../shared/kubernetes/workloads.ts'
import { timeText } from '../../machinery/clock.ts'

/** The start of all tests' time, ms since epoch. */
export const T0 = Date.parse('2026-01-01T00:00:00Z')

export interface PodOptions {
  name?: string
  labels?: Record<string, string>
  owner?: string
  node?: string
  phase?: NonNullable<Pod['status']>['phase']
  ready?: boolean
  readySince?: number
  created?: number
  ip?: string
  restarts?: number
  deleting?: boolean
  annotations?: Record<string, string>
  spec?: Partial<PodSpec>
}

let counter = 0

/** A pod in namespace default, running on node-1 and ready unless said otherwise. */
export function makePod(options: PodOptions = {}): Pod {
  counter += 1
  const name = options.name ?? `pod-${counter}`
  const owners = options.owner
    ? [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'set',
          uid: options.owner,
          controller: true,
        },
      ]
    : undefined
  const metadata: ObjectMeta = {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    creationTimestamp: timeText(options.created ?? T0),
    labels: options.labels ?? { app: 'web' },
    ...(owners && { ownerReferences: owners }),
    ...(options.annotations && { annotations: options.annotations }),
    ...(options.deleting && { deletionTimestamp: timeText(T0) }),
  }
  const node = options.node ?? 'node-1'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { containers: [{ name: 'main' }], ...(node && { nodeName: node }), ...options.spec },
    status: podStatus(options),
  }
}

function podStatus(options: PodOptions): NonNullable<Pod['status']> {
  return {
    phase: options.phase ?? 'Running',
    ...(options.ip && { podIP: options.ip, podIPs: [{ ip: options.ip }] }),
    conditions: [
      {
        type: 'Ready',
        status: (options.ready ?? true) ? 'True' : 'False',
        lastTransitionTime: timeText(options.readySince ?? T0),
      },
    ],
    containerStatuses: [
      {
        name: 'main',
        ready: options.ready ?? true,
        restartCount: options.restarts ?? 0,
        image: 'nginx:v1',
        imageID: '',
      },
    ],
  }
}

/** Deployment `web` of `nginx:v1` pods. */
export function makeDeployment(spec: Partial<DeploymentSpec> = {}, image = 'nginx:v1'): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-web', generation: 1 },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image }] },
      },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    },
  }
}

/** What the API adds when it stores a set, at `created` (ms since epoch). */
export function stored(set: ReplicaSet, created = T0): ReplicaSet {
  const metadata = {
    ...set.metadata,
    uid: `uid-${set.metadata.name}`,
    generation: 1,
    creationTimestamp: timeText(created),
  }
  return { ...set, metadata }
}

/** The set with this many pods, of which so many are available. */
export function withPods(set: ReplicaSet, replicas: number, available = replicas): ReplicaSet {
  const status = {
    replicas,
    readyReplicas: available,
    availableReplicas: available,
    observedGeneration: set.metadata.generation ?? 0,
  }
  return { ...set, status }
}

/** The names of objects, sorted. */
export function namesOf(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name ?? '').sort()
}
