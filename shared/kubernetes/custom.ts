// CustomResourceDefinition: kinds that users add (k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1).
import type { Condition, KubeObject } from './meta.ts'

/** A structural schema: OpenAPI v3, and what Kubernetes adds to it. */
export interface JsonSchema {
  description?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  format?: string
  default?: unknown
  nullable?: boolean
  enum?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  multipleOf?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  minProperties?: number
  maxProperties?: number
  required?: string[]
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  allOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  not?: JsonSchema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  'x-kubernetes-validations'?: ValidationRule[]
}

export interface ValidationRule {
  /** An expression in CEL over `self`, and `oldSelf` for updates. */
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
}

export interface PrinterColumn {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
  jsonPath: string
}

export interface CustomVersion {
  name: string
  served: boolean
  storage: boolean
  deprecated?: boolean
  deprecationWarning?: string
  schema?: { openAPIV3Schema?: JsonSchema }
  subresources?: {
    status?: object
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string }
  }
  additionalPrinterColumns?: PrinterColumn[]
  selectableFields?: { jsonPath: string }[]
}

export interface CustomNames {
  plural: string
  singular?: string
  kind: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string
    names: CustomNames
    scope: 'Namespaced' | 'Cluster'
    versions: CustomVersion[]
    conversion?: { strategy?: string }
    preserveUnknownFields?: boolean
  }
  status?: {
    conditions?: Condition[]
    acceptedNames?: CustomNames
    storedVersions?: string[]
  }
}
