import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import { customResourceDefinitions } from '../../shared/kubernetes/kinds.ts'
import type { ManualClock } from '../machinery/manual-clock.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import type { FollowedKinds } from './followed-kinds.ts'
import { followKinds } from './followed-kinds.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'

const NAME = 'plays.example.com'
const V1 = 'example.com/v1/Play'
const V2 = 'example.com/v2/Play'

function definition(served: string[], status: 'True' | 'False' = 'True'): CustomResourceDefinition {
  return {
    metadata: { name: NAME },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'plays', kind: 'Play' },
      versions: ['v1', 'v2'].map((name) => ({
        name,
        served: served.includes(name),
        storage: name === 'v2',
      })),
    },
    status: { conditions: [{ type: 'Established', status }] },
  }
}

let clock: ManualClock
let cluster: TestCluster
let followed: FollowedKinds<string>
let told: string[]

beforeEach(() => {
  clock = createManualClock()
  told = []
  cluster = startTestCluster(
    (deps) => {
      let begun = 0
      followed = followKinds<string>(deps, {
        begin: (kind) => {
          const part = `${kind.version}#${++begun}`
          told.push(`begin ${part}`)
          return part
        },
        end: (part) => void told.push(`end ${part}`),
        served: (names) => void told.push(`served ${names.join()}`),
      })
      return { close: async () => followed.close() }
    },
    [],
    clock,
  )
})
afterEach(() => cluster.close())

const create = (served: string[]) =>
  cluster.client.create(customResourceDefinitions, definition(served))
const update = (served: string[]) =>
  cluster.client.update(customResourceDefinitions, definition(served))
const remove = () => cluster.client.delete(customResourceDefinitions, { name: NAME })
const isTold = async (...words: string[]): Promise<void> => {
  await expect.poll(() => told).toEqual(words)
}

test('a kind is begun once, whatever its versions, and named by each that is served', async () => {
  await create(['v1'])
  await isTold('begin v1#1', `served ${V1}`)
  await update(['v1', 'v2'])
  await isTold('begin v1#1', `served ${V1}`, `served ${V2}`)
  expect([V1, V2, 'example.com/v3/Play'].map((name) => followed.named(name))).toEqual([
    'v1#1',
    'v1#1',
    undefined,
  ])
})

test('when the version that is followed is served no longer, another is', async () => {
  await create(['v1', 'v2'])
  await isTold('begin v1#1', `served ${V1},${V2}`)
  await update(['v2'])
  await isTold('begin v1#1', `served ${V1},${V2}`, 'begin v2#2', 'end v1#1')
  expect([V1, V2].map((name) => followed.named(name))).toEqual([undefined, 'v2#2'])
})

test('a kind that goes is named no longer at once, and followed for a while', async () => {
  await create(['v1'])
  await isTold('begin v1#1', `served ${V1}`)
  await remove()
  await expect.poll(() => followed.named(V1)).toBeUndefined()
  await clock.advance(29_000)
  expect(told).not.toContain('end v1#1')
  await clock.advance(2_000)
  expect(told).toContain('end v1#1')
})

test('a kind that comes back meanwhile is the same', async () => {
  await create(['v1'])
  await isTold('begin v1#1', `served ${V1}`)
  await remove()
  await expect.poll(() => followed.named(V1)).toBeUndefined()
  await create(['v1'])
  await isTold('begin v1#1', `served ${V1}`, `served ${V1}`)
  await clock.advance(60_000)
  expect(followed.named(V1)).toBe('v1#1')
  expect(told).not.toContain('end v1#1')
})

test('a definition whose names are not accepted adds no kind', async () => {
  await cluster.client.create(customResourceDefinitions, definition(['v2'], 'False'))
  await update(['v1'])
  const accepted = definition(['v1'])
  await cluster.client.update(customResourceDefinitions, accepted, { subresource: 'status' })
  await isTold('begin v1#1', `served ${V1}`)
  expect(told).not.toContain(`served ${V2}`)
})
