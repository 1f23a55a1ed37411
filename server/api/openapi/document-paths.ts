// The paths of the OpenAPI documents: enough for clients to find each kind, its verbs and what a patch may carry.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { groupPath } from '../../../shared/paths.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { definitionName } from './definitions.ts'

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

type Verb = 'get' | 'put' | 'post' | 'patch' | 'delete'
type Action = 'list' | 'get' | 'put' | 'post' | 'patch' | 'delete'

interface Operation {
  verb: Verb
  action: Action
  /** The body's and the answer's schema. */
  schema: string
}

interface PathEntry {
  path: string
  kind: Kind
  parameters: string[]
  operations: Operation[]
}

const VERBS: Record<Action, Verb> = {
  list: 'get',
  get: 'get',
  put: 'put',
  post: 'post',
  patch: 'patch',
  delete: 'delete',
}

function operations(schema: string, ...actions: Action[]): Operation[] {
  return actions.map((action) => ({
    verb: VERBS[action],
    action,
    schema: action === 'list' ? `${schema}List` : schema,
  }))
}

/** Every path of one kind. */
function entriesOf({ kind, subresources, review, measured }: Strategy): PathEntry[] {
  const schema = definitionName(kind)
  const below = kind.namespaced ? '/namespaces/{namespace}' : ''
  const scope = kind.namespaced ? ['namespace'] : []
  const collection = `${groupPath(kind)}${below}/${kind.plural}`
  if (review) {
    return [{ path: collection, kind, parameters: scope, operations: operations(schema, 'post') }]
  }
  const one = (path: string, operations: Operation[]): PathEntry => ({
    path: `${collection}/{name}${path}`,
    kind,
    parameters: [...scope, 'name'],
    operations,
  })
  const everywhere: PathEntry = {
    path: `${groupPath(kind)}/${kind.plural}`,
    kind,
    parameters: [],
    operations: operations(schema, 'list'),
  }
  if (measured) {
    const listed = {
      path: collection,
      kind,
      parameters: scope,
      operations: operations(schema, 'list'),
    }
    return [listed, one('', operations(schema, 'get'))]
  }
  return [
    ...(kind.namespaced ? [everywhere] : []),
    { path: collection, kind, parameters: scope, operations: operations(schema, 'list', 'post') },
    one('', operations(schema, 'get', 'put', 'patch', 'delete')),
    ...subresources
      .filter((name) => name === 'status' || name === 'scale')
      .map((name) => {
        const spoken = name === 'scale' ? 'io.k8s.api.autoscaling.v1.Scale' : schema
        return one(`/${name}`, operations(spoken, 'get', 'put', 'patch'))
      }),
  ]
}

/** Query parameters of writes; clients look them up to learn whether a server can dry-run and validate. */
function queryOf({ action }: Operation): string[] {
  if (action === 'put' || action === 'post') return ['dryRun', 'fieldManager', 'fieldValidation']
  if (action === 'patch') return ['dryRun', 'fieldManager', 'fieldValidation', 'force']
  if (action === 'delete') return ['dryRun', 'gracePeriodSeconds', 'propagationPolicy']
  if (action === 'get') return []
  return ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'watch']
}

const QUERY_TYPES: Record<string, string> = {
  limit: 'integer',
  gracePeriodSeconds: 'integer',
  watch: 'boolean',
  force: 'boolean',
}

function described({ kind: { group, version, kind } }: PathEntry, { action }: Operation): object {
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  }
}

function operationV2(entry: PathEntry, operation: Operation): object {
  const schema = { $ref: `#/definitions/${operation.schema}` }
  const hasBody = operation.verb === 'put' || operation.verb === 'post'
  return {
    ...(operation.verb === 'patch' && { consumes: PATCH_TYPES }),
    produces: ['application/json', 'application/yaml'],
    parameters: [
      ...queryOf(operation).map((name) => ({
        name,
        in: 'query',
        type: QUERY_TYPES[name] ?? 'string',
      })),
      ...(hasBody ? [{ name: 'body', in: 'body', required: true, schema }] : []),
      ...(operation.verb === 'patch'
        ? [{ name: 'body', in: 'body', required: true, schema: { type: 'object' } }]
        : []),
    ],
    responses: { 200: { description: 'OK', schema } },
    ...described(entry, operation),
  }
}

function bodyV3(operation: Operation): object {
  const schema = { $ref: `#/components/schemas/${operation.schema}` }
  if (operation.verb === 'put' || operation.verb === 'post') {
    return { requestBody: { content: { '*/*': { schema } }, required: true } }
  }
  if (operation.verb !== 'patch') return {}
  const content = PATCH_TYPES.map((type) => [type, { schema: { type: 'object' } }])
  return { requestBody: { content: Object.fromEntries(content) as object, required: true } }
}

function operationV3(entry: PathEntry, operation: Operation): object {
  const schema = { $ref: `#/components/schemas/${operation.schema}` }
  return {
    parameters: queryOf(operation).map((name) => ({
      name,
      in: 'query',
      schema: { type: QUERY_TYPES[name] ?? 'string' },
    })),
    ...bodyV3(operation),
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema } } },
    },
    ...described(entry, operation),
  }
}

function pathsOf(
  strategies: readonly Strategy[],
  operationOf: (entry: PathEntry, operation: Operation) => object,
  parameterOf: (name: string) => object,
): Record<string, object> {
  const paths: Record<string, object> = {}
  for (const entry of strategies.flatMap(entriesOf)) {
    paths[entry.path] = {
      ...Object.fromEntries(
        entry.operations.map((operation) => [operation.verb, operationOf(entry, operation)]),
      ),
      ...(entry.parameters.length > 0 && { parameters: entry.parameters.map(parameterOf) }),
    }
  }
  return paths
}

/** `paths` of the swagger 2.0 document. */
export function pathsV2(strategies: readonly Strategy[]): Record<string, object> {
  return pathsOf(strategies, operationV2, (name) => ({
    name,
    in: 'path',
    required: true,
    type: 'string',
  }))
}

/** `paths` of an OpenAPI 3.0 document. */
export function pathsV3(strategies: readonly Strategy[]): Record<string, object> {
  return pathsOf(strategies, operationV3, (name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}
