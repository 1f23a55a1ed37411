// A container's environment: services, envFrom, env with $(VAR) and references, and what Podium adds
// (kubelet_pods.go makeEnvironmentVariables). Pure: what references point at is handed in.
import type { ConfigMap, Secret } from '../../shared/kubernetes/cluster.ts'
import type { Service } from '../../shared/kubernetes/network.ts'
import type { Container, EnvVar, Pod } from '../../shared/kubernetes/pod.ts'
import type { NodeResources, PodAddresses } from './downward.ts'
import { fieldValue, resourceValue } from './downward.ts'
import { expand } from './expansion.ts'
import type { ClusterDns } from './pod-names.ts'
import { hostnameOf } from './pod-names.ts'
import { serviceVariables } from './service-variables.ts'

/** The container cannot be created as configured; the message is the one Kubernetes shows. */
export class ConfigError extends Error {}

export interface EnvironmentSources {
  pod: Pod
  container: Container
  addresses: PodAddresses
  node: NodeResources
  /** Of the pod's namespace, in order of creation. */
  services: readonly Service[]
  /** `default/kubernetes`; without it the API's own address stands in. */
  apiAddress: { host: string; port: number }
  apiService: Service | undefined
  configMaps: ReadonlyMap<string, ConfigMap>
  secrets: ReadonlyMap<string, Secret>
}

export interface ContainerPlaces {
  nodeName: string
  root: string
  terminationLog: string
  clusterDns?: ClusterDns | undefined
}

/** The whole environment of a container. @throws ConfigError when something it refers to is missing. */
export function containerEnvironment(
  sources: EnvironmentSources,
  places: ContainerPlaces,
): Record<string, string> {
  const { pod, container, addresses } = sources
  const env: Record<string, string> = {
    HOSTNAME: hostnameOf(pod),
    ...apiVariables(sources),
    ...(pod.spec.enableServiceLinks === false ? {} : serviceVariables(sources.services)),
  }
  for (const source of container.envFrom ?? []) {
    const prefix = source.prefix ?? ''
    for (const [key, value] of Object.entries(dataOf(source, sources))) env[prefix + key] = value
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, sources, env)
    if (value !== undefined) env[variable.name] = value
  }
  const { clusterDns } = places
  return {
    ...env,
    ...(clusterDns && { PODIUM_DNS: `${clusterDns.address}:${clusterDns.port}` }),
    POD_NAME: pod.metadata.name ?? '',
    POD_NAMESPACE: pod.metadata.namespace ?? '',
    POD_UID: pod.metadata.uid ?? '',
    POD_IP: addresses.podIP ?? '',
    NODE_NAME: places.nodeName,
    PODIUM_IMAGE: container.image ?? '',
    PODIUM_ROOT: places.root,
    PODIUM_TERMINATION_LOG: places.terminationLog,
  }
}

function apiVariables({ apiService, apiAddress }: EnvironmentSources): Record<string, string> {
  if (apiService) return serviceVariables([apiService])
  return {
    KUBERNETES_SERVICE_HOST: apiAddress.host,
    KUBERNETES_SERVICE_PORT: String(apiAddress.port),
    KUBERNETES_SERVICE_PORT_HTTPS: String(apiAddress.port),
  }
}

function dataOf(
  { configMapRef, secretRef }: NonNullable<Container['envFrom']>[number],
  { configMaps, secrets }: EnvironmentSources,
): Record<string, string> {
  if (configMapRef) {
    const map = configMaps.get(configMapRef.name)
    if (!map && !configMapRef.optional) throw missingObject('configmap', configMapRef.name)
    return map?.data ?? {}
  }
  if (!secretRef) return {}
  const secret = secrets.get(secretRef.name)
  if (!secret && !secretRef.optional) throw missingObject('secret', secretRef.name)
  const entries = Object.entries(secret?.data ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, decoded(value)]))
}

function valueOf(
  variable: EnvVar,
  sources: EnvironmentSources,
  before: Readonly<Record<string, string>>,
): string | undefined {
  const from = variable.valueFrom
  if (!from) return expand(variable.value ?? '', before)
  const { pod, addresses, container, node } = sources
  if (from.fieldRef) {
    return asConfigError(() => fieldValue(pod, from.fieldRef!.fieldPath, addresses))
  }
  if (from.resourceFieldRef) {
    return asConfigError(() => resourceValue(pod, from.resourceFieldRef!, container.name, node))
  }
  if (from.configMapKeyRef) {
    return keyOf('configmap', 'ConfigMap', from.configMapKeyRef, sources.configMaps, pod, (v) => v)
  }
  if (from.secretKeyRef) {
    return keyOf('secret', 'Secret', from.secretKeyRef, sources.secrets, pod, decoded)
  }
  return undefined
}

function keyOf(
  word: string,
  kind: string,
  ref: { name: string; key: string; optional?: boolean },
  objects: ReadonlyMap<string, ConfigMap | Secret>,
  pod: Pod,
  decode: (value: string) => string,
): string | undefined {
  const object = objects.get(ref.name)
  const value = object?.data?.[ref.key]
  if (value !== undefined) return decode(value)
  if (ref.optional) return undefined
  if (!object) throw missingObject(word, ref.name)
  throw new ConfigError(
    `couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace}/${ref.name}`,
  )
}

function missingObject(word: string, name: string): ConfigError {
  return new ConfigError(`${word} "${name}" not found`)
}

function asConfigError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new ConfigError((error as Error).message, { cause: error })
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

/** The names of ConfigMaps and Secrets that a container's environment needs. */
export function environmentReferences(container: Container): {
  configMaps: string[]
  secrets: string[]
} {
  const configMaps = new Set<string>()
  const secrets = new Set<string>()
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) configMaps.add(configMapRef.name)
    if (secretRef) secrets.add(secretRef.name)
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef) configMaps.add(valueFrom.configMapKeyRef.name)
    if (valueFrom?.secretKeyRef) secrets.add(valueFrom.secretKeyRef.name)
  }
  return { configMaps: [...configMaps], secrets: [...secrets] }
}
