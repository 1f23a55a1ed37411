import { describe, expect, test } from 'vitest'
import { testSchemas } from '../harness.ts'
import { deployments, pods, serviceAccounts, services } from '../../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { applyPatch } from './apply.ts'
import type { JsonObject } from '../values.ts'

const apply = (kind: Kind, object: JsonObject, patch: JsonObject) =>
  applyPatch(testSchemas(), kind, object as never, patch, 'strategic')

const containers = (...list: JsonObject[]) => ({ spec: { containers: list } })
const nginx = { name: 'nginx', image: 'nginx:1' }
const redis = { name: 'redis', image: 'redis:1' }
const log = { name: 'log', image: 'log:1' }

interface Case {
  name: string
  kind?: Kind
  object: JsonObject
  patch: JsonObject
  result: JsonObject
}

const cases: Case[] = [
  {
    name: 'a new item of a merged list comes in front, as kubectl patch shows',
    object: containers(nginx),
    patch: containers(redis),
    result: containers(redis, nginx),
  },
  {
    name: 'an item with the same key is merged',
    object: containers(nginx, redis),
    patch: containers({ name: 'redis', image: 'redis:2' }),
    result: containers(nginx, { name: 'redis', image: 'redis:2' }),
  },
  {
    name: '$patch: delete takes an item out of a list',
    object: containers(nginx, redis),
    patch: containers({ $patch: 'delete', name: 'nginx' }),
    result: containers(redis),
  },
  {
    name: '$patch: replace in a list replaces all of it',
    object: containers(nginx, redis),
    patch: containers({ $patch: 'replace' }, log),
    result: containers(log),
  },
  {
    name: '$patch: replace in a map replaces it',
    object: { metadata: { labels: { a: '1', b: '2' } } },
    patch: { metadata: { labels: { $patch: 'replace', c: '3' } } },
    result: { metadata: { labels: { c: '3' } } },
  },
  {
    name: '$patch: delete in a map empties it',
    object: { metadata: { labels: { a: '1' } } },
    patch: { metadata: { labels: { $patch: 'delete' } } },
    result: { metadata: { labels: {} } },
  },
  {
    name: 'null removes a member',
    object: { metadata: { labels: { a: '1', b: '2' } } },
    patch: { metadata: { labels: { a: null } } },
    result: { metadata: { labels: { b: '2' } } },
  },
  {
    name: 'nulls and directives in what is new are not kept',
    object: {},
    patch: { metadata: { labels: { a: null, b: '2' }, $retainKeys: ['labels'] } },
    result: { metadata: { labels: { b: '2' } } },
  },
  {
    name: '$setElementOrder orders what the patch names, the others keep their places',
    object: containers(nginx, log, redis),
    patch: { spec: { '$setElementOrder/containers': [{ name: 'redis' }, { name: 'nginx' }] } },
    // log stood before redis, the first that is named.
    result: containers(log, redis, nginx),
  },
  {
    name: '$setElementOrder with a new item puts it where it says',
    object: containers(nginx),
    patch: {
      spec: {
        '$setElementOrder/containers': [{ name: 'nginx' }, { name: 'redis' }],
        containers: [redis],
      },
    },
    result: containers(nginx, redis),
  },
  {
    name: '$setElementOrder of scalars with $deleteFromPrimitiveList',
    object: { metadata: { finalizers: ['a', 'b', 'c'] } },
    patch: {
      metadata: {
        '$setElementOrder/finalizers': ['c', 'd', 'a'],
        '$deleteFromPrimitiveList/finalizers': ['b'],
        finalizers: ['d'],
      },
    },
    result: { metadata: { finalizers: ['c', 'd', 'a'] } },
  },
  {
    name: 'lists of scalars with merge are united',
    object: { metadata: { finalizers: ['a', 'b'] } },
    patch: { metadata: { finalizers: ['c', 'a'] } },
    result: { metadata: { finalizers: ['c', 'a', 'b'] } },
  },
  {
    name: 'lists without a merge key are replaced',
    object: containers({ ...nginx, args: ['a', 'b'] }),
    patch: containers({ name: 'nginx', args: ['c'] }),
    result: containers({ ...nginx, args: ['c'] }),
  },
  {
    name: 'tolerations are replaced whole',
    object: { spec: { tolerations: [{ key: 'a' }] } },
    patch: { spec: { tolerations: [{ key: 'b' }] } },
    result: { spec: { tolerations: [{ key: 'b' }] } },
  },
  {
    name: '$retainKeys chooses one of several alternatives',
    kind: deployments,
    object: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
    patch: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    result: { spec: { strategy: { type: 'Recreate' } } },
  },
  {
    name: '$retainKeys inside the items of a list (volumes)',
    object: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    patch: {
      spec: {
        volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }],
      },
    },
    result: { spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } },
  },
  {
    name: 'ports of a service merge by number',
    kind: services,
    object: {
      spec: {
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'b' },
        ],
      },
    },
    patch: { spec: { ports: [{ port: 81, targetPort: 8081 }] } },
    result: {
      spec: {
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'b', targetPort: 8081 },
        ],
      },
    },
  },
  {
    name: 'nested lists below a list merge too (env of a container of a template)',
    kind: deployments,
    object: { spec: { template: containers({ ...nginx, env: [{ name: 'A', value: '1' }] }) } },
    patch: { spec: { template: containers({ name: 'nginx', env: [{ name: 'B', value: '2' }] }) } },
    result: {
      spec: {
        template: containers({
          ...nginx,
          env: [
            { name: 'B', value: '2' },
            { name: 'A', value: '1' },
          ],
        }),
      },
    },
  },
  {
    name: 'image pull secrets merge by name',
    kind: serviceAccounts,
    object: { imagePullSecrets: [{ name: 'a' }] },
    patch: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] },
    result: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] },
  },
]

test.each(cases)('$name', ({ kind = pods, object, patch, result }) => {
  const before = structuredClone(object)
  const patchBefore = structuredClone(patch)
  expect(apply(kind, object, patch)).toEqual(result)
  expect(object).toEqual(before)
  expect(patch).toEqual(patchBefore)
})

describe('what is refused', () => {
  const refused: [string, JsonObject, RegExp][] = [
    [
      'an item without its merge key',
      containers({ image: 'x' }),
      /does not contain declared merge key: name/,
    ],
    ['a directive nobody knows', { metadata: { $patch: 'mix' } }, /unknown patch type: "mix"/],
    [
      'a field that $retainKeys does not name',
      { spec: { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: {} }] } },
      /not in the retain keys list/,
    ],
    [
      'an order that contradicts the list',
      {
        spec: {
          containers: [nginx, redis],
          '$setElementOrder/containers': [{ name: 'redis' }, { name: 'nginx' }],
        },
      },
      /doesn't match \$setElementOrder/,
    ],
    [
      'a name that JavaScript knows',
      JSON.parse('{"metadata":{"labels":{"__proto__":{"x":"1"}}}}') as JsonObject,
      /__proto__/,
    ],
  ]
  test.each(refused)('%s', (_name, patch, message) => {
    expect(() => apply(pods, containers(nginx), patch)).toThrow(message)
    expect(({} as JsonObject)['x']).toBeUndefined()
  })
})
