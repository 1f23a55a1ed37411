// What a pod spec of Kubernetes can say and Podium does not do: refused by name, or said not to be enforced.
import type {
  Container,
  ContainerPort,
  PodSpec,
  TopologySpreadConstraint,
} from '../../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import { invalid, notImplemented } from '../rules/causes.ts'

// hostPID and hostIPC hold of every pod, for its processes are the machine's.
const POD_FIELDS = [
  'dnsConfig',
  'hostAliases',
  'hostnameOverride',
  'overhead',
  'resourceClaims',
  'resources',
  'runtimeClassName',
  'schedulingGates',
  'schedulingGroup',
  'setHostnameAsFQDN',
]

const CONTAINER_FIELDS = ['resizePolicy', 'restartPolicy', 'restartPolicyRules', 'volumeDevices']

/** Absent, false and empty ask for nothing. */
function asks(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value)
  return Object.keys(value).length > 0
}

function refused(object: object, fields: readonly string[], at: string): StatusCause[] {
  const values = object as Record<string, unknown>
  return fields
    .filter((field) => asks(values[field]))
    .map((field) => notImplemented(`${at}.${field}`))
}

type WithMore = Container & {
  lifecycle?: { stopSignal?: string }
  env?: { valueFrom?: { fileKeyRef?: unknown } }[]
}

/** A network of its own needs no ports of the host; with the host's, a container's port is the host's. */
function portCauses(port: ContainerPort, hostNetwork: boolean, at: string): StatusCause[] {
  const refusals = refused(port, hostNetwork ? ['hostIP'] : ['hostIP', 'hostPort'], at)
  if (!hostNetwork || !port.hostPort || port.hostPort === port.containerPort) return refusals
  const why = 'must match `containerPort` when `hostNetwork` is true'
  return [...refusals, invalid(`${at}.hostPort`, port.hostPort, why)]
}

function containerCauses(container: WithMore, hostNetwork: boolean, at: string): StatusCause[] {
  const { lifecycle, ports = [], volumeMounts = [], env = [], resources = {} } = container
  return [
    ...refused(container, CONTAINER_FIELDS, at),
    ...refused(lifecycle ?? {}, ['stopSignal'], `${at}.lifecycle`),
    ...refused(resources, ['claims'], `${at}.resources`),
    ...ports.flatMap((port, i) => portCauses(port, hostNetwork, `${at}.ports[${i}]`)),
    ...volumeMounts.flatMap((mount, i) =>
      refused(
        mount,
        ['mountPropagation', 'recursiveReadOnly', 'subPathExpr'],
        `${at}.volumeMounts[${i}]`,
      ),
    ),
    ...env.flatMap(({ valueFrom }, i) =>
      refused(valueFrom ?? {}, ['fileKeyRef'], `${at}.env[${i}].valueFrom`),
    ),
  ]
}

type Named = readonly [Container[] | undefined, string]

function listsOf(spec: PodSpec, at: string): Named[] {
  return [
    [spec.containers, `${at}.containers`],
    [spec.initContainers, `${at}.initContainers`],
  ]
}

const SPREAD_FIELDS = ['matchLabelKeys', 'minDomains']

/** What the scheduler does where a spread constraint does not say; anything else it does not do. */
const SPREAD_POLICIES: Record<string, string> = {
  nodeAffinityPolicy: 'Honor',
  nodeTaintsPolicy: 'Ignore',
}

function spreadCauses(constraint: TopologySpreadConstraint, at: string): StatusCause[] {
  const values = constraint as unknown as Record<string, unknown>
  const policies = Object.keys(SPREAD_POLICIES).filter(
    (field) => values[field] !== undefined && values[field] !== SPREAD_POLICIES[field],
  )
  return [
    ...refused(constraint, SPREAD_FIELDS, at),
    ...policies.map((field) => notImplemented(`${at}.${field}`)),
  ]
}

/** The fields that Podium refuses. */
export function unsupportedCauses(spec: PodSpec, at: string): StatusCause[] {
  const { hostUsers, os } = spec as PodSpec & { hostUsers?: boolean; os?: { name?: string } }
  return [
    ...refused(spec, POD_FIELDS, at),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint, i) =>
      spreadCauses(constraint, `${at}.topologySpreadConstraints[${i}]`),
    ),
    ...(hostUsers === false ? [notImplemented(`${at}.hostUsers`)] : []),
    ...(os?.name && os.name !== 'linux' ? [notImplemented(`${at}.os.name`)] : []),
    ...listsOf(spec, at).flatMap(([containers = [], list]) =>
      containers.flatMap((container, i) =>
        containerCauses(container, spec.hostNetwork === true, `${list}[${i}]`),
      ),
    ),
  ]
}

/**
 * Security settings restrict a process beyond what Podium's processes are; pods that carry them run, and whoever creates
 * them is told. One line a field.
 */
export function unenforced(spec: PodSpec, at: string): string[] {
  const places: [unknown, string][] = [
    [spec.securityContext, at],
    ...listsOf(spec, at).flatMap(([containers = [], list]) =>
      containers.map(({ securityContext }, i): [unknown, string] => [
        securityContext,
        `${list}[${i}]`,
      ]),
    ),
  ]
  return places.flatMap(([context, place]) =>
    Object.entries(context ?? {})
      .filter(([, value]) => asks(value))
      .map(([field]) => `${place}.securityContext.${field}: ${reasonFor(field)}`),
  )
}

function reasonFor(field: string): string {
  const isUser = /^(runAs|supplementalGroups|fsGroup)/.test(field)
  const why = ': every process runs as the user who started Podium'
  return `not enforced by Podium${isUser ? why : ''}`
}
