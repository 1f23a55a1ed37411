// What Kubernetes fills into a pod spec, of pods and of templates alike (pkg/apis/core/v1/defaults.go).
import type {
  Container,
  EnvVar,
  LifecycleHandler,
  PodSpec,
  Probe,
  Volume,
} from '../../../../shared/kubernetes/pod.ts'
import { canonicalQuantity } from '../../../../shared/quantity.ts'
import { parseImage } from '../../../../shared/images.ts'

/** Octal 0644: the mode of files in volumes. */
const FILE_MODE = 0o644

function defaultHandler(handler: LifecycleHandler | undefined): void {
  if (!handler?.httpGet) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ||= 'HTTP'
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return
  if (probe.grpc) probe.grpc.service ??= ''
  defaultHandler(probe)
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
}

function defaultEnv({ valueFrom }: EnvVar): void {
  if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ??= 'v1'
  if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ??= '0'
}

/** `latest` is what may have changed, so it is always pulled (SetDefaults_Container). */
function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return !image.includes('@') && parseImage(image).tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function canonicalize(amounts: Record<string, string> | undefined): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    amounts![name] = canonicalQuantity(amount) ?? amount
  }
}

/** What every container gets, also those added to a pod that runs. */
export function defaultContainer(container: Container): void {
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.imagePullPolicy ||= pullPolicy(container.image ?? '')
  container.resources ??= {}
  canonicalize(container.resources.limits)
  canonicalize(container.resources.requests)
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const variable of container.env ?? []) defaultEnv(variable)
  defaultProbe(container.livenessProbe)
  defaultProbe(container.readinessProbe)
  defaultProbe(container.startupProbe)
  defaultHandler(container.lifecycle?.postStart)
  defaultHandler(container.lifecycle?.preStop)
}

function defaultFieldRefs(items: { fieldRef?: { apiVersion?: string } }[] | undefined): void {
  for (const { fieldRef } of items ?? []) if (fieldRef) fieldRef.apiVersion ??= 'v1'
}

function defaultVolume(volume: Volume): void {
  // A volume that says nothing else is an emptyDir.
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {}
  for (const source of [volume.configMap, volume.secret, volume.downwardAPI, volume.projected]) {
    if (source) source.defaultMode ??= FILE_MODE
  }
  if (volume.hostPath) volume.hostPath.type ??= ''
  const limit = volume.emptyDir?.sizeLimit
  if (limit !== undefined) volume.emptyDir!.sizeLimit = canonicalQuantity(limit) ?? limit
  defaultFieldRefs(volume.downwardAPI?.items)
  for (const { downwardAPI, serviceAccountToken } of volume.projected?.sources ?? []) {
    defaultFieldRefs(downwardAPI?.items)
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600
  }
}

/** The older name of serviceAccountName is kept in step with it (core/v1 conversion). */
function defaultAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount
  if (!name) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

/** On the host's network a container's port is the host's (defaultHostNetworkPorts). */
function claimHostPorts({ containers, initContainers = [] }: PodSpec): void {
  for (const { ports = [] } of [...containers, ...initContainers]) {
    for (const port of ports) port.hostPort ||= port.containerPort
  }
}

export function defaultPodSpec(spec: PodSpec): void {
  spec.containers ??= []
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    defaultContainer(container)
  }
  if (spec.hostNetwork) claimHostPorts(spec)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  defaultAccount(spec)
}

/** What only pods get, not templates: enableServiceLinks, and requests that follow limits (SetDefaults_Pod). */
export function defaultPod(spec: PodSpec): void {
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests }
  }
}
