import { createRegistry } from '../registry.ts'
import { describe, expect, it } from 'vitest'
import { collectionPath, groupPath } from '../../../shared/paths.ts'
import { strategies } from '../kinds/all.ts'
import { definitionName } from './definitions.ts'
import { schemasOf } from './schemas.ts'
import { testDefinitions } from './testing.ts'

interface Operation {
  parameters: { name: string }[]
  requestBody?: { content: Record<string, unknown> }
  'x-kubernetes-group-version-kind': { kind: string }
}
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Record<string, unknown>> }
  definitions: Record<string, unknown>
}

const registry = createRegistry(strategies)
const { documents } = schemasOf(testDefinitions)
const parsed = (body: Buffer | undefined) => JSON.parse(String(body)) as Document

function danglingRefs(document: Document, prefix: string, targets: object): string[] {
  const dangling: string[] = []
  JSON.stringify(document, (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value
    if (!Object.hasOwn(targets, value.slice(prefix.length))) {
      dangling.push(value)
    }
    return value
  })
  return dangling
}

describe('v3', () => {
  it('has a document for every group and version, and says where', () => {
    const index = JSON.parse(String(documents.v3Index(registry).body)) as {
      paths: Record<string, { serverRelativeURL: string }>
    }
    const served = new Set(registry.served.map(({ kind }) => groupPath(kind).slice(1)))
    expect(Object.keys(index.paths).sort()).toEqual([...served].sort())
    expect(served.size).toBeGreaterThan(4)
    for (const [path, { serverRelativeURL }] of Object.entries(index.paths)) {
      expect(serverRelativeURL).toBe(
        `/openapi/v3/${path}?hash=${documents.v3(registry, path)?.hash}`,
      )
    }
    expect(documents.v3(registry, 'apis/example.com/v1')).toBeUndefined()
  })

  it.each(strategies.map(({ kind }) => [kind.plural, kind] as const))(
    'lets kubectl find and explain %s',
    (_, kind) => {
      const document = parsed(documents.v3(registry, groupPath(kind).slice(1))?.body)
      const { group, version } = kind
      const gvk = { group, version, kind: kind.kind }
      expect(document.paths[collectionPath(kind)]?.['get']).toMatchObject({
        'x-kubernetes-group-version-kind': gvk,
      })
      const schema = document.components.schemas[definitionName(kind)]
      expect(schema?.['x-kubernetes-group-version-kind']).toEqual([gvk])
      expect(danglingRefs(document, '#/components/schemas/', document.components.schemas)).toEqual(
        [],
      )
    },
  )

  it('says what a patch may carry', () => {
    const { paths } = parsed(documents.v3(registry, 'apis/apps/v1')?.body)
    const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch']
    expect(Object.keys(patch?.requestBody?.content ?? {})).toContain(
      'application/strategic-merge-patch+json',
    )
    expect(patch?.parameters.map(({ name }) => name)).toContain('fieldValidation')
    expect(paths).toHaveProperty(['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale'])
  })

  it('puts nothing beside a reference', () => {
    const { components } = parsed(documents.v3(registry, 'apis/apps/v1')?.body)
    const spec = components.schemas['io.k8s.api.apps.v1.DeploymentSpec'] as {
      properties: Record<string, object>
    }
    expect(spec.properties['strategy']).toMatchObject({
      allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' }],
      'x-kubernetes-patch-strategy': 'retainKeys',
    })
    const intOrString = components.schemas['io.k8s.apimachinery.pkg.util.intstr.IntOrString']
    expect(intOrString).toMatchObject({ oneOf: [{ type: 'integer' }, { type: 'string' }] })
    expect(intOrString).not.toHaveProperty('type')
  })
})

it('v2 is one document of everything', () => {
  const document = parsed(documents.v2(registry).body)
  expect(danglingRefs(document, '#/definitions/', document.definitions)).toEqual([])
  for (const { kind } of strategies) {
    expect(document.paths).toHaveProperty([collectionPath(kind)])
    expect(document.definitions).toHaveProperty([definitionName(kind)])
  }
})

it('makes each document once', () => {
  let loads = 0
  const { documents } = schemasOf(() => {
    loads += 1
    return testDefinitions()
  })
  expect(loads).toBe(1)
  expect(documents.v2(registry)).toBe(documents.v2(registry))
  expect(documents.v3(registry, 'api/v1')).toBe(documents.v3(registry, 'api/v1'))
  expect(loads).toBe(3)
})

it('writes the v2 document as the protocol buffer kubectl reads, smaller than its JSON', () => {
  const { body } = documents.v2Protobuf(registry)
  // Field 1, two dots of version: openapi.v2.Document.swagger.
  expect([...body.subarray(0, 5)]).toEqual([0x0a, 3, ...Buffer.from('2.0')])
  expect(body.length).toBeLessThan(documents.v2(registry).body.length)
  expect(body.includes('io.k8s.api.apps.v1.Deployment')).toBe(true)
})
