import { expect, it } from 'vitest'
import { kindsOf, sectionsOf } from './kindList.ts'
import type { DiscoveryList } from './kindList.ts'

function resource(plural: string, kind: string, verbs = ['list', 'watch']) {
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: 'Namespaced' as const,
    singularResource: kind.toLowerCase(),
    verbs,
  }
}

const LISTS: DiscoveryList[] = [
  {
    items: [
      {
        metadata: {},
        versions: [
          {
            version: 'v1',
            resources: [resource('pods', 'Pod'), resource('bindings', 'Binding', ['create'])],
          },
        ],
      },
    ],
  },
  {
    items: [
      {
        metadata: { name: 'autoscaling' },
        versions: [
          {
            version: 'v2',
            resources: [resource('horizontalpodautoscalers', 'HorizontalPodAutoscaler')],
          },
          {
            version: 'v1',
            resources: [resource('horizontalpodautoscalers', 'HorizontalPodAutoscaler')],
          },
        ],
      },
      {
        metadata: { name: 'extensions' },
        versions: [{ version: 'v1beta1', resources: [resource('deployments', 'Deployment')] }],
      },
      {
        metadata: { name: 'serving.example.com' },
        versions: [{ version: 'v1', resources: [resource('services', 'Service')] }],
      },
    ],
  },
]

it('lists what can be listed, in the preferred version, and nothing twice', () => {
  const kinds = kindsOf(LISTS).map(({ kind }) => `${kind.plural}.${kind.group}/${kind.version}`)
  expect(kinds).toEqual([
    'pods./v1',
    'horizontalpodautoscalers.autoscaling/v2',
    'services.serving.example.com/v1',
  ])
})

it('keeps a foreign kind with its group, whatever its name', () => {
  const sections = sectionsOf(kindsOf(LISTS))
  expect(sections.map(({ name, kinds }) => [name, kinds.length])).toEqual([
    ['Workloads', 2],
    ['serving.example.com', 1],
  ])
})
