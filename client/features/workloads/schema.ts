// OpenAPI v3 schemas as Kubernetes publishes them, and the way through them. Pure.

export interface Schema {
  description?: string
  type?: string
  format?: string
  $ref?: string
  allOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
}

/** Schemas by full name, such as `io.k8s.api.core.v1.Pod`. */
export type Schemas = Readonly<Record<string, Schema>>

/** A step into an object by the name of a field, into a list by the place of an item. */
export type Step = string | number

const REFERENCE = '#/components/schemas/'

/** The schema itself: references followed, what is told in parts put together. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.slice(REFERENCE.length)]
    return target ? resolved(target, schemas) : {}
  }
  if (!schema.allOf) return schema
  const { allOf, ...own } = schema
  return Object.assign({}, ...allOf.map((part) => resolved(part, schemas)), own) as Schema
}

/** The schema of a kind; undefined: the document has none. */
export function schemaOf(schemas: Schemas, apiVersion: string, kind: string): Schema | undefined {
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const version = apiVersion.slice(slash + 1)
  return Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  )
}

/** The schema of what lies at `path` below `root`; undefined: nothing is known of it. */
export function schemaAt(
  root: Schema,
  path: readonly Step[],
  schemas: Schemas,
): Schema | undefined {
  let at: Schema | undefined = resolved(root, schemas)
  for (const step of path) {
    const next: Schema | undefined =
      typeof step === 'number' ? at.items : (at.properties?.[step] ?? additionalOf(at))
    if (!next) return undefined
    at = resolved(next, schemas)
  }
  return at
}

/** What fields that are not named have to be; undefined: nothing is said of them. */
export function additionalOf({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** Whether fields that it does not name are allowed. */
export function isOpen(schema: Schema): boolean {
  return (
    !schema.properties ||
    schema.additionalProperties !== undefined ||
    schema['x-kubernetes-preserve-unknown-fields'] === true
  )
}
