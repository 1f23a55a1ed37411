import { persistentVolumeClaims, storageClasses } from '../../../shared/kubernetes/kinds.ts'
import {
  CLASS_ANNOTATION,
  DEFAULT_CLASS,
  type PersistentVolumeClaim,
} from '../../../shared/kubernetes/storage.ts'
import { canonicalQuantity, parseQuantity } from '../../../shared/quantity.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, invalid, notImplemented, notSupported, required } from './rules/causes.ts'
import { nameFollows, same, selectorFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, text } from './rules/print.ts'
import type { Strategy, StrategyContext } from './strategy.ts'

type ClaimSpec = PersistentVolumeClaim['spec']

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const SHORT: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}
/** While a pod uses it, a claim is not gone (kubernetes.io/pvc-protection). */
const PROTECTION = 'kubernetes.io/pvc-protection'

export function modesText(modes: readonly string[] | undefined): string {
  return [...new Set(modes)].map((mode) => SHORT[mode] ?? mode).join(',')
}

/** The access modes of a claim or volume; there must be one. */
export function modeCauses(modes: readonly string[] | undefined, at: string): StatusCause[] {
  if (!modes?.length) return [required(at, 'at least 1 access mode is required')]
  const unknown = modes.filter((mode) => !MODES.includes(mode))
  const causes = unknown.map((mode) => notSupported(at, mode, MODES))
  if (!modes.includes('ReadWriteOncePod') || modes.length === 1) return causes
  const why = 'may not use ReadWriteOncePod with other access modes'
  return [...causes, forbidden(at, why)]
}

/** An amount of storage that must be there and above zero. */
export function storageCauses(
  amounts: Record<string, string> | undefined,
  at: string,
): StatusCause[] {
  const amount = amounts?.['storage']
  if (amount === undefined) return [required(`${at}[storage]`)]
  if ((parseQuantity(amount) ?? 0) > 0) return []
  return [invalid(`${at}[storage]`, amount, 'must be greater than zero')]
}

/** Fills what Kubernetes fills (SetDefaults_PersistentVolumeClaimSpec). */
export function defaultClaimSpec(spec: ClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
  const { requests } = (spec.resources ??= {})
  for (const [name, amount] of Object.entries(requests ?? {})) {
    requests![name] = canonicalQuantity(amount) ?? amount
  }
}

export function claimSpecCauses(spec: ClaimSpec, at: string): StatusCause[] {
  const unserved = ['dataSource', 'dataSourceRef', 'volumeAttributesClassName'] as const
  const values = spec as Record<string, unknown>
  return [
    ...modeCauses(spec.accessModes, `${at}.accessModes`),
    ...(spec.selector ? selectorFollows(`${at}.selector`, spec.selector) : []),
    ...storageCauses(spec.resources?.requests, `${at}.resources`),
    ...(spec.volumeMode === 'Block' ? [notImplemented(`${at}.volumeMode`)] : []),
    ...unserved.filter((field) => values[field]).map((field) => notImplemented(`${at}.${field}`)),
  ]
}

/** A claim that names no class gets the newest default one (plugin DefaultStorageClass). */
function setDefaultClass(
  { metadata, spec }: PersistentVolumeClaim,
  context: StrategyContext,
): void {
  const legacy = metadata.annotations?.[CLASS_ANNOTATION]
  if (spec.storageClassName !== undefined || legacy !== undefined) return
  const [newest] = context
    .readAll(storageClasses)
    .filter((one) => one.metadata.annotations?.[DEFAULT_CLASS] === 'true')
    .sort((a, b) =>
      (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
    )
  if (newest) spec.storageClassName = newest.metadata.name ?? ''
}

/** Only what a claim asks for may grow, and its volume be named once. */
function changeCauses(
  { spec }: PersistentVolumeClaim,
  { spec: old }: PersistentVolumeClaim,
): StatusCause[] {
  const next = { ...spec, resources: old.resources }
  if (old.volumeName === undefined) delete next.volumeName
  if (!same({ ...next }, old)) {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    return [forbidden('spec', why)]
  }
  if (same(spec.resources, old.resources)) return []
  return [notImplemented('spec.resources.requests')]
}

const bound = ({ spec }: PersistentVolumeClaim): boolean => Boolean(spec.volumeName)

export const persistentVolumeClaimStrategy: Strategy<PersistentVolumeClaim> = {
  kind: persistentVolumeClaims,
  subresources: ['status'],
  hasGeneration: false,
  columns: [
    nameColumn,
    text('Status', ({ metadata, status }) =>
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    ),
    text('Volume', ({ spec }) => spec.volumeName ?? ''),
    text('Capacity', (claim) => (bound(claim) ? (claim.status?.capacity?.['storage'] ?? '') : '')),
    text('Access Modes', (claim) => (bound(claim) ? modesText(claim.status?.accessModes) : '')),
    text(
      'StorageClass',
      ({ metadata, spec }) =>
        metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
    ),
    text('VolumeAttributesClass', () => '<unset>'),
    ageColumn,
    text('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
  default(claim) {
    claim.spec ??= {}
    defaultClaimSpec(claim.spec)
  },
  prepareForCreate(claim, context) {
    claim.status = { phase: 'Pending' }
    setDefaultClass(claim, context)
    const held = claim.metadata.finalizers ?? []
    if (!held.includes(PROTECTION)) claim.metadata.finalizers = [...held, PROTECTION]
  },
  validate: (claim) => [...nameFollows(subdomain, claim), ...claimSpecCauses(claim.spec, 'spec')],
  validateUpdate: changeCauses,
}
