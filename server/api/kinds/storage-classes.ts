import { storageClasses } from '../../../shared/kubernetes/kinds.ts'
import { DEFAULT_CLASS, type StorageClass } from '../../../shared/kubernetes/storage.ts'
import { forbidden, notSupported, required } from './rules/causes.ts'
import { nameFollows, same } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

const MODES = ['Immediate', 'WaitForFirstConsumer']
const POLICIES = ['Delete', 'Retain']
const FIXED = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const

export const storageClassStrategy: Strategy<StorageClass> = {
  kind: storageClasses,
  subresources: [],
  hasGeneration: false,
  columns: [
    {
      ...nameColumn,
      cell: ({ metadata }) => {
        const isDefault = metadata.annotations?.[DEFAULT_CLASS] === 'true'
        return `${metadata.name ?? ''}${isDefault ? ' (default)' : ''}`
      },
    },
    text('Provisioner', ({ provisioner }) => provisioner),
    text('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    text('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? '<unset>'),
    text('AllowVolumeExpansion', ({ allowVolumeExpansion }) =>
      String(allowVolumeExpansion ?? false),
    ),
    ageColumn,
  ],
  default(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete'
    storageClass.volumeBindingMode ??= 'Immediate'
  },
  validate: (storageClass) => {
    const { provisioner, reclaimPolicy, volumeBindingMode } = storageClass
    return [
      ...nameFollows(subdomain, storageClass),
      ...(provisioner ? [] : [required('provisioner', provisioner ?? '')]),
      ...(POLICIES.includes(reclaimPolicy ?? '')
        ? []
        : [notSupported('reclaimPolicy', reclaimPolicy, POLICIES)]),
      ...(MODES.includes(volumeBindingMode ?? '')
        ? []
        : [notSupported('volumeBindingMode', volumeBindingMode, MODES)]),
    ]
  },
  validateUpdate: (next, old) =>
    FIXED.filter((field) => !same(next[field], old[field])).map((field) =>
      forbidden(field, `updates to ${field} are forbidden.`),
    ),
}
