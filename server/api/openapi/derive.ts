// From client models back to the OpenAPI v2 definitions they were generated from.
import type { Definitions, GroupVersionKind, Schema } from './definitions.ts'
import { REF_PREFIX, targetOf } from './definitions.ts'
import { ATOMIC_TYPES, markersOf, QUANTITIES } from './markers.ts'
import type { Attribute, Model } from './models.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'

const META_TYPES = new Set(
  `Condition DeleteOptions FieldSelectorRequirement LabelSelector LabelSelectorRequirement ListMeta ManagedFieldsEntry ObjectMeta OwnerReference
  Preconditions ShardInfo Status StatusCause StatusDetails`.split(/\s+/),
)

/** Types outside of the core group, by group; the rest of what the served kinds reach is core/v1. */
const GROUPS: Record<string, RegExp> = {
  apps: /^(Deployment|ReplicaSet|RollingUpdate|DaemonSet|StatefulSet|ControllerRevision)/,
  autoscaling: /^Scale(Spec|Status|List)?$/,
  batch: /^(Job|CronJob|PodFailurePolicy|SuccessPolicy|UncountedTerminatedPods)/,
  authentication: /^(TokenRequest|TokenReview|SelfSubjectReview|UserInfo|BoundObjectReference)/,
  authorization:
    /^(Self|Local)?Subject(Access|Rules)Review|^(Non)?Resource(Attributes|Rule)$|^(Field|Label)SelectorAttributes$/,
  rbac: /^((Cluster)?Role(Binding)?(List)?|RoleRef|PolicyRule|AggregationRule|Subject)$/,
  apiextensions:
    /^(CustomResource|CustomResource.*|JSONSchemaProps|ExternalDocumentation|ValidationRule|SelectableField|WebhookConversion|WebhookClientConfig|ServiceReference)/,
  certificates: /^CertificateSigningRequest/,
  coordination: /^Lease(Spec|List)?$/,
  networking: /^(Ingress|HTTPIngress|ServiceBackendPort|NetworkPolicy|IPBlock)/,
  policy: /^(Eviction|PodDisruptionBudget(Spec|Status|List)?)$/,
  scheduling: /^PriorityClass(List)?$/,
  storage: /^StorageClass(List)?$/,
  discovery:
    /^(Endpoint|EndpointConditions|EndpointHints|EndpointSlice|EndpointSliceList|ForNode|ForZone)$/,
}

/** Leaf types that are no models: they are written as strings, or as anything. */
const LEAVES: Definitions = {
  [QUANTITY]: {
    type: 'string',
    description:
      'Quantity is an amount of a resource: a number with an optional decimal exponent, a decimal SI suffix (n, u, m, k, M, G, T, P, E) or a binary one (Ki, Mi, Gi, Ti, Pi, Ei).',
  },
  [INT_OR_STRING]: {
    type: 'string',
    format: 'int-or-string',
    description:
      'IntOrString is either a whole number or a string, such as a percentage or a name.',
  },
  [`${META}Time`]: {
    type: 'string',
    format: 'date-time',
    description: 'Time is a moment in RFC 3339 form with a precision of seconds.',
  },
  [`${META}MicroTime`]: {
    type: 'string',
    format: 'date-time',
    description: 'MicroTime is a moment in RFC 3339 form with a precision of microseconds.',
  },
  [`${META}FieldsV1`]: {
    type: 'object',
    description: 'FieldsV1 is a set of fields as a tree of field paths.',
  },
}

const LEAF_TYPES: Record<string, string> = {
  Date: `${META}Time`,
  V1MicroTime: `${META}MicroTime`,
  IntOrString: INT_OR_STRING,
  any: `${META}FieldsV1`,
}

const PREFIX =
  /^(?:CoreV1|EventsV1|ApiextensionsV1|DiscoveryV1|AuthenticationV1|RbacV1|V1|V2)(?=[A-Z])/

/** `V1PodSpec` → `PodSpec`. */
function typeName(model: string): string {
  return model.replace(PREFIX, '')
}

/** `V1PodSpec` → `io.k8s.api.core.v1.PodSpec`. */
function fullName(model: string): string {
  const name = typeName(model)
  if (META_TYPES.has(name)) return META + name
  // Autoscaling is the one group whose newest version is a second one.
  if (/^V2[A-Z]/.test(model)) return `io.k8s.api.autoscaling.v2.${name}`
  if (model.startsWith('DiscoveryV1')) return `io.k8s.api.discovery.v1.${name}`
  if (model.startsWith('EventsV1')) return `io.k8s.api.events.v1.${name}`
  const group = Object.keys(GROUPS).find((group) => GROUPS[group]!.test(name)) ?? 'core'
  return `io.k8s.api.${group}.v1.${name}`
}

/** The schema of a type expression; `reached` hears of every model it names. */
function schemaOf(
  type: string,
  format: string,
  quantity: boolean,
  reached: (model: string) => void,
): Schema {
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  if (item) return { type: 'array', items: schemaOf(item, format, quantity, reached) }
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (value) {
    return { type: 'object', additionalProperties: schemaOf(value, format, quantity, reached) }
  }
  if (type === 'string' && quantity) return { $ref: REF_PREFIX + QUANTITY }
  if (type === 'string' || type === 'boolean') return { type, ...(format && { format }) }
  if (type === 'number') {
    return { type: format.startsWith('int') ? 'integer' : 'number', ...(format && { format }) }
  }
  const leaf = LEAF_TYPES[type]
  if (leaf) return { $ref: REF_PREFIX + leaf }
  reached(type)
  return { $ref: REF_PREFIX + fullName(type) }
}

/** []byte values of maps, whose format the models drop. */
const BYTE_MAPS = new Set(['ConfigMap.binaryData', 'Secret.data'])

function fieldSchema(owner: string, field: Attribute, reached: (model: string) => void): Schema {
  const path = `${owner}.${field.name}`
  const format = BYTE_MAPS.has(path) ? 'byte' : field.format
  const schema = schemaOf(field.type, format, QUANTITIES.has(path), reached)
  const isList = schema.type === 'array' && !owner.endsWith('List')
  return {
    // The generator puts the type's own description where it lost the field's.
    ...(field.description && field.type !== 'IntOrString' && { description: field.description }),
    ...schema,
    ...markersOf(path, isList),
  }
}

function definitionOf(model: string, read: Model, reached: (model: string) => void): Schema {
  const name = typeName(model)
  const required = read.attributes.filter((field) => field.required).map((field) => field.name)
  const properties = Object.fromEntries(
    read.attributes.map((field) => [field.name, fieldSchema(name, field, reached)]),
  )
  const definition: Schema = { description: read.description, type: 'object', properties }
  if (required.length > 0) definition.required = required.sort()
  if (ATOMIC_TYPES.has(name)) definition['x-kubernetes-map-type'] = 'atomic'
  return definition
}

/** The models have no words for a field that is an object: those of its type stand in. */
function describeReferences(definitions: Definitions): void {
  for (const { properties = {} } of Object.values(definitions)) {
    for (const field of Object.values(properties)) {
      if (!field.$ref || field.description) continue
      const description = definitions[targetOf(field.$ref)]?.description
      if (description) field.description = description
    }
  }
}

/** One kind and the name of the model that describes it. */
export interface Root extends GroupVersionKind {
  model: string
}

/** The definitions of `roots` and of everything they refer to. */
export function deriveDefinitions(
  roots: readonly Root[],
  read: (model: string) => Model,
): Definitions {
  const definitions: Definitions = { ...LEAVES }
  const waiting = roots.map((root) => root.model)
  for (let model = waiting.pop(); model !== undefined; model = waiting.pop()) {
    const name = fullName(model)
    if (definitions[name]) continue
    definitions[name] = definitionOf(model, read(model), (next) => waiting.push(next))
  }
  describeReferences(definitions)
  for (const { model, group, version, kind } of roots) {
    const definition = definitions[fullName(model)]!
    definition['x-kubernetes-group-version-kind'] = [{ group, version, kind }]
  }
  return definitions
}
