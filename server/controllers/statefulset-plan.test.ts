import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { StatefulSet, StatefulSetSpec } from '../../shared/kubernetes/sets.ts'
import { planStatefulSet } from './statefulset-plan.ts'
import { makePod, namesOf, T0 } from './testing/objects.ts'

const set = (spec: Partial<StatefulSetSpec> = {}): StatefulSet => ({
  metadata: { name: 'web', namespace: 'default', uid: 'uid-web', generation: 1 },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { spec: { containers: [{ name: 'main' }] } },
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    ...spec,
  },
})

const pod = (ordinal: number, options: { ready?: boolean; old?: boolean; going?: boolean } = {}) =>
  makePod({
    name: `web-${ordinal}`,
    ready: options.ready ?? true,
    deleting: options.going ?? false,
    labels: { 'controller-revision-hash': options.old ? 'web-1' : 'web-2' },
  })

const plan = (of: StatefulSet, pods: Pod[]) => planStatefulSet(of, pods, 'web-1', 'web-2', T0)
const made = (of: StatefulSet, pods: Pod[]) => plan(of, pods).create.map(({ ordinal }) => ordinal)

describe('in order', () => {
  it.each<[string, Pod[], number[]]>([
    ['begins with the first', [], [0]],
    ['waits for the first', [pod(0, { ready: false })], []],
    ['goes on with the next', [pod(0)], [1]],
    ['fills the gap first', [pod(0), pod(2)], [1]],
    ['waits for one that is going', [pod(0, { going: true }), pod(1)], []],
  ])('%s', (_, pods, expected) => {
    expect(made(set(), pods)).toEqual(expected)
  })

  it('shrinks from the top, one at a time', () => {
    const of = set({ replicas: 1 })
    expect(namesOf(plan(of, [pod(0), pod(1), pod(2)]).remove)).toEqual(['web-2'])
    expect(plan(of, [pod(0), pod(1), pod(2, { going: true })]).remove).toEqual([])
  })

  it('updates from the top, one at a time, down to the partition', () => {
    const old = [0, 1, 2].map((ordinal) => pod(ordinal, { old: true }))
    expect(namesOf(plan(set(), old).remove)).toEqual(['web-2'])
    expect(plan(set(), [old[0]!, old[1]!, pod(2, { ready: false })]).remove).toEqual([])
    const updateStrategy = { type: 'RollingUpdate' as const, rollingUpdate: { partition: 2 } }
    expect(plan(set({ updateStrategy }), [old[0]!, old[1]!, pod(2)]).remove).toEqual([])
    expect(plan(set({ updateStrategy }), []).create).toEqual([{ ordinal: 0, revision: 'web-1' }])
    const onDelete = set({ updateStrategy: { type: 'OnDelete' } })
    expect(plan(onDelete, old).remove).toEqual([])
  })
})

it('side by side, all are made and removed at once', () => {
  const of = set({ podManagementPolicy: 'Parallel', ordinals: { start: 5 } })
  expect(made(of, [])).toEqual([5, 6, 7])
  const fewer = { ...of, spec: { ...of.spec, replicas: 0 } }
  expect(plan(fewer, [pod(5), pod(6)]).remove).toHaveLength(2)
})

it('comes to rest with exactly its pods, all of the new revision, never two missing at a time', () => {
  const begin = fc.uniqueArray(
    fc.record({ ordinal: fc.nat(6), ready: fc.boolean(), old: fc.boolean() }),
    { selector: ({ ordinal }) => ordinal },
  )
  fc.assert(
    fc.property(begin, fc.nat(5), (pods, replicas) => {
      const of = set({ replicas })
      // An old pod that is not ready is waited for, so here it gets ready in the end.
      let world = pods.map(({ ordinal, ...rest }) => pod(ordinal, rest))
      for (let step = 0; step < 60; step += 1) {
        const { create, remove } = plan(of, world)
        expect(create.length + remove.length).toBeLessThanOrEqual(1)
        const gone = new Set(remove)
        world = world.filter((one) => !gone.has(one))
        const waiting = world.filter(({ status }) => status?.conditions?.[0]?.status === 'False')
        world = world.map((one) =>
          waiting.includes(one)
            ? pod(Number(one.metadata.name?.slice(4)), {
                old: one.metadata.labels?.['controller-revision-hash'] === 'web-1',
              })
            : one,
        )
        world.push(...create.map(({ ordinal }) => pod(ordinal, { ready: false })))
      }
      expect(namesOf(world)).toEqual(Array.from({ length: replicas }, (_, at) => `web-${at}`))
      expect(plan(of, world).status).toMatchObject({
        replicas,
        readyReplicas: replicas,
        updatedReplicas: replicas,
        currentRevision: 'web-2',
      })
    }),
  )
})
