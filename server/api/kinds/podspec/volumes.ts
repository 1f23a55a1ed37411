// Volumes and where containers mount them (core/validation ValidateVolumes, ValidateVolumeMounts).
import type {
  DownwardFile,
  KeyToPath,
  ProjectedSource,
  Volume,
  VolumeMount,
} from '../../../../shared/kubernetes/pod.ts'
import { parseQuantity } from '../../../../shared/quantity.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notImplemented,
  oneOf,
  required,
} from '../rules/causes.ts'
import { follows } from '../rules/fields.ts'
import { label } from '../rules/names.ts'
import { fieldRefCauses, resourceRefCauses } from './environment.ts'

/** The sources that Podium's kubelet makes; all others are refused by name. */
const SOURCES = new Set([
  'emptyDir',
  'configMap',
  'secret',
  'downwardAPI',
  'projected',
  'hostPath',
  'persistentVolumeClaim',
])
const PROJECTIONS = new Set(['configMap', 'secret', 'downwardAPI', 'serviceAccountToken'])

/** Paths inside a volume stay inside of it (validateLocalDescendingPath). */
function innerPathCauses(field: string, path: string | undefined): StatusCause[] {
  if (!path) return [required(field)]
  if (path.startsWith('/')) return [invalid(field, path, 'must be a relative path')]
  if (path.split('/').includes('..')) return [invalid(field, path, "must not contain '..'")]
  return []
}

/** Paths of files written by us must not hide our bookkeeping (validateLocalNonReservedPath). */
function filePathCauses(field: string, path: string | undefined): StatusCause[] {
  const causes = innerPathCauses(field, path)
  if (path?.startsWith('..')) causes.push(invalid(field, path, "must not start with '..'"))
  return causes
}

function modeCauses(field: string, mode: number | undefined): StatusCause[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  const why = 'must be a number between 0 and 0777 (octal), both inclusive'
  return [invalid(field, mode, why)]
}

function itemCauses(items: KeyToPath[] | undefined, at: string): StatusCause[] {
  return (items ?? []).flatMap(({ key, path, mode }, i) => [
    ...(key ? [] : [required(`${at}[${i}].key`)]),
    ...filePathCauses(`${at}[${i}].path`, path),
    ...modeCauses(`${at}[${i}].mode`, mode),
  ])
}

function fileCauses(items: DownwardFile[] | undefined, at: string): StatusCause[] {
  return (items ?? []).flatMap(({ path, fieldRef, resourceFieldRef, mode }, i) => {
    const causes = [
      ...filePathCauses(`${at}[${i}].path`, path),
      ...modeCauses(`${at}[${i}].mode`, mode),
    ]
    if (fieldRef && resourceFieldRef) {
      causes.push(
        invalid(
          at,
          'resource',
          'fieldRef and resourceFieldRef can not be specified simultaneously',
        ),
      )
    } else if (fieldRef) {
      const whole = ['metadata.annotations', 'metadata.labels']
      causes.push(...fieldRefCauses(fieldRef, `${at}[${i}].fieldRef`, whole))
    } else if (resourceFieldRef) {
      causes.push(...resourceRefCauses(resourceFieldRef, `${at}[${i}].resourceFieldRef`))
    } else {
      causes.push(
        required(`${at}[${i}].fieldRef`, 'one of fieldRef and resourceFieldRef is required'),
      )
    }
    return causes
  })
}

function projectionCauses(source: ProjectedSource, at: string): StatusCause[] {
  const names = Object.keys(source)
  if (names.length > 1) return [forbidden(at, 'may not specify more than 1 volume type')]
  const [name] = names
  if (name === undefined) return [required(at, 'must specify a volume type')]
  if (!PROJECTIONS.has(name)) return [notImplemented(`${at}.${name}`)]
  const { configMap, secret, downwardAPI, serviceAccountToken: token } = source
  const ref = configMap ?? secret
  const causes = itemCauses(ref?.items, `${at}.${name}.items`)
  if (ref && !ref.name) causes.push(required(`${at}.${name}.name`))
  causes.push(...fileCauses(downwardAPI?.items, `${at}.downwardAPI`))
  if (!token) return causes
  if (!token.path) causes.push(required(`${at}.serviceAccountToken.path`))
  if ((token.expirationSeconds ?? 3600) < 600) {
    const field = `${at}.serviceAccountToken.expirationSeconds`
    const why = 'may not specify a duration less than 10 minutes'
    causes.push(invalid(field, token.expirationSeconds, why))
  }
  return causes
}

const HOST_PATH_TYPES = [
  '',
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
]

function hostPathCauses({ hostPath }: Volume, at: string): StatusCause[] {
  if (!hostPath) return []
  const { path, type } = hostPath
  if (!path) return [required(`${at}.path`)]
  const causes = oneOf(`${at}.type`, type, HOST_PATH_TYPES)
  if (type?.endsWith('Device')) causes.push(notImplemented(`${at}.type`))
  if (path.split('/').includes('..'))
    causes.push(invalid(`${at}.path`, path, "must not contain '..'"))
  return causes
}

function sourceCauses(volume: Volume, at: string): StatusCause[] {
  const { emptyDir, configMap, secret, downwardAPI, projected } = volume
  const causes: StatusCause[] = []
  if ((parseQuantity(emptyDir?.sizeLimit) ?? 0) < 0) {
    causes.push(
      forbidden(`${at}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'),
    )
  }
  if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName) {
    causes.push(required(`${at}.persistentVolumeClaim.claimName`))
  }
  if (configMap && !configMap.name) causes.push(required(`${at}.configMap.name`))
  if (secret && !secret.secretName) causes.push(required(`${at}.secret.secretName`))
  return [
    ...causes,
    ...hostPathCauses(volume, `${at}.hostPath`),
    ...itemCauses(configMap?.items, `${at}.configMap.items`),
    ...itemCauses(secret?.items, `${at}.secret.items`),
    ...fileCauses(downwardAPI?.items, `${at}.downwardAPI`),
    ...(projected?.sources ?? []).flatMap((source, i) =>
      projectionCauses(source, `${at}.projected.sources[${i}]`),
    ),
    ...[configMap, secret, downwardAPI, projected].flatMap((source) =>
      modeCauses(`${at}.defaultMode`, source?.defaultMode),
    ),
  ]
}

function volumeCauses(volume: Volume, at: string): StatusCause[] {
  const sources = Object.keys(volume).filter((key) => key !== 'name')
  const causes = volume.name ? follows(label, `${at}.name`, volume.name) : [required(`${at}.name`)]
  if (sources.length === 0) causes.push(required(at, 'must specify a volume type'))
  for (const source of sources.slice(1)) {
    causes.push(forbidden(`${at}.${source}`, 'may not specify more than 1 volume type'))
  }
  for (const source of sources) {
    if (!SOURCES.has(source)) causes.push(notImplemented(`${at}.${source}`))
  }
  return [...causes, ...sourceCauses(volume, at)]
}

export function volumesCauses(volumes: Volume[] | undefined, at: string): StatusCause[] {
  const seen = new Set<string>()
  return (volumes ?? []).flatMap((volume, i) => {
    const causes = volumeCauses(volume, `${at}[${i}]`)
    if (seen.has(volume.name)) causes.push(duplicate(`${at}[${i}].name`, volume.name))
    seen.add(volume.name)
    return causes
  })
}

/** `volumes`: the names that the pod has. */
export function mountCauses(
  mounts: VolumeMount[] | undefined,
  volumes: ReadonlySet<string>,
  at: string,
): StatusCause[] {
  const paths = new Set<string>()
  return (mounts ?? []).flatMap((mount, i) => {
    const { name, mountPath, subPath } = mount
    const causes: StatusCause[] = []
    if (!name) causes.push(required(`${at}[${i}].name`))
    else if (!volumes.has(name)) causes.push(notFound(`${at}[${i}].name`, name))
    if (!mountPath) causes.push(required(`${at}[${i}].mountPath`))
    else if (paths.has(mountPath)) {
      causes.push(invalid(`${at}[${i}].mountPath`, mountPath, 'must be unique'))
    } else if (mountPath.split('/').includes('..')) {
      causes.push(invalid(`${at}[${i}].mountPath`, mountPath, "must not contain '..'"))
    }
    paths.add(mountPath)
    return subPath ? [...causes, ...innerPathCauses(`${at}[${i}].subPath`, subPath)] : causes
  })
}
