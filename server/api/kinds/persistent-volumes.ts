import { persistentVolumes } from '../../../shared/kubernetes/kinds.ts'
import { CLASS_ANNOTATION, type PersistentVolume } from '../../../shared/kubernetes/storage.ts'
import { canonicalQuantity } from '../../../shared/quantity.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { modeCauses, modesText, storageCauses } from './persistent-volume-claims.ts'
import { forbidden, invalid, notImplemented, notSupported, required } from './rules/causes.ts'
import { nameFollows, same } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

/** Fields of the spec that are no source of a volume. */
const PLAIN = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
])
/** While a claim uses it, a volume is not gone (kubernetes.io/pv-protection). */
const PROTECTION = 'kubernetes.io/pv-protection'

function sourceCauses(spec: PersistentVolume['spec']): StatusCause[] {
  const sources = Object.keys(spec).filter((field) => !PLAIN.has(field))
  if (sources.length === 0) return [required('spec', 'must specify a volume type')]
  const causes = sources
    .slice(1)
    .map((name) => forbidden(`spec.${name}`, 'may not specify more than 1 volume type'))
  for (const name of sources) {
    if (name !== 'hostPath' && name !== 'local') causes.push(notImplemented(`spec.${name}`))
  }
  for (const name of ['hostPath', 'local'] as const) {
    const path = spec[name]?.path
    if (spec[name] && !path) causes.push(required(`spec.${name}.path`))
    if (path?.split('/').includes('..')) {
      causes.push(invalid(`spec.${name}.path`, path, "must not contain '..'"))
    }
  }
  return causes
}

function policyCauses(spec: PersistentVolume['spec']): StatusCause[] {
  const at = 'spec.persistentVolumeReclaimPolicy'
  const { persistentVolumeReclaimPolicy: policy, volumeMode } = spec
  const causes = volumeMode === 'Block' ? [notImplemented('spec.volumeMode')] : []
  if (policy === 'Recycle') return [...causes, notImplemented(at)]
  if (policy === 'Retain' || policy === 'Delete') return causes
  return [...causes, notSupported(at, policy, ['Delete', 'Recycle', 'Retain'])]
}

function changeCauses({ spec }: PersistentVolume, { spec: old }: PersistentVolume): StatusCause[] {
  const sources = ['hostPath', 'local'] as const
  if (sources.every((name) => same(spec[name], old[name]))) return []
  return [
    forbidden(
      'spec.persistentvolumesource',
      'spec.persistentvolumesource is immutable after creation',
    ),
  ]
}

export const persistentVolumeStrategy: Strategy<PersistentVolume> = {
  kind: persistentVolumes,
  subresources: ['status'],
  hasGeneration: false,
  columns: [
    nameColumn,
    text('Capacity', ({ spec }) => spec.capacity?.['storage'] ?? ''),
    text('Access Modes', ({ spec }) => modesText(spec.accessModes)),
    text('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
    text('Status', ({ metadata, status }) =>
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    ),
    text('Claim', ({ spec: { claimRef } }) =>
      claimRef ? `${claimRef.namespace}/${claimRef.name}` : '',
    ),
    text(
      'StorageClass',
      ({ metadata, spec }) =>
        metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
    ),
    text('VolumeAttributesClass', () => '<unset>'),
    text('Reason', ({ status }) => status?.reason ?? ''),
    ageColumn,
    text('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
  default(volume) {
    volume.spec ??= {}
    const { spec } = volume
    spec.persistentVolumeReclaimPolicy ??= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath) spec.hostPath.type ??= ''
    for (const [name, amount] of Object.entries(spec.capacity ?? {})) {
      spec.capacity![name] = canonicalQuantity(amount) ?? amount
    }
  },
  prepareForCreate(volume) {
    volume.status = { phase: 'Pending' }
    const held = volume.metadata.finalizers ?? []
    if (!held.includes(PROTECTION)) volume.metadata.finalizers = [...held, PROTECTION]
  },
  validate: (volume) => [
    ...nameFollows(subdomain, volume),
    ...modeCauses(volume.spec.accessModes, 'spec.accessModes'),
    ...storageCauses(volume.spec.capacity, 'spec.capacity'),
    ...policyCauses(volume.spec),
    ...sourceCauses(volume.spec),
  ],
  validateUpdate: changeCauses,
}
