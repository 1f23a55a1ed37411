// The OpenAPI documents that clients fetch: /openapi/v2, and /openapi/v3 with one document per group and version.
// Made when first asked for, and kept as bytes (outside of the JavaScript heap).
import { createHash } from 'node:crypto'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { groupPath } from '../../../shared/paths.ts'
import type { Strategy } from '../kinds/strategy.ts'
import type { Definitions, Schema } from './definitions.ts'
import { definitionName, REF_PREFIX, targetOf } from './definitions.ts'
import { swaggerProtobuf } from './swagger-protobuf.ts'
import { pathsV2, pathsV3 } from './document-paths.ts'

export interface OpenApiDocument {
  body: Buffer
  /** Changes with the body: the ETag, and `?hash=` in the index. */
  hash: string
}

/** The kinds that documents tell of; `generation` moves when they change. */
export interface Served {
  readonly served: readonly Strategy[]
  readonly generation: number
  of(kind: Kind): Strategy
}

export interface Documents {
  /** The body of GET /openapi/v2. */
  v2(registry: Served): OpenApiDocument
  /** The same as a protocol buffer. */
  v2Protobuf(registry: Served): OpenApiDocument
  /** The body of GET /openapi/v3: where each group and version's document is. */
  v3Index(registry: Served): OpenApiDocument
  /** The body of GET /openapi/v3/<path>, such as `api/v1` or `apis/apps/v1`. */
  v3(registry: Served, path: string): OpenApiDocument | undefined
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

function v3Document(definitions: Definitions, strategies: readonly Strategy[]): unknown {
  const kinds = strategies.map(({ kind }) => kind)
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
    paths: pathsV3(strategies),
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, definitionV3(name, schema)]),
      ),
    },
  }
}

/** `base` with what custom kinds define, and faces described as the kinds they show. */
function definitionsOf(base: Definitions, registry: Served): Definitions {
  const all = { ...base }
  for (const strategy of registry.served) {
    Object.assign(all, strategy.definitions)
    const { kind, face } = strategy
    const name = definitionName(kind)
    if (!face || all[name]) continue
    const { group, version } = kind
    const stored = definitionName(registry.of(kind).kind)
    for (const suffix of ['', 'List']) {
      const shown = all[stored + suffix]
      if (!shown) continue
      const names = [{ group, version, kind: kind.kind + suffix }]
      const items = suffix && {
        items: { type: 'array' as const, items: { $ref: REF_PREFIX + name } },
      }
      all[name + suffix] = {
        ...shown,
        properties: { ...shown.properties, ...items },
        'x-kubernetes-group-version-kind': names,
      }
    }
  }
  return all
}

/** The documents over the definitions that `load` reads; each is made once, and again when kinds come or go. */
export function documentsOf(load: () => Definitions): Documents {
  const made = new Map<string, OpenApiDocument>()
  let of: { registry: Served; generation: number } | undefined
  const onceBytes = (registry: Served, key: string, make: () => Buffer): OpenApiDocument => {
    if (of?.registry !== registry || of.generation !== registry.generation) made.clear()
    of = { registry, generation: registry.generation }
    const document = made.get(key) ?? documentOf(make())
    made.set(key, document)
    return document
  }
  const once = (registry: Served, key: string, make: () => unknown): OpenApiDocument =>
    onceBytes(registry, key, () => Buffer.from(JSON.stringify(make())))
  // What metrics servers measure describes itself nowhere, as in Kubernetes.
  const described = ({ served }: Served): Strategy[] =>
    served.filter(({ kind, measured }) => !measured || kind.group === '')
  const at = (registry: Served, path: string): Strategy[] =>
    described(registry).filter(({ kind }) => groupPath(kind).slice(1) === path)
  function v3(registry: Served, path: string): OpenApiDocument | undefined {
    const strategies = at(registry, path)
    if (strategies.length === 0) return undefined
    return once(registry, path, () => v3Document(definitionsOf(load(), registry), strategies))
  }
  function v3Index(registry: Served): OpenApiDocument {
    const paths = new Set(described(registry).map(({ kind }) => groupPath(kind).slice(1)))
    const urls = [...paths].map((path) => {
      const serverRelativeURL = `/openapi/v3/${path}?hash=${v3(registry, path)?.hash ?? ''}`
      return [path, { serverRelativeURL }]
    })
    return once(registry, 'index', () => ({ paths: Object.fromEntries(urls) }))
  }
  const swagger = (registry: Served) => ({
    swagger: '2.0',
    info: INFO,
    paths: pathsV2(described(registry)),
    definitions: definitionsOf(load(), registry),
  })
  const v2 = (registry: Served) => once(registry, 'v2', () => swagger(registry))
  const v2Protobuf = (registry: Served) =>
    onceBytes(registry, 'v2 protobuf', () => swaggerProtobuf(swagger(registry)))
  return { v2, v2Protobuf, v3, v3Index }
}
