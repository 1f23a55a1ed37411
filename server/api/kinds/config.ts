// ConfigMap, Secret and ServiceAccount.
import type { ConfigMap, Secret, ServiceAccount } from '../../../shared/kubernetes/cluster.ts'
import { configMaps, secrets, serviceAccounts } from '../../../shared/kubernetes/kinds.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, immutable, invalid, required, tooLong } from './rules/causes.ts'
import { follows, nameFollows, same } from './rules/fields.ts'
import { configKey, subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

/** What fits into one ConfigMap or Secret (core.MaxSecretSize). */
const MAX_BYTES = 1024 * 1024

type Data = Record<string, string>

function keyCauses(field: string, data: Data | undefined): StatusCause[] {
  return Object.keys(data ?? {}).flatMap((key) => follows(configKey, `${field}[${key}]`, key))
}

/** Bytes that base64 text stands for. */
function decodedSize(base64: string): number {
  return Buffer.byteLength(base64, 'base64')
}

function sum(values: string[], size: (value: string) => number): number {
  return values.reduce((total, value) => total + size(value), 0)
}

/** `immutable: true` stays, and so does everything under it. */
function immutableCauses<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): StatusCause[] {
  if (!old.immutable) return []
  const why = 'field is immutable when `immutable` is set'
  const changed = fields.filter((field) => !same(object[field] ?? {}, old[field] ?? {}))
  const kept = object.immutable ? [] : [forbidden('immutable', why)]
  return [...kept, ...changed.map((field) => forbidden(field, why))]
}

export const configMapStrategy: Strategy<ConfigMap> = {
  kind: configMaps,
  subresources: [],
  hasGeneration: false,
  columns: [
    nameColumn,
    count(
      'Data',
      ({ data, binaryData }) =>
        Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    ),
    ageColumn,
  ],
  validate(object) {
    const { data = {}, binaryData = {} } = object
    const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key))
    const size =
      sum(Object.values(data), (text) => Buffer.byteLength(text)) +
      sum(Object.values(binaryData), decodedSize)
    return [
      ...nameFollows(subdomain, object),
      ...keyCauses('data', data),
      ...keyCauses('binaryData', binaryData),
      ...twice.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
      ...(size > MAX_BYTES ? [tooLong('', MAX_BYTES)] : []),
    ]
  },
  validateUpdate: (object, old) => immutableCauses(object, old, ['data', 'binaryData']),
}

/** Data that secrets of a type must carry (ValidateSecret). */
const REQUIRED_KEYS = new Map<string, string[]>([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
])

function typeCauses({ type = '', data = {}, metadata }: Secret): StatusCause[] {
  if (type === 'kubernetes.io/service-account-token') {
    const annotation = 'kubernetes.io/service-account.name'
    return metadata.annotations?.[annotation]
      ? []
      : [required(`metadata.annotations[${annotation}]`)]
  }
  if (type === 'kubernetes.io/basic-auth') {
    return 'username' in data || 'password' in data
      ? []
      : [required('data[username]'), required('data[password]')]
  }
  return (REQUIRED_KEYS.get(type) ?? [])
    .filter((key) => !Object.hasOwn(data, key))
    .map((key) => required(`data[${key}]`))
}

export const secretStrategy: Strategy<Secret> = {
  kind: secrets,
  subresources: [],
  hasGeneration: false,
  fields: { type: ({ type }) => type ?? '' },
  columns: [
    nameColumn,
    text('Type', ({ type }) => type ?? ''),
    count('Data', ({ data }) => Object.keys(data ?? {}).length),
    ageColumn,
  ],
  default(secret) {
    secret.type ??= 'Opaque'
    if (!secret.stringData) return
    const encoded = Object.entries(secret.stringData).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ])
    secret.data = { ...secret.data, ...(Object.fromEntries(encoded) as Data) }
    delete secret.stringData
  },
  validate(secret) {
    const size = sum(Object.values(secret.data ?? {}), decodedSize)
    return [
      ...nameFollows(subdomain, secret),
      ...keyCauses('data', secret.data),
      ...(size > MAX_BYTES ? [tooLong('data', MAX_BYTES)] : []),
      ...typeCauses(secret),
    ]
  },
  validateUpdate: (secret, old) => [
    ...(secret.type === old.type ? [] : [immutable('type', secret.type ?? '')]),
    ...immutableCauses(secret, old, ['data']),
  ],
}

export const serviceAccountStrategy: Strategy<ServiceAccount> = {
  kind: serviceAccounts,
  subresources: ['token'],
  hasGeneration: false,
  columns: [nameColumn, count('Secrets', ({ secrets }) => secrets?.length ?? 0), ageColumn],
  validate: (account) => nameFollows(subdomain, account),
}
