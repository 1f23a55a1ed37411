// apiextensions.k8s.io/v1: kinds that users add. Names are accepted, and the kind established, in the write itself.
import type { CustomResourceDefinition, CustomVersion } from '../../../shared/kubernetes/custom.ts'
import { customResourceDefinitions } from '../../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../../shared/kubernetes/meta.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { ruleTextCauses } from '../custom/rules.ts'
import { timestamp } from '../core.ts'
import { forbidden, immutable, invalid, notSupported, required } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { nameColumn, text } from './rules/print.ts'
import type { Strategy, StrategyContext } from './strategy.ts'

/** Holds a definition until its objects are gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

const GROUPS_OF_OTHERS = /(^|\.)(k8s|kubernetes)\.io$/
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/

function hold({ metadata }: CustomResourceDefinition): void {
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP])]
}

function isTaken(crd: CustomResourceDefinition, context: StrategyContext): string | undefined {
  const { group, names } = crd.spec
  const others = context
    .readAll(customResourceDefinitions)
    .filter((other) => other.metadata.name !== crd.metadata.name && other.spec.group === group)
  const used = new Set(
    others.flatMap(({ spec }) => [
      spec.names.plural,
      spec.names.singular,
      ...(spec.names.shortNames ?? []),
    ]),
  )
  const clash = [names.plural, names.singular, ...(names.shortNames ?? [])].find((name) =>
    used.has(name),
  )
  if (clash !== undefined) return `"${clash}" is already in use`
  const kinds = new Set(others.flatMap(({ spec }) => [spec.names.kind, spec.names.listKind]))
  const kind = [names.kind, names.listKind].find((name) => kinds.has(name))
  return kind === undefined ? undefined : `"${kind}" is already in use`
}

function establish(crd: CustomResourceDefinition, context: StrategyContext): void {
  const lastTransitionTime = timestamp(context.now())
  const clash = isTaken(crd, context)
  const before = crd.status?.conditions ?? []
  const condition = (type: string, isSo: boolean, reason: string, message: string) => {
    const status = isSo ? ('True' as const) : ('False' as const)
    const held = before.find((other) => other.type === type && other.status === status)
    return held ?? { type, status, lastTransitionTime, reason, message }
  }
  const storage = crd.spec.versions.find((version) => version.storage)?.name
  const versions = new Set([...(crd.status?.storedVersions ?? []), ...(storage ? [storage] : [])])
  crd.status = {
    conditions: [
      clash === undefined
        ? condition('NamesAccepted', true, 'NoConflicts', 'no conflicts found')
        : condition('NamesAccepted', false, 'NamesConflict', clash),
      clash === undefined
        ? condition(
            'Established',
            true,
            'InitialNamesAccepted',
            'the initial names have been accepted',
          )
        : condition('Established', false, 'NotAccepted', 'not all names are accepted'),
    ],
    acceptedNames: clash === undefined ? { ...crd.spec.names } : { plural: '', kind: '' },
    storedVersions: [...versions],
  }
}

function versionCauses(version: CustomVersion, at: number): StatusCause[] {
  const path = `spec.versions[${at}]`
  const schema = version.schema?.openAPIV3Schema
  if (!schema) return [required(`${path}.schema.openAPIV3Schema`, 'schemas are required')]
  const here = `${path}.schema.openAPIV3Schema`
  const rootType =
    schema.type === 'object'
      ? []
      : [invalid(`${here}.type`, schema.type ?? '', 'must be object at the root')]
  return [...rootType, ...ruleTextCauses(schema, here)]
}

function causes(crd: CustomResourceDefinition): StatusCause[] {
  const { group, names, scope, versions, conversion } = crd.spec
  const expected = `${names.plural}.${group}`
  const found = [...nameFollows(subdomain, crd), ...versions.flatMap(versionCauses)]
  if (crd.metadata.name !== expected) {
    found.push(
      invalid('metadata.name', crd.metadata.name, `must be spec.names.plural+"."+spec.group`),
    )
  }
  if (!LABEL.test(names.plural))
    found.push(invalid('spec.names.plural', names.plural, 'must be a DNS-1035 label'))
  if (!names.kind) found.push(required('spec.names.kind'))
  if (scope !== 'Namespaced' && scope !== 'Cluster') {
    found.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']))
  }
  if (!group.includes('.'))
    found.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
  const stored = versions.filter((version) => version.storage)
  if (stored.length !== 1) {
    found.push(
      invalid(
        'spec.versions',
        versions.length,
        'must have exactly one version marked as storage version',
      ),
    )
  }
  if ((conversion?.strategy ?? 'None') !== 'None') {
    found.push(notSupported('spec.conversion.strategy', conversion?.strategy, ['None']))
  }
  if (GROUPS_OF_OTHERS.test(group) && !crd.metadata.annotations?.['api-approved.kubernetes.io']) {
    found.push(
      required(
        'metadata.annotations[api-approved.kubernetes.io]',
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    )
  }
  if (crd.spec.preserveUnknownFields) {
    found.push(invalid('spec.preserveUnknownFields', true, 'must be false'))
  }
  return found
}

function fill(crd: CustomResourceDefinition): void {
  crd.spec ??= {} as CustomResourceDefinition['spec']
  const { spec } = crd
  spec.group ??= ''
  spec.versions ??= []
  spec.names ??= { plural: '', kind: '' }
  spec.names.plural ??= ''
  spec.names.kind ??= ''
  spec.names.singular ||= spec.names.kind.toLowerCase()
  spec.names.listKind ||= `${spec.names.kind}List`
  spec.conversion ??= { strategy: 'None' }
}

export const customResourceDefinitionStrategy: Strategy<CustomResourceDefinition> = {
  kind: customResourceDefinitions,
  subresources: ['status'],
  hasGeneration: true,
  columns: [nameColumn, text('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')],
  default: fill,
  prepareForCreate(crd, context) {
    delete crd.status
    hold(crd)
    establish(crd, context)
  },
  prepareForUpdate(crd, old, context) {
    if (!isBeingDeleted(old)) hold(crd)
    establish(crd, context)
  },
  validate: causes,
  validateUpdate: (crd, old) => [
    ...(crd.spec.scope === old.spec.scope ? [] : [immutable('spec.scope', crd.spec.scope)]),
    ...(crd.spec.group === old.spec.group ? [] : [immutable('spec.group', crd.spec.group)]),
    ...(crd.spec.names.kind === old.spec.names.kind
      ? []
      : [forbidden('spec.names.kind', 'field is immutable')]),
  ],
}
