import { expect, test } from 'vitest'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { PodDisruptionBudget } from '../../shared/kubernetes/policy.ts'
import { planPreemption } from './preemption.ts'
import { podInfoOf, Snapshot } from './snapshot.ts'

const node = (name: string, cpu: string, unschedulable = false): Node => ({
  metadata: { name },
  spec: { unschedulable },
  status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
})
const pod = (
  name: string,
  priority: number,
  cpu: string,
  more: Partial<Pod['metadata']> = {},
): Pod => ({
  metadata: { name, namespace: 'default', uid: name, labels: { app: name }, ...more },
  spec: { priority, containers: [{ name: 'main', resources: { requests: { cpu } } }] },
})

function world(nodes: Node[], placed: [string, Pod][]): Snapshot {
  const snapshot = new Snapshot()
  for (const each of nodes) snapshot.setNode(each)
  for (const [name, each] of placed) snapshot.place(podInfoOf(each), name)
  return snapshot
}
const plan = (snapshot: Snapshot, wanted: Pod, budgets: PodDisruptionBudget[] = []) => {
  const found = planPreemption(podInfoOf(wanted), snapshot, budgets)
  return found && [found.node, found.victims.map(({ uid }) => uid)]
}

test('the least important go, and no more of them than must', () => {
  const snapshot = world(
    [node('a', '2'), node('b', '2'), node('c', '4', true)],
    [
      ['a', pod('a-high', 50, '1')],
      ['a', pod('a-low', 5, '1')],
      ['b', pod('b-low', 10, '1')],
      ['b', pod('b-lower', 1, '1')],
    ],
  )
  const before = snapshot.openings
  expect(plan(snapshot, pod('vip', 100, '1'))).toEqual(['b', ['b-lower']])
  expect(plan(snapshot, pod('vip', 100, '2'))).toEqual(['b', ['b-low', 'b-lower']])
  expect(plan(snapshot, pod('nobody', 1, '1'))).toBeUndefined()
  expect(plan(snapshot, pod('giant', 100, '3'))).toBeUndefined()
  const polite = pod('polite', 100, '1')
  expect(
    plan(snapshot, { ...polite, spec: { ...polite.spec, preemptionPolicy: 'Never' } }),
  ).toBeUndefined()
  expect(snapshot.openings).toBe(before)
  expect([...snapshot.node('a')!.pods.keys()].sort()).toEqual(['a-high', 'a-low'])
})

test('a disruption budget is kept where another node will do', () => {
  const budget: PodDisruptionBudget = {
    metadata: { name: 'budget', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'a-low' } } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  }
  const snapshot = world(
    [node('a', '1'), node('b', '1')],
    [
      ['a', pod('a-low', 1, '1')],
      ['b', pod('b-mid', 50, '1')],
    ],
  )
  expect(plan(snapshot, pod('vip', 100, '1'))).toEqual(['a', ['a-low']])
  expect(plan(snapshot, pod('vip', 100, '1'), [budget])).toEqual(['b', ['b-mid']])
})

test('while victims are going, nobody else has to', () => {
  const going = pod('going', 1, '1', { deletionTimestamp: '2026-01-01T00:00:00Z' })
  const snapshot = world(
    [node('a', '1'), node('b', '1')],
    [
      ['a', going],
      ['b', pod('b-low', 1, '1')],
    ],
  )
  expect(plan(snapshot, pod('vip', 100, '1'))).toBeUndefined()
})
