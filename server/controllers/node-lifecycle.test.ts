import { afterEach, describe, expect, test } from 'vitest'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { leases, nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Toleration } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { ManualClock } from '../machinery/manual-clock.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import { silentConditions, taintsFor } from './node-health-plan.ts'
import { startNodeLifecycle } from './node-lifecycle.ts'
import { leavesAt, planEvictions, startTaintEviction } from './taint-eviction.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makePod, T0 } from './testing/objects.ts'

const node = (status: 'True' | 'False' | 'Unknown' = 'True'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1' },
  spec: {},
  status: {
    conditions: [
      { type: 'Ready', status, lastHeartbeatTime: '1' },
      { type: 'DiskPressure', status: 'False' },
    ],
  },
})
const lease = (renewTime: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'node-1', namespace: 'kube-node-lease' },
  spec: { renewTime },
})

describe('what is said of a node', () => {
  test('that fell silent', () => {
    const conditions = silentConditions(node(), T0)
    expect(conditionOf(conditions, 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    expect(conditionOf(conditions, 'MemoryPressure')?.reason).toBe('NodeStatusNeverUpdated')
  })

  const taintNames = (of: Node): string[] =>
    taintsFor(of, of.status?.conditions ?? [], T0).map(({ key, effect }) => `${key}:${effect}`)
  test.each([
    ['True', []],
    [
      'False',
      ['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute'],
    ],
    [
      'Unknown',
      ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'],
    ],
  ] as const)('whose Ready is %s', (status, expected) => {
    expect(taintNames(node(status))).toEqual(expected)
  })

  test('with taints of others keeps them, and its own as long as they hold', () => {
    const taints = [
      { key: 'mine', effect: 'NoExecute' as const },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' as const, timeAdded: 'then' },
    ]
    const spec = { taints, unschedulable: true }
    expect(
      taintsFor({ ...node('Unknown'), spec }, node('Unknown').status!.conditions!, T0),
    ).toEqual([
      ...taints,
      expect.objectContaining({ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }),
      expect.objectContaining({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }),
    ])
    expect(taintNames({ ...node(), spec: { taints } })).toEqual(['mine:NoExecute'])
  })
})

describe('a pod leaves a tainted node', () => {
  const taint = { key: 'k', effect: 'NoExecute' as const }
  const tolerating = (...tolerations: Toleration[]) => makePod({ spec: { tolerations } })
  const standing = [{ taint, since: T0 }]
  test.each([
    ['at once without toleration', makePod(), 0],
    ['never when it tolerates', tolerating({ key: 'k', operator: 'Exists' }), Infinity],
    [
      'after its seconds',
      tolerating({ key: 'k', operator: 'Exists', tolerationSeconds: 5 }),
      T0 + 5000,
    ],
    ['at once when it tolerates another', tolerating({ key: 'x', operator: 'Exists' }), 0],
  ])('%s', (_, pod, at) => {
    expect(leavesAt(pod, standing)).toBe(at)
  })

  test('leaving pods are left alone, and the next one has its time', () => {
    const later = tolerating({ operator: 'Exists', tolerationSeconds: 5 })
    const plan = planEvictions([makePod({ deleting: true }), later], standing, T0 + 2000)
    expect(plan).toEqual({ evict: [], againInMs: 3000 })
  })
})

describe('the node controller', () => {
  let cluster: TestCluster
  let clock: ManualClock
  const start = async (run: Parameters<typeof startTestCluster>[0]): Promise<void> => {
    clock = createManualClock(T0)
    cluster = startTestCluster(run, [], clock)
    await cluster.client.create(nodes, node())
    await cluster.client.create(leases, lease('0'))
    await clock.advance(1)
  }
  afterEach(() => cluster.close())
  const ready = async () =>
    conditionOf((await cluster.get(nodes, 'node-1')).status?.conditions, 'Ready')?.status
  const beat = async (time: number): Promise<void> => {
    const key = { name: 'node-1', namespace: 'kube-node-lease' }
    await cluster.client.patch(leases, key, lease(String(time)), { type: 'merge' })
  }

  test('hears heartbeats; when they stop the node is Unknown and its pods are not ready', async () => {
    await start((deps) => startNodeLifecycle(deps, { graceMs: 8000 }))
    await cluster.client.create(pods, makePod({ name: 'p' }))
    for (let second = 2; second < 30; second += 2) {
      await clock.advance(2000)
      await beat(second)
    }
    expect(await ready()).toBe('True')
    await clock.advance(7000)
    expect(await ready()).toBe('True')
    await clock.advance(2000)
    expect(await ready()).toBe('Unknown')
    expect(isPodReady(await cluster.get(pods, 'p'))).toBe(false)
    const { spec } = await cluster.get(nodes, 'node-1')
    expect(spec?.taints?.map(({ effect }) => effect)).toEqual(['NoSchedule', 'NoExecute'])
    const back = node()
    back.status!.conditions![0]!.lastHeartbeatTime = '2'
    await cluster.client.update(nodes, back, { subresource: 'status' })
    await clock.advance(100)
    expect((await cluster.get(nodes, 'node-1')).spec?.taints).toEqual([])
  })

  test('lets a node be silent for as long as its Lease says', async () => {
    await start((deps) => startNodeLifecycle(deps, { graceMs: 8000 }))
    const spec = { renewTime: '1', leaseDurationSeconds: 40 }
    const key = { name: 'node-1', namespace: 'kube-node-lease' }
    await cluster.client.patch(leases, key, { spec }, { type: 'merge' })
    await clock.advance(39_000)
    expect(await ready()).toBe('True')
    await clock.advance(2000)
    expect(await ready()).toBe('Unknown')
  })

  test('evicts by NoExecute taints when the time is over', async () => {
    await start(startTaintEviction)
    const tolerations = [{ operator: 'Exists' as const, tolerationSeconds: 60 }]
    await cluster.client.create(pods, makePod({ name: 'patient', spec: { tolerations } }))
    await cluster.client.create(pods, makePod({ name: 'hasty' }))
    const taints = [{ key: 'k', effect: 'NoExecute' }]
    await cluster.client.patch(nodes, { name: 'node-1' }, { spec: { taints } }, { type: 'merge' })
    const leaving = async (name: string) =>
      (await cluster.get(pods, name)).metadata.deletionTimestamp !== undefined
    await clock.advance(1000)
    expect([await leaving('hasty'), await leaving('patient')]).toEqual([true, false])
    await clock.advance(60_000)
    expect(await leaving('patient')).toBe(true)
  })
})
