import { describe, expect, it } from 'vitest'
import type { Node, Taint } from '../../shared/kubernetes/cluster.ts'
import type { Pod, PodSpec } from '../../shared/kubernetes/pod.ts'
import type { DaemonSet, DaemonSetSpec } from '../../shared/kubernetes/sets.ts'
import { nodeSuits, planDaemonSet } from './daemonset-plan.ts'
import { makePod, namesOf, T0 } from './testing/objects.ts'

const set = (
  update: DaemonSetSpec['updateStrategy'] = {},
  spec: Partial<PodSpec> = {},
): DaemonSet => ({
  metadata: { name: 'agent', namespace: 'default', uid: 'uid-agent', generation: 1 },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { spec: { containers: [{ name: 'main' }], ...spec } },
    updateStrategy: { type: 'RollingUpdate', ...update },
  },
})

const node = (name: string, taints: Taint[] = [], labels: Record<string, string> = {}): Node => ({
  metadata: { name, labels },
  spec: { taints },
})
const three = ['a', 'b', 'c'].map((name) => node(name))

const pod = (on: string, revision: 'old' | 'new' = 'new', options: { ready?: boolean } = {}) =>
  makePod({
    name: `${revision}-${on}`,
    node: on,
    labels: { 'controller-revision-hash': revision },
    ready: options.ready ?? true,
  })

const plan = (of: DaemonSet, pods: Pod[], nodes = three) =>
  planDaemonSet(of, pods, nodes, 'new', T0)

describe('a node', () => {
  it.each<[string, Node, Partial<PodSpec>, boolean, boolean]>([
    ['that is plain suits', node('a'), {}, true, true],
    ['without the label does not', node('a'), { nodeSelector: { disk: 'ssd' } }, false, false],
    ['with it does', node('a', [], { disk: 'ssd' }), { nodeSelector: { disk: 'ssd' } }, true, true],
    [
      'closed to new pods suits',
      node('a', [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]),
      {},
      true,
      true,
    ],
    [
      'out of reach keeps its pod',
      node('a', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]),
      {},
      true,
      true,
    ],
    [
      'kept for others does not',
      node('a', [{ key: 'gpu', effect: 'NoSchedule' }]),
      {},
      false,
      true,
    ],
    [
      'cleared for others loses its pod',
      node('a', [{ key: 'gpu', effect: 'NoExecute' }]),
      {},
      false,
      false,
    ],
  ])('%s', (_, of, spec, run, stay) => {
    expect(nodeSuits(set({}, spec), of)).toEqual({ run, stay })
  })
})

describe('pods', () => {
  it('are made where there is none, one where there are two', () => {
    const second = { ...pod('b'), metadata: { ...pod('b').metadata, name: 'twin', uid: 'twin' } }
    const next = plan(set(), [pod('b'), second])
    expect(next.create).toEqual(['a', 'c'])
    expect(next.remove).toHaveLength(1)
    expect(next.status).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 1 })
  })

  it('that ended are cleared away before another is made', () => {
    const failed = makePod({ name: 'x', node: 'a', phase: 'Failed', ready: false })
    const next = plan(set(), [failed], [node('a')])
    expect(next).toMatchObject({ create: [], failed: [failed], remove: [failed] })
  })
})

describe('an update', () => {
  const old = ['a', 'b', 'c'].map((on) => pod(on, 'old'))

  it('replaces as many at a time as may be missing, and what does not serve at once', () => {
    expect(plan(set(), old).remove).toHaveLength(1)
    expect(plan(set({ rollingUpdate: { maxUnavailable: '50%' } }), old).remove).toHaveLength(2)
    expect(plan(set(), [pod('a', 'new', { ready: false }), old[1]!, old[2]!]).remove).toEqual([])
    const broken = [pod('a', 'old', { ready: false }), old[1]!, old[2]!]
    expect(namesOf(plan(set(), broken).remove)).toEqual(['old-a'])
  })

  it('with a surge makes the new pod first', () => {
    const surge = set({ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } })
    expect(plan(surge, old)).toMatchObject({ create: ['a'], remove: [] })
    expect(plan(surge, [...old, pod('a', 'new', { ready: false })])).toMatchObject({
      create: [],
      remove: [],
    })
    const served = plan(surge, [...old, pod('a')])
    expect(namesOf(served.remove)).toEqual(['old-a'])
  })

  it('waits for somebody to delete pods when told to', () => {
    expect(plan(set({ type: 'OnDelete' }), old)).toMatchObject({ create: [], remove: [] })
  })
})
