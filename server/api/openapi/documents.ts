// The OpenAPI documents that clients fetch: /openapi/v2, and /openapi/v3 with one document per group and version.
// Made when first asked for, and kept as bytes (outside of the JavaScript heap).
import { createHash } from 'node:crypto'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { groupPath } from '../../../shared/paths.ts'
import { strategies } from '../kinds/all.ts'
import type { Definitions, Schema } from './definitions.ts'
import { definitionName, REF_PREFIX, targetOf } from './definitions.ts'
import { swaggerProtobuf } from './swagger-protobuf.ts'
import { pathsV2, pathsV3 } from './document-paths.ts'

export interface OpenApiDocument {
  body: Buffer
  /** Changes with the body: the ETag, and `?hash=` in the index. */
  hash: string
}

export interface Documents {
  /** The body of GET /openapi/v2. */
  v2(): OpenApiDocument
  /** The same as a protocol buffer. */
  v2Protobuf(): OpenApiDocument
  /** The body of GET /openapi/v3: where each group and version's document is. */
  v3Index(): OpenApiDocument
  /** The body of GET /openapi/v3/<path>, such as `api/v1` or `apis/apps/v1`. */
  v3(path: string): OpenApiDocument | undefined
}

function documentOf(body: Buffer): OpenApiDocument {
  return { body, hash: createHash('sha256').update(body).digest('hex').slice(0, 40).toUpperCase() }
}

/** `kinds` and everything they refer to. */
function reachable(definitions: Definitions, names: string[]): Definitions {
  const found: Definitions = {}
  const waiting = names.filter((name) => definitions[name])
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const definition = definitions[name]
    if (found[name] || !definition) continue
    found[name] = definition
    JSON.stringify(definition, (key, value: unknown) => {
      if (key === '$ref') waiting.push(targetOf(String(value)))
      return value
    })
  }
  return found
}

/** Types that are written as more than one JSON type; only v3 can say so (kube-openapi's OpenAPIV3OneOfTypes). */
const ONE_OF: Record<string, string[]> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': ['string', 'number'],
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': ['integer', 'string'],
}

function definitionV3(name: string, definition: Schema): unknown {
  const types = ONE_OF[name]
  if (!types) return toV3(definition)
  const { type: _, ...rest } = definition
  return { ...rest, oneOf: types.map((type) => ({ type })) }
}

/** OpenAPI v3 lets nothing stand beside $ref: what does moves out, and the reference into allOf. */
function toV3(schema: Schema): unknown {
  const { $ref, items, additionalProperties, properties, ...rest } = schema
  const ref = $ref && { $ref: $ref.replace(REF_PREFIX, '#/components/schemas/') }
  if (ref && Object.keys(rest).length === 0) return ref
  return {
    ...rest,
    ...(ref && { allOf: [ref] }),
    ...(items && { items: toV3(items) }),
    ...(additionalProperties && { additionalProperties: toV3(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, toV3(property)]),
      ),
    }),
  }
}

const INFO = { title: 'Kubernetes', version: 'v1.36.0' }
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

function v3Document(definitions: Definitions, kinds: Kind[]): unknown {
  const names = kinds.flatMap((kind) => [definitionName(kind), `${definitionName(kind)}List`])
  const spoken = ['io.k8s.api.autoscaling.v1.Scale', 'io.k8s.api.core.v1.Binding']
  const schemas = reachable(definitions, [
    ...names,
    ...spoken,
    `${META}DeleteOptions`,
    `${META}Status`,
  ])
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: pathsV3(strategies.filter(({ kind }) => kinds.includes(kind))),
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, definitionV3(name, schema)]),
      ),
    },
  }
}

/** The documents over the definitions that `load` reads; each is made once. */
export function documentsOf(load: () => Definitions): Documents {
  const made = new Map<string, OpenApiDocument>()
  const onceBytes = (key: string, make: () => Buffer): OpenApiDocument => {
    const document = made.get(key) ?? documentOf(make())
    made.set(key, document)
    return document
  }
  const once = (key: string, make: () => unknown): OpenApiDocument =>
    onceBytes(key, () => Buffer.from(JSON.stringify(make())))
  const served = new Map<string, Kind[]>()
  for (const { kind } of strategies) {
    const path = groupPath(kind).slice(1)
    served.set(path, [...(served.get(path) ?? []), kind])
  }
  function v3(path: string): OpenApiDocument | undefined {
    const kinds = served.get(path)
    return kinds && once(path, () => v3Document(load(), kinds))
  }
  function v3Index(): OpenApiDocument {
    const urls = [...served.keys()].map((path) => {
      const serverRelativeURL = `/openapi/v3/${path}?hash=${v3(path)?.hash ?? ''}`
      return [path, { serverRelativeURL }]
    })
    return once('index', () => ({ paths: Object.fromEntries(urls) }))
  }
  const swagger = () => ({
    swagger: '2.0',
    info: INFO,
    paths: pathsV2(strategies),
    definitions: load(),
  })
  const v2 = () => once('v2', swagger)
  const v2Protobuf = () => onceBytes('v2 protobuf', () => swaggerProtobuf(swagger()))
  return { v2, v2Protobuf, v3, v3Index }
}
