import { statefulSets } from '../../../shared/kubernetes/kinds.ts'
import type { StatefulSet, StatefulSetSpec } from '../../../shared/kubernetes/sets.ts'
import { selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { claimSpecCauses, defaultClaimSpec } from './persistent-volume-claims.ts'
import {
  forbidden,
  invalid,
  notImplemented,
  notNegative,
  notSupported,
  required,
} from './rules/causes.ts'
import { nameFollows, same } from './rules/fields.ts'
import { label } from './rules/names.ts'
import { ageColumn, nameColumn, text, workloadColumns } from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import {
  defaultTemplate,
  replicaCauses,
  scaleBy,
  selectorCauses,
  templateCauses,
} from './workloads.ts'

function defaultSpec(spec: StatefulSetSpec): void {
  defaultTemplate(spec.template)
  spec.replicas ??= 1
  spec.serviceName ??= ''
  spec.podManagementPolicy ||= 'OrderedReady'
  spec.updateStrategy ??= {}
  spec.updateStrategy.type ||= 'RollingUpdate'
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.partition ??= 0
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
  spec.revisionHistoryLimit ??= 10
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1'
    claim.kind ??= 'PersistentVolumeClaim'
    claim.metadata ??= {}
    claim.spec ??= {}
    defaultClaimSpec(claim.spec)
    claim.status ??= { phase: 'Pending' }
  }
}

function strategyCauses({ updateStrategy }: StatefulSetSpec): StatusCause[] {
  const at = 'spec.updateStrategy'
  const { type, rollingUpdate } = updateStrategy ?? {}
  if (!type) return [required(at)]
  if (type === 'OnDelete') {
    if (!rollingUpdate) return []
    const why = "only allowed for updateStrategy 'RollingUpdate'"
    return [invalid(`${at}.rollingUpdate`, rollingUpdate, why)]
  }
  if (type !== 'RollingUpdate') {
    return [invalid(at, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  const unsupported = rollingUpdate?.maxUnavailable
  return [
    ...notNegative(`${at}.rollingUpdate.partition`, rollingUpdate?.partition),
    ...(unsupported === undefined || unsupported === 1
      ? []
      : [notImplemented(`${at}.rollingUpdate.maxUnavailable`)]),
  ]
}

function policyCauses(spec: StatefulSetSpec): StatusCause[] {
  const { podManagementPolicy: policy, persistentVolumeClaimRetentionPolicy: kept } = spec
  const causes: StatusCause[] = []
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    const why = "must be 'OrderedReady' or 'Parallel'"
    causes.push(invalid('spec.podManagementPolicy', policy, why))
  }
  for (const when of ['whenDeleted', 'whenScaled'] as const) {
    const value = kept?.[when]
    if (value === 'Retain' || value === 'Delete') continue
    const field = `spec.persistentVolumeClaimRetentionPolicy.${when}`
    causes.push(notSupported(field, value, ['Retain', 'Delete']))
  }
  return [...causes, ...notNegative('spec.ordinals.start', spec.ordinals?.start)]
}

/** A claim stands in the place of the volume of its name, so mounts may name it. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec) {
  if (!template?.spec || volumeClaimTemplates.length === 0) return template
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ''))
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name))
  const volumes = [...names].map((name) => ({
    name,
    persistentVolumeClaim: { claimName: `${name || 'x'}-0` },
  }))
  return { ...template, spec: { ...template.spec, volumes: [...others, ...volumes] } }
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

/** Everything else stays as it was created (ValidateStatefulSetUpdate). */
function changeCauses({ spec }: StatefulSet, { spec: old }: StatefulSet): StatusCause[] {
  const fixed = (from: StatefulSetSpec): object => {
    const rest: Record<string, unknown> = { ...from }
    for (const field of CHANGEABLE) delete rest[field]
    return rest
  }
  if (same(fixed(spec), fixed(old))) return []
  const why = `updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden`
  return [forbidden('spec', why)]
}

export const statefulSetStrategy: Strategy<StatefulSet> = {
  kind: statefulSets,
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    ageColumn,
    ...workloadColumns<StatefulSet>(() => '').slice(0, 2),
  ],
  default(set) {
    set.spec ??= {} as StatefulSetSpec
    defaultSpec(set.spec)
  },
  prepareForCreate(set) {
    set.status = { replicas: 0, availableReplicas: 0 }
  },
  validate: (set) => [
    ...nameFollows(label, set),
    ...replicaCauses(set.spec),
    ...notNegative('spec.revisionHistoryLimit', set.spec.revisionHistoryLimit),
    ...selectorCauses(set.spec.selector, set.spec.template, 'statefulset'),
    ...templateCauses(withClaims(set.spec), 'StatefulSet'),
    ...strategyCauses(set.spec),
    ...policyCauses(set.spec),
    ...(set.spec.volumeClaimTemplates ?? []).flatMap((claim, i) =>
      claimSpecCauses(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`),
    ),
  ],
  validateUpdate: changeCauses,
  scale: scaleBy(({ spec }) => selectorText(spec.selector)),
}
