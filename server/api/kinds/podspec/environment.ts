// Environment variables of containers (core/validation ValidateEnv, ValidateEnvFrom).
import type { EnvFromSource, EnvVar } from '../../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import { invalid, notSupported, required } from '../rules/causes.ts'
import { follows } from '../rules/fields.ts'
import { configKey, envName, subdomain } from '../rules/names.ts'

const FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const SUBSCRIPT = /^metadata\.(labels|annotations)\['[^']+'\]$/

export interface FieldRef {
  apiVersion?: string
  fieldPath?: string
}
export interface ResourceRef {
  resource?: string
}

/** `extra`: paths that only this place may name (volumes: all labels). */
export function fieldRefCauses(
  ref: FieldRef,
  at: string,
  extra: readonly string[] = [],
): StatusCause[] {
  const { apiVersion, fieldPath = '' } = ref
  if (!fieldPath) return [required(`${at}.fieldPath`)]
  if (apiVersion !== 'v1') {
    return [invalid(`${at}.apiVersion`, apiVersion, 'apiVersion must be "v1"')]
  }
  if (SUBSCRIPT.test(fieldPath)) return []
  const supported = [...FIELDS, ...extra].sort()
  return supported.includes(fieldPath)
    ? []
    : [notSupported(`${at}.fieldPath`, fieldPath, supported)]
}

export function resourceRefCauses({ resource }: ResourceRef, at: string): StatusCause[] {
  if (!resource) return [required(`${at}.resource`)]
  return RESOURCES.includes(resource) ? [] : [notSupported(`${at}.resource`, resource, RESOURCES)]
}

function keyRefCauses(ref: { name?: string; key?: string }, at: string): StatusCause[] {
  return [
    ...(ref.name ? follows(subdomain, `${at}.name`, ref.name) : [required(`${at}.name`)]),
    ...(ref.key ? follows(configKey, `${at}.key`, ref.key) : [required(`${at}.key`)]),
  ]
}

function sourceCauses({ value, valueFrom }: EnvVar, at: string): StatusCause[] {
  if (!valueFrom) return []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean)
  if (value) return [invalid(at, '', 'may not be specified when `value` is not empty')]
  if (sources.length === 0) {
    const list = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
    return [invalid(at, '', `must specify one of: ${list}`)]
  }
  if (sources.length > 1) {
    return [invalid(at, '', 'may not have more than one field specified at a time')]
  }
  return [
    ...(fieldRef ? fieldRefCauses(fieldRef, `${at}.fieldRef`) : []),
    ...(resourceFieldRef ? resourceRefCauses(resourceFieldRef, `${at}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? keyRefCauses(configMapKeyRef, `${at}.configMapKeyRef`) : []),
    ...(secretKeyRef ? keyRefCauses(secretKeyRef, `${at}.secretKeyRef`) : []),
  ]
}

export function envCauses(env: EnvVar[] | undefined, at: string): StatusCause[] {
  return (env ?? []).flatMap((variable, i) => [
    ...(variable.name
      ? follows(envName, `${at}[${i}].name`, variable.name)
      : [required(`${at}[${i}].name`)]),
    ...sourceCauses(variable, `${at}[${i}].valueFrom`),
  ])
}

export function envFromCauses(sources: EnvFromSource[] | undefined, at: string): StatusCause[] {
  return (sources ?? []).flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const causes = prefix ? follows(envName, `${at}[${i}].prefix`, prefix) : []
    if (configMapRef && secretRef) {
      return [invalid(`${at}[${i}]`, '', 'may not have more than one field specified at a time')]
    }
    const ref = configMapRef ?? secretRef
    if (!ref) {
      const list = '`configMapRef` or `secretRef`'
      return [...causes, invalid(`${at}[${i}]`, '', `must specify one of: ${list}`)]
    }
    const field = `${at}[${i}].${configMapRef ? 'configMapRef' : 'secretRef'}.name`
    return [...causes, ...(ref.name ? follows(subdomain, field, ref.name) : [required(field)])]
  })
}
