import { expect, it } from 'vitest'
import type { Schema } from './definitions.ts'
import { targetOf } from './definitions.ts'
import { ATOMIC_TYPES, MARKED_FIELDS, QUANTITIES } from './markers.ts'
import { testDefinitions } from './testing.ts'

const definitions = testDefinitions()
const byType = new Map(
  Object.entries(definitions).map(([name, schema]) => [
    name.slice(name.lastIndexOf('.') + 1),
    schema,
  ]),
)

function field(path: string): Schema | undefined {
  const [type = '', name = ''] = path.split('.')
  return byType.get(type)?.properties?.[name]
}

it('derives every type that another one names', () => {
  const referred: string[] = []
  JSON.stringify(definitions, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') referred.push(targetOf(value))
    return value
  })
  expect(referred.length).toBeGreaterThan(300)
  expect(referred.filter((name) => !definitions[name])).toEqual([])
})

it('marks only fields and types that exist', () => {
  expect(MARKED_FIELDS.length).toBeGreaterThan(40)
  expect(MARKED_FIELDS.filter((path) => !field(path))).toEqual([])
  expect([...QUANTITIES].filter((path) => !field(path))).toEqual([])
  expect([...ATOMIC_TYPES].filter((name) => !byType.has(name))).toEqual([])
})

it('keys every keyed list by fields its items have', () => {
  const missing = MARKED_FIELDS.flatMap((path) => {
    const schema = field(path)
    const item = definitions[targetOf(schema?.items?.$ref ?? '')]
    const keys = schema?.['x-kubernetes-list-map-keys'] ?? []
    return keys.filter((key) => !item?.properties?.[key]).map((key) => `${path}: ${key}`)
  })
  expect(missing).toEqual([])
})

it('describes a Deployment as Kubernetes publishes it', () => {
  const spec = definitions['io.k8s.api.apps.v1.DeploymentSpec']
  expect(spec?.required).toEqual(['selector', 'template'])
  expect(spec?.properties?.['replicas']).toEqual({
    description:
      'Number of desired pods. This is a pointer to distinguish between explicit zero and not specified. Defaults to 1.',
    type: 'integer',
    format: 'int32',
  })
  expect(spec?.properties?.['strategy']).toMatchObject({
    $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentStrategy',
    'x-kubernetes-patch-strategy': 'retainKeys',
  })
  expect(definitions['io.k8s.api.apps.v1.Deployment']?.['x-kubernetes-group-version-kind']).toEqual(
    [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  )
})

it('tells apart what the models call strings', () => {
  const quantity = '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity'
  expect(field('ResourceRequirements.limits')?.additionalProperties).toEqual({ $ref: quantity })
  expect(field('EmptyDirVolumeSource.sizeLimit')?.$ref).toBe(quantity)
  expect(field('Secret.data')?.additionalProperties).toEqual({ type: 'string', format: 'byte' })
  expect(field('LeaseSpec.renewTime')?.$ref).toMatch(/MicroTime$/)
  expect(field('ServicePort.targetPort')?.$ref).toMatch(/IntOrString$/)
})
