// The keynote's demo as the objects it is made of: loadbots load the Service of the nginx pods, an aggregator
// gathers their numbers. Pure: what the machine allows comes in, manifests come out.
import type { ConfigMap, ServiceAccount } from '../../../shared/kubernetes/cluster.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Service } from '../../../shared/kubernetes/network.ts'
import type { Container, PodTemplateSpec, Toleration } from '../../../shared/kubernetes/pod.ts'
import {
  PAUSE_ON_FAILURE_ANNOTATION,
  READY_DEADLINE_ANNOTATION,
} from '../../../shared/kubernetes/rollout-pause.ts'
import { RBAC_GROUP, type Role, type RoleBinding } from '../../../shared/kubernetes/rbac.ts'
import type { Deployment, ReplicationController } from '../../../shared/kubernetes/workloads.ts'

/** Where the demo's objects live and what they are called; the stage finds its cast by these names. */
export const CAST = {
  namespace: 'default',
  deployment: 'nginx',
  service: 'nginx',
  loadbots: 'loadbot',
  aggregator: 'aggregator',
} as const

export interface KeynoteSize {
  /** nginx pods and loadbots at the beginning. */
  servers: number
  loadbots: number
  /** Requests per second each loadbot is set to send. */
  ratePerLoadbot: number
  /** Pipelining: requests in flight on one connection. */
  depth: number
  /** Connections each loadbot keeps open. */
  connections: number
  /** The Service's port: 80 where low ports may be bound. */
  port: number
  /** How far the stage's controls go. */
  limits: { loadbots: number; replicas: number; load: number }
}

/** One loadbot is one thread; more than this many fill no core that the servers do not need. */
const MOST_LOADBOTS = 8
const MOST_SERVERS = 16
/** What no core of any machine has been seen to exchange per second, both sides together; a bound for controls. */
const PER_CORE = 2_000_000

/**
 * A gentle beginning; the controls go up from there, to all that the machine sustains. There are as many processes as
 * can use its cores then, so that full load is only a matter of the rate.
 * @param lowestFreePort the lowest port this process may bind
 */
export function sizeKeynote(lowestFreePort: number, cores: number): KeynoteSize {
  return {
    servers: Math.min(MOST_SERVERS, Math.max(4, cores)),
    loadbots: Math.min(MOST_LOADBOTS, Math.max(2, Math.ceil(cores / 2))),
    ratePerLoadbot: 25_000,
    depth: 64,
    connections: 8,
    port: lowestFreePort <= 80 ? 80 : 8000,
    limits: { loadbots: 40, replicas: 100, load: PER_CORE * cores },
  }
}

const SMALL = { requests: { cpu: '10m', memory: '32Mi' } }

/** Kubernetes waits five minutes before it gives up on a lost node; a hall does not. */
const IMPATIENT: Toleration[] = ['not-ready', 'unreachable'].map((what) => ({
  key: `node.kubernetes.io/${what}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 5,
}))

function template(run: string, container: Container, graceSeconds: number): PodTemplateSpec {
  return {
    metadata: { labels: { run } },
    spec: {
      containers: [container],
      terminationGracePeriodSeconds: graceSeconds,
      tolerations: IMPATIENT,
    },
  }
}

/**
 * nginx closes its idle connections the moment it is told to stop, and what clients have sent on them by then is lost. So
 * it is told once every loadbot has made its connections anew, elsewhere, which takes a second (--connection-lifetime).
 */
const PATIENCE = { preStop: { sleep: { seconds: 2 } } }

function nginx(size: KeynoteSize, isPatient: boolean): Deployment & KubeObject {
  const container: Container = {
    name: 'nginx',
    image: 'nginx:v1',
    ports: [{ containerPort: size.port }],
    resources: SMALL,
    readinessProbe: { httpGet: { path: '/-/ready', port: size.port }, periodSeconds: 1 },
    env: [{ name: 'PORT', value: String(size.port) }],
    ...(isPatient && { lifecycle: PATIENCE }),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: CAST.deployment,
      namespace: CAST.namespace,
      labels: { run: 'nginx' },
      annotations: { [PAUSE_ON_FAILURE_ANNOTATION]: 'true', [READY_DEADLINE_ANNOTATION]: '20' },
    },
    spec: {
      replicas: size.servers,
      selector: { matchLabels: { run: 'nginx' } },
      // Never fewer than asked for: the hall watches the zero.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 },
      },
      progressDeadlineSeconds: 30,
      template: template('nginx', container, 10),
    },
  }
}

function service(name: string, run: string, port: number): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: CAST.namespace, labels: { run } },
    spec: { selector: { run }, ports: [{ port, targetPort: port, protocol: 'TCP' }] },
  }
}

function controller(
  name: string,
  replicas: number,
  podTemplate: PodTemplateSpec,
): ReplicationController {
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, namespace: CAST.namespace, labels: { run: name } },
    spec: { replicas, selector: { run: name }, template: podTemplate },
  }
}

/** The loadbots' rate, changeable while they run: a ConfigMap that is mounted follows its object. */
function loadbotConfig(size: KeynoteSize): ConfigMap & KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: CAST.loadbots, namespace: CAST.namespace },
    data: { rate: String(size.ratePerLoadbot) },
  }
}

const CONFIG_DIRECTORY = '/etc/loadbot'

function loadbots(size: KeynoteSize): ReplicationController {
  const args = ['--host', CAST.service, '--port', String(size.port)]
  args.push('--rate-file', `${CONFIG_DIRECTORY}/rate`)
  args.push('--depth', String(size.depth), '--connections', String(size.connections))
  const container: Container = {
    name: 'loadbot',
    image: 'podium/loadbot:v1',
    args,
    ports: [{ containerPort: 8080 }],
    resources: SMALL,
    readinessProbe: { httpGet: { path: '/-/ready', port: 8080 }, periodSeconds: 5 },
    volumeMounts: [{ name: 'config', mountPath: CONFIG_DIRECTORY }],
  }
  const podTemplate = template('loadbot', container, 5)
  podTemplate.spec.volumes = [{ name: 'config', configMap: { name: CAST.loadbots } }]
  return controller(CAST.loadbots, size.loadbots, podTemplate)
}

/** The aggregator finds the loadbots through the API, as an account that may see pods here and nothing else. */
function aggregatorAccess(): KubeObject[] {
  const metadata = { name: CAST.aggregator, namespace: CAST.namespace }
  const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata }
  const role: Role = {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
  }
  const binding: RoleBinding = {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'RoleBinding',
    metadata,
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
    roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name: CAST.aggregator },
  }
  return [account, role, binding]
}

function aggregator(): ReplicationController {
  const container: Container = {
    name: 'aggregator',
    image: 'podium/aggregator:v1',
    args: ['--selector', `run=${CAST.loadbots}`],
    ports: [{ containerPort: 8080 }],
    resources: SMALL,
    readinessProbe: { httpGet: { path: '/-/ready', port: 8080 }, periodSeconds: 5 },
  }
  const podTemplate = template('aggregator', container, 5)
  podTemplate.spec.serviceAccountName = CAST.aggregator
  return controller(CAST.aggregator, 1, podTemplate)
}

/**
 * The demo's objects, in the order in which they are created (services first: pods learn them at start).
 * @param isPatient the servers stop a moment after they were told to, as the real nginx has to
 */
export function keynoteObjects(size: KeynoteSize, isPatient = false): KubeObject[] {
  return [
    service(CAST.service, 'nginx', size.port),
    service(CAST.aggregator, CAST.aggregator, 8080),
    ...aggregatorAccess(),
    nginx(size, isPatient),
    aggregator(),
    loadbotConfig(size),
    loadbots(size),
  ]
}
