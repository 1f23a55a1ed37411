import { describe, expect, test } from 'vitest'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { explain } from './explain.ts'
import { podRequests } from './resources.ts'
import { Selector, seeded } from './select.ts'
import { podInfoOf, Snapshot } from './snapshot.ts'
import { makeNode, makePod } from './testing/objects.ts'

const affinity = (name: string, key = 'kubernetes.io/hostname', required = true) => ({
  [name]: required
    ? {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: key },
        ],
      }
    : {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 10,
            podAffinityTerm: {
              labelSelector: { matchLabels: { app: 'db' } },
              topologyKey: key,
            },
          },
        ],
      },
})
const required = (...matchExpressions: object[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
  },
})
const ssd = { labels: { disk: 'ssd', gen: '7' } }
const noisy = { taints: [{ key: 'noisy', value: 'yes', effect: 'NoSchedule' as const }] }
const db = (node: string): Pod => makePod(`db-${node}`, { labels: { app: 'db' }, node })

interface Case {
  pod: Partial<Pod['spec']>
  cpu?: string
  node: Parameters<typeof makeNode>[1]
  others?: Pod[]
  says: string | undefined
}

const cases: Record<string, Case> = {
  'a plain pod on a plain node': { pod: {}, node: {}, says: undefined },
  'another node by name': {
    pod: { nodeName: 'n2' },
    node: {},
    says: "node(s) didn't match the requested node name",
  },
  'a cordoned node': { pod: {}, node: { unschedulable: true }, says: 'node(s) were unschedulable' },
  'a label that is missing': {
    pod: { nodeSelector: { disk: 'ssd' } },
    node: {},
    says: "node(s) didn't match Pod's node affinity/selector",
  },
  'a label that is there': { pod: { nodeSelector: { disk: 'ssd' } }, node: ssd, says: undefined },
  'affinity In': {
    pod: { affinity: required({ key: 'disk', operator: 'In', values: ['hdd'] }) },
    node: ssd,
    says: "node(s) didn't match Pod's node affinity/selector",
  },
  'affinity Gt': {
    pod: { affinity: required({ key: 'gen', operator: 'Gt', values: ['6'] }) },
    node: ssd,
    says: undefined,
  },
  'a taint': { pod: {}, node: noisy, says: 'node(s) had untolerated taint {noisy: yes}' },
  'a tolerated taint': {
    pod: { tolerations: [{ key: 'noisy', operator: 'Exists' }] },
    node: noisy,
    says: undefined,
  },
  'a toleration of another value': {
    pod: { tolerations: [{ key: 'noisy', value: 'no' }] },
    node: noisy,
    says: 'node(s) had untolerated taint {noisy: yes}',
  },
  'too little processor': { pod: {}, cpu: '4001m', node: {}, says: 'Insufficient cpu' },
  'exactly enough processor': { pod: {}, cpu: '4', node: {}, says: undefined },
  'a node that is full of pods': {
    pod: {},
    node: { pods: '1' },
    others: [db('n1')],
    says: 'Too many pods',
  },
  'far from a pod that is here': {
    pod: { affinity: affinity('podAntiAffinity') },
    node: {},
    others: [db('n1')],
    says: "node(s) didn't match pod anti-affinity rules",
  },
  'near a pod that is elsewhere': {
    pod: { affinity: affinity('podAffinity') },
    node: {},
    others: [db('n2')],
    says: "node(s) didn't match pod affinity rules",
  },
  'near a pod that is here': {
    pod: { affinity: affinity('podAffinity') },
    node: {},
    others: [db('n1')],
    says: undefined,
  },
  'a pod here that wants no such pod near': {
    pod: {},
    node: {},
    others: [
      makePod('hermit', {
        node: 'n1',
        labels: { app: 'db' },
        spec: {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {
                  labelSelector: { matchLabels: { app: 'web' } },
                  topologyKey: 'kubernetes.io/hostname',
                },
              ],
            },
          },
        },
      }),
    ],
    says: "node(s) didn't satisfy existing pods anti-affinity rules",
  },
  'a port that is taken': {
    pod: { containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort: 80 }] }] },
    node: {},
    others: [
      makePod('first', {
        node: 'n1',
        spec: { containers: [{ name: 'main', ports: [{ containerPort: 1, hostPort: 80 }] }] },
      }),
    ],
    says: "node(s) didn't have free ports for the requested pod ports",
  },
}

describe('a node says', () => {
  test.each(Object.entries(cases))('%s', (_, { pod, cpu, node, others = [], says }) => {
    const wanting = makePod('new', { ...(cpu && { cpu }), spec: pod })
    const nodes = [makeNode('n1', node)]
    const { fits, rejections } = explain(wanting, nodes, others)
    expect(fits).toEqual(says ? [] : ['n1'])
    expect(rejections.flatMap(({ reasons }) => reasons)).toEqual(says ? [says] : [])
  })

  test('all together in the words of Kubernetes', () => {
    const nodes = [
      makeNode('n1', { cpu: '1' }),
      makeNode('n2', { cpu: '1', memory: '1Gi' }),
      makeNode('n3', noisy),
    ]
    const { message } = explain(makePod('big', { cpu: '2', memory: '2Gi' }), nodes, [])
    expect(message).toBe(
      '0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint {noisy: yes}, 2 Insufficient cpu.',
    )
    expect(explain(makePod('x'), [], []).message).toBe('no nodes available to schedule pods')
  })

  test('hard topology spread: no zone gets ahead by more than the skew', () => {
    const spec = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule' as const,
          labelSelector: { matchLabels: { app: 'web' } },
        },
      ],
    }
    const nodes = [
      makeNode('n1', { labels: { zone: 'a' } }),
      makeNode('n2', { labels: { zone: 'b' } }),
      makeNode('n3'),
    ]
    const { fits, rejections } = explain(makePod('new', { spec }), nodes, [
      makePod('one', { node: 'n1' }),
    ])
    expect(fits).toEqual(['n2'])
    expect(rejections.map(({ reasons }) => reasons[0])).toEqual([
      "node(s) didn't match pod topology spread constraints",
      "node(s) didn't match pod topology spread constraints (missing required label)",
    ])
  })
})

function choose(pod: Pod, nodes: Node[], others: Pod[] = []): string | undefined {
  const snapshot = new Snapshot()
  for (const node of nodes) snapshot.setNode(node)
  for (const other of others) snapshot.place(podInfoOf(other), other.spec.nodeName!)
  const selection = new Selector(seeded(1)).select(podInfoOf(pod), snapshot)
  return 'node' in selection ? selection.node : undefined
}

describe('of the nodes that fit, the best is', () => {
  test('the emptier one', () => {
    const others = [makePod('big', { node: 'n1', cpu: '2', labels: { app: 'other' } })]
    expect(choose(makePod('new'), [makeNode('n1'), makeNode('n2')], others)).toBe('n2')
  })
  test('the one with fewer pods of the same controller', () => {
    const others = [
      makePod('a', { node: 'n1', cpu: '0' }),
      makePod('b', { node: 'n1', cpu: '0' }),
      makePod('c', { node: 'n2', cpu: '150m', labels: { app: 'other' } }),
    ]
    expect(choose(makePod('new', { cpu: '10m' }), [makeNode('n1'), makeNode('n2')], others)).toBe(
      'n2',
    )
  })
  test('the one without a soft taint', () => {
    const soft = { taints: [{ key: 'old', effect: 'PreferNoSchedule' as const }] }
    expect(choose(makePod('new'), [makeNode('n1', soft), makeNode('n2')])).toBe('n2')
  })
  test('the preferred one', () => {
    const preference = { matchExpressions: [{ key: 'disk', operator: 'Exists' }] }
    const spec = {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }],
        },
      },
    }
    expect(choose(makePod('new', { spec }), [makeNode('n1'), makeNode('n2', ssd)])).toBe('n2')
  })
  test('near the preferred pods, or far from them', () => {
    const nodes = [makeNode('n1'), makeNode('n2')]
    const near = { affinity: affinity('podAffinity', undefined, false) }
    const far = { affinity: affinity('podAntiAffinity', undefined, false) }
    expect(choose(makePod('new', { spec: near }), nodes, [db('n2')])).toBe('n2')
    expect(choose(makePod('new', { spec: far }), nodes, [db('n2')])).toBe('n1')
  })
})

test('a pod requests what its containers do together, or its largest init container', () => {
  const container = (cpu: string) => ({ name: 'c', resources: { requests: { cpu } } })
  const pod = makePod('p', { spec: { containers: [container('1'), container('500m')] } })
  expect(podRequests(pod).cpu).toBe(1500)
  const withInit = makePod('p', {
    spec: { containers: [container('1')], initContainers: [container('2'), container('100m')] },
  })
  expect(podRequests(withInit).cpu).toBe(2000)
})
