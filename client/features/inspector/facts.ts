// What an object is, in a few lines: the facts one would ask for first. Pure.
import type { Node } from '../../../shared/kubernetes/cluster.ts'
import { isSimulated } from '../../../shared/kubernetes/cluster.ts'
import type { Condition, KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Service } from '../../../shared/kubernetes/network.ts'
import type { Container, Pod } from '../../../shared/kubernetes/pod.ts'
import type { Deployment } from '../../../shared/kubernetes/workloads.ts'

export type Fact = readonly [label: string, value: string]

/** The facts of an object by its kind; for a kind nobody knows here, what every object has. */
export function factsOf(object: KubeObject): Fact[] {
  const own = OWN_FACTS[object.kind ?? '']?.(object) ?? []
  const labels = Object.entries(object.metadata.labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  const made = object.metadata.creationTimestamp
  return [
    ...own,
    ...(labels ? [['Labels', labels] as const] : []),
    ...(made ? [['Created', new Date(made).toLocaleString()] as const] : []),
  ].filter(([, value]) => value !== '')
}

/** status.conditions, which most kinds have. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object as { status?: { conditions?: Condition[] } }).status?.conditions ?? []
}

const OWN_FACTS: Record<string, (object: KubeObject) => Fact[]> = {
  Pod: (object) => podFacts(object as Pod),
  Node: (object) => nodeFacts(object),
  Service: (object) => serviceFacts(object as Service),
  Deployment: (object) => setFacts(object as Deployment),
  ReplicaSet: (object) => setFacts(object as Deployment),
  ReplicationController: (object) => setFacts(object as Deployment),
}

function podFacts({ metadata, spec, status }: Pod): Fact[] {
  const containers = spec.containers.map(({ name, image }) => `${name} ${image ?? ''}`).join(', ')
  const restarts = (status?.containerStatuses ?? []).reduce(
    (sum, each) => sum + each.restartCount,
    0,
  )
  const phase = metadata.deletionTimestamp ? 'Terminating' : (status?.reason ?? status?.phase ?? '')
  return [
    ['Status', phase],
    ['Node', spec.nodeName ?? 'none yet'],
    ['Address', status?.podIP ?? ''],
    ['Containers', containers],
    ['Restarts', String(restarts)],
    ['Class', status?.qosClass ?? ''],
    ['Requests', spec.containers.map(requestsOf).filter(Boolean).join('; ')],
  ]
}

function requestsOf({ resources }: Container): string {
  const { requests, limits } = resources ?? {}
  const said = (amounts: Record<string, string> | undefined): string =>
    Object.entries(amounts ?? {})
      .map(([name, amount]) => `${name} ${amount}`)
      .join(', ')
  return limits ? `${said(requests)} (at most ${said(limits)})` : said(requests)
}

function nodeFacts(node: Node): Fact[] {
  const { spec, status } = node
  const allocatable = status?.allocatable ?? {}
  return [
    ['Runs', isSimulated(node) ? 'nothing: it is simulated' : 'real processes'],
    ['New pods', spec?.unschedulable ? 'refused (cordoned)' : 'welcome'],
    ['Address', status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''],
    ['Pod addresses', spec?.podCIDR ?? ''],
    [
      'Room for pods',
      ['cpu', 'memory', 'pods'].map((name) => `${name} ${allocatable[name] ?? '?'}`).join(', '),
    ],
    ['Taints', (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).join(', ')],
  ]
}

function serviceFacts({ spec }: Service): Fact[] {
  const ports = (spec.ports ?? []).map(
    ({ port, targetPort, nodePort, protocol = 'TCP' }) =>
      `${port} → ${targetPort ?? port}/${protocol}${nodePort ? `, on every node ${nodePort}` : ''}`,
  )
  const selector = Object.entries(spec.selector ?? {}).map(([name, value]) => `${name}=${value}`)
  return [
    ['Type', spec.type ?? 'ClusterIP'],
    ['Address', spec.clusterIP ?? ''],
    ['Ports', ports.join(', ')],
    ['Selects', selector.join(', ')],
  ]
}

function setFacts({ spec, status }: Deployment): Fact[] {
  const { replicas = 0, readyReplicas = 0 } = (status ?? {}) as {
    replicas?: number
    readyReplicas?: number
  }
  const images = spec.template?.spec.containers.map(({ image }) => image ?? '') ?? []
  return [
    ['Replicas', `${readyReplicas} ready of ${spec.replicas ?? 1} wanted, ${replicas} there`],
    ['Image', images.join(', ')],
  ]
}
