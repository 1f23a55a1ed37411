import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { milliCpu } from '../../shared/quantity.ts'
import { enough, seeded, Selector } from './select.ts'
import { podInfoOf, Snapshot } from './snapshot.ts'
import { makeNode, makePod } from './testing/objects.ts'

/** Places pods in order; answers where each went. */
function scheduleAll(nodes: Node[], pods: Pod[], seed = 1): Map<string, string> {
  const snapshot = new Snapshot()
  for (const node of nodes) snapshot.setNode(node)
  const selector = new Selector(seeded(seed))
  const placed = new Map<string, string>()
  for (const pod of pods) {
    const info = podInfoOf(pod)
    const selection = selector.select(info, snapshot)
    if (!('node' in selection)) continue
    snapshot.place(info, selection.node)
    placed.set(pod.metadata.name ?? '', selection.node)
  }
  return placed
}

const anyNodes = fc
  .array(fc.record({ cpu: fc.integer({ min: 0, max: 8 }), pods: fc.nat(6) }), { maxLength: 6 })
  .map((list) =>
    list.map(({ cpu, pods }, index) =>
      makeNode(`n${index}`, { cpu: String(cpu), pods: String(pods) }),
    ),
  )
const anyPods = fc
  .array(fc.integer({ min: 0, max: 3000 }), { maxLength: 30 })
  .map((list) => list.map((cpu, index) => makePod(`p${index}`, { cpu: `${cpu}m` })))

test('placed pods always fit', () => {
  fc.assert(
    fc.property(anyNodes, anyPods, (nodes, pods) => {
      const placed = scheduleAll(nodes, pods)
      for (const node of nodes) {
        const here = pods.filter((pod) => placed.get(pod.metadata.name!) === node.metadata.name)
        const used = here.reduce((sum, pod) => {
          return sum + milliCpu(pod.spec.containers[0]?.resources?.requests?.['cpu'])
        }, 0)
        expect(used).toBeLessThanOrEqual(milliCpu(node.status?.allocatable?.['cpu']))
        expect(here.length).toBeLessThanOrEqual(Number(node.status?.allocatable?.['pods']))
      }
    }),
  )
})

test('with one more node never fewer pods of a kind run', () => {
  fc.assert(
    fc.property(
      anyNodes,
      fc.integer({ min: 1, max: 2000 }),
      fc.nat(40),
      fc.integer({ min: 0, max: 8 }),
      (nodes, cpu, count, more) => {
        const pods = Array.from({ length: count }, (_, i) => makePod(`p${i}`, { cpu: `${cpu}m` }))
        const before = scheduleAll(nodes, pods).size
        const after = scheduleAll([...nodes, makeNode('more', { cpu: String(more) })], pods).size
        expect(after).toBeGreaterThanOrEqual(before)
      },
    ),
  )
})

test('the same seed gives the same places, and pods alike are spread evenly', () => {
  const nodes = Array.from({ length: 4 }, (_, index) => makeNode(`n${index}`))
  const pods = Array.from({ length: 20 }, (_, index) => makePod(`p${index}`))
  const placed = scheduleAll(nodes, pods, 7)
  expect(scheduleAll(nodes, pods, 7)).toEqual(placed)
  for (const node of nodes) {
    const here = [...placed.values()].filter((name) => name === node.metadata.name)
    expect(here).toHaveLength(5)
  }
})

test('of many nodes a part is enough, and all get their turn', () => {
  expect(enough(4)).toBe(4)
  expect(enough(100)).toBe(100)
  expect(enough(1000)).toBe(100)
  expect(enough(10_000)).toBe(500)
  const nodes = Array.from({ length: 300 }, (_, index) => makeNode(`n${index}`))
  const pods = Array.from({ length: 600 }, (_, index) => makePod(`p${index}`))
  expect(new Set(scheduleAll(nodes, pods).values()).size).toBe(300)
})

test('a snapshot is as before when a pod has come and gone', () => {
  const snapshot = new Snapshot()
  snapshot.setNode(makeNode('n1'))
  const info = podInfoOf(makePod('p', { cpu: '1', memory: '1Gi' }))
  snapshot.place(info, 'n1')
  expect(snapshot.node('n1')?.used.cpu).toBe(1000)
  snapshot.place(info, 'n1')
  expect(snapshot.node('n1')?.used.cpu).toBe(1000)
  expect(snapshot.remove(info.uid)).toBe('n1')
  expect(snapshot.node('n1')).toMatchObject({
    used: { cpu: 0, memory: 0 },
    weight: { cpu: 0, memory: 0 },
  })
  expect(snapshot.groups.size).toBe(0)
})
