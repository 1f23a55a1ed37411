// The shape of dist/server/openapi.json: OpenAPI v2 schemas as Kubernetes publishes them.

export interface Schema {
  description?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  format?: string
  $ref?: string
  items?: Schema
  additionalProperties?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  default?: unknown
  'x-kubernetes-group-version-kind'?: GroupVersionKind[]
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'atomic'
  'x-kubernetes-patch-strategy'?: string
  'x-kubernetes-patch-merge-key'?: string
}

export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

/** Schemas by full name, such as `io.k8s.api.core.v1.Pod`. */
export type Definitions = Record<string, Schema>

export const REF_PREFIX = '#/definitions/'

/** The full name a `$ref` points to. */
export function targetOf(ref: string): string {
  return ref.slice(REF_PREFIX.length)
}

/** The kind's full name in Kubernetes' OpenAPI: io.k8s.api.<first part of the group>.<version>.<kind>, or the reversed group. */
export function definitionName({ group, version, kind }: GroupVersionKind): string {
  const isCustom = group.includes('.') && !group.endsWith('.k8s.io')
  if (isCustom) return `${group.split('.').reverse().join('.')}.${version}.${kind}`
  return `io.k8s.api.${group.split('.')[0] || 'core'}.${version}.${kind}`
}
