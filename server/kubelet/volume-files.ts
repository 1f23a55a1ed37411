// Which files a volume holds: ConfigMaps, Secrets, downward API, tokens. Pure: the objects are handed in.
import type { ConfigMap, Secret } from '../../shared/kubernetes/cluster.ts'
import type {
  DownwardFile,
  KeyToPath,
  Pod,
  ProjectedSource,
  Volume,
} from '../../shared/kubernetes/pod.ts'
import type { VolumeFile } from './atomic-files.ts'
import type { NodeResources, PodAddresses } from './downward.ts'
import { fieldValue, resourceValue } from './downward.ts'

export interface VolumeSources {
  pod: Pod
  addresses: PodAddresses
  node: NodeResources
  configMaps: ReadonlyMap<string, ConfigMap>
  secrets: ReadonlyMap<string, Secret>
  /** By `volume name/path`. */
  tokens: ReadonlyMap<string, string>
  /** The API's certificate authority: what every namespace's ConfigMap kube-root-ca.crt holds. */
  caPem: string
}

const DEFAULT_MODE = 0o644
/** Kubernetes keeps tokens from other users of the pod. */
const TOKEN_MODE = 0o600
/** Published in every namespace for pods to trust the API; known to the kubelet in any case. */
const ROOT_CA = 'kube-root-ca.crt'

/**
 * The files of a volume; undefined for volumes that are plain directories (emptyDir, hostPath).
 * @throws Error with Kubernetes' words when something it needs is missing.
 */
export function filesOf(
  volume: Volume,
  sources: VolumeSources,
): Map<string, VolumeFile> | undefined {
  if (volume.configMap) {
    const { defaultMode, ...source } = volume.configMap
    return configMapFiles(source, defaultMode ?? DEFAULT_MODE, sources)
  }
  if (volume.secret) {
    const { secretName, defaultMode, ...rest } = volume.secret
    return secretFiles({ name: secretName, ...rest }, defaultMode ?? DEFAULT_MODE, sources)
  }
  if (volume.downwardAPI) {
    const { items = [], defaultMode = DEFAULT_MODE } = volume.downwardAPI
    return downwardFiles(items, defaultMode, sources)
  }
  if (!volume.projected) return undefined
  const files = new Map<string, VolumeFile>()
  const mode = volume.projected.defaultMode ?? DEFAULT_MODE
  for (const source of volume.projected.sources ?? []) {
    for (const [file, content] of projectedFiles(volume.name, source, mode, sources)) {
      files.set(file, content)
    }
  }
  return files
}

function projectedFiles(
  volumeName: string,
  source: ProjectedSource,
  mode: number,
  sources: VolumeSources,
): Map<string, VolumeFile> {
  if (source.configMap) return configMapFiles(source.configMap, mode, sources)
  if (source.secret) return secretFiles(source.secret, mode, sources)
  if (source.downwardAPI) return downwardFiles(source.downwardAPI.items ?? [], mode, sources)
  const path = source.serviceAccountToken?.path
  if (path === undefined)
    throw new Error('a projected volume source of this type is not implemented by Podium')
  const token = sources.tokens.get(`${volumeName}/${path}`)
  if (token === undefined) throw new Error('failed to fetch token')
  return new Map([[path, { content: Buffer.from(token), mode: TOKEN_MODE }]])
}

interface ObjectSource {
  name: string
  items?: KeyToPath[]
  optional?: boolean
}

function configMapFiles(
  source: ObjectSource,
  mode: number,
  { configMaps, caPem, pod }: VolumeSources,
): Map<string, VolumeFile> {
  const map = configMaps.get(source.name)
  if (!map && source.name === ROOT_CA) {
    return select({ 'ca.crt': Buffer.from(caPem) }, source, mode, 'configmap', pod)
  }
  if (!map) return missing('configmap', source)
  const text = Object.entries(map.data ?? {}).map(([key, value]) => [key, Buffer.from(value)])
  const binary = Object.entries(map.binaryData ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64'),
  ])
  return select(
    Object.fromEntries([...text, ...binary]) as Record<string, Buffer>,
    source,
    mode,
    'configmap',
    pod,
  )
}

function secretFiles(
  source: ObjectSource,
  mode: number,
  { secrets, pod }: VolumeSources,
): Map<string, VolumeFile> {
  const secret = secrets.get(source.name)
  if (!secret) return missing('secret', source)
  const entries = Object.entries(secret.data ?? {})
  const data = Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, 'base64')]),
  )
  return select(data, source, mode, 'secret', pod)
}

function missing(word: string, { name, optional }: ObjectSource): Map<string, VolumeFile> {
  if (optional) return new Map()
  throw new Error(`${word} "${name}" not found`)
}

function select(
  data: Readonly<Record<string, Buffer>>,
  { items, optional, name }: ObjectSource,
  mode: number,
  word: string,
  pod: Pod,
): Map<string, VolumeFile> {
  if (!items) return new Map(Object.entries(data).map(([key, content]) => [key, { content, mode }]))
  const files = new Map<string, VolumeFile>()
  for (const item of items) {
    const content = data[item.key]
    if (content) files.set(item.path, { content, mode: item.mode ?? mode })
    else if (!optional) {
      throw new Error(
        `${word} references non-existent config key: ${item.key} (${pod.metadata.namespace}/${name})`,
      )
    }
  }
  return files
}

function downwardFiles(
  items: readonly DownwardFile[],
  mode: number,
  { pod, addresses, node }: VolumeSources,
): Map<string, VolumeFile> {
  const files = new Map<string, VolumeFile>()
  for (const item of items) {
    const text = item.resourceFieldRef
      ? resourceValue(pod, item.resourceFieldRef, undefined, node)
      : fieldValue(pod, item.fieldRef?.fieldPath ?? '', addresses)
    files.set(item.path, { content: Buffer.from(text), mode: item.mode ?? mode })
  }
  return files
}

/** The ConfigMaps and Secrets that volumes are made of. */
export function volumeReferences(volumes: readonly Volume[]): {
  configMaps: string[]
  secrets: string[]
} {
  const configMaps = new Set<string>()
  const secrets = new Set<string>()
  for (const { configMap, secret, projected } of volumes) {
    if (configMap) configMaps.add(configMap.name)
    if (secret) secrets.add(secret.secretName)
    for (const source of projected?.sources ?? []) {
      if (source.configMap) configMaps.add(source.configMap.name)
      if (source.secret) secrets.add(source.secret.name)
    }
  }
  return { configMaps: [...configMaps], secrets: [...secrets] }
}
