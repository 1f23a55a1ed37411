import { expect, test } from 'vitest'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import {
  deletionLine,
  deploymentCommands,
  fleetCommands,
  lastWriter,
  nodeCommands,
  rateCommands,
} from './commands.ts'
import { deployment, loadbotConfig, loadbots, node } from './testing/objects.ts'

const changed = (change: (object: Deployment) => void): Deployment => {
  const object = structuredClone(deployment('v1', 4))
  change(object)
  return object
}

test.each<[string, Deployment, string[]]>([
  [
    'replicas',
    changed(({ spec }) => (spec.replicas = 20)),
    ['kubectl scale deployment nginx --replicas=20'],
  ],
  ['the image', deployment('v2', 4), ['kubectl set image deployment/nginx nginx=nginx:v2']],
  [
    'pause',
    changed(({ spec }) => (spec.paused = true)),
    ['kubectl rollout pause deployment/nginx'],
  ],
  [
    'shares',
    changed(({ spec }) => (spec.strategy!.rollingUpdate!.maxSurge = 2)),
    [
      `kubectl patch deployment nginx -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":2,"maxUnavailable":0}}}}'`,
    ],
  ],
  ['a status', changed((object) => (object.status = { replicas: 4 })), []],
  ['an annotation', changed(({ metadata }) => (metadata.annotations = { a: 'b' })), []],
  [
    'two things at once',
    changed(({ spec }) => {
      spec.replicas = 2
      spec.paused = true
    }),
    ['kubectl scale deployment nginx --replicas=2', 'kubectl rollout pause deployment/nginx'],
  ],
])('what changed in the Deployment is said as kubectl would: %s', (_, after, lines) => {
  expect(deploymentCommands(deployment('v1', 4), after)).toEqual(lines)
})

test('resumed', () => {
  const paused = changed(({ spec }) => (spec.paused = true))
  expect(deploymentCommands(paused, deployment('v1', 4))).toEqual([
    'kubectl rollout resume deployment/nginx',
  ])
})

test('loadbots and nodes', () => {
  expect(fleetCommands(loadbots(1), loadbots(4))).toEqual(['kubectl scale rc loadbot --replicas=4'])
  expect(fleetCommands(loadbots(1), loadbots(1))).toEqual([])
  const cordoned: Node = { ...node('node-1'), spec: { unschedulable: true } }
  expect(nodeCommands(node('node-1'), cordoned)).toEqual(['kubectl cordon node-1'])
  expect(nodeCommands(cordoned, node('node-1'))).toEqual(['kubectl uncordon node-1'])
  const failed = node('node-1')
  failed.metadata.annotations = { 'podium.dev/failed': 'true' }
  expect(nodeCommands(node('node-1'), failed)).toEqual([
    'kubectl annotate node node-1 podium.dev/failed=true',
  ])
})

test('an image that nameless kubectl set was brought back, and a restart is told by its mark', () => {
  const time = '2025-01-01T00:00:00Z'
  const undone = changed((object) => {
    const fieldsV1 = { 'f:spec': { 'f:image': {} } }
    object.metadata.managedFields = [
      { manager: 'kubectl-set', operation: 'Update', time },
      { manager: 'kubectl', operation: 'Update', time, fieldsV1 },
    ]
    object.spec.template.spec.containers[0]!.image = 'nginx:v0'
  })
  expect(deploymentCommands(deployment('v1', 4), undone)).toEqual([
    'kubectl rollout undo deployment/nginx',
  ])
  const restarted = changed(({ spec }) => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': time }
    spec.template.metadata = { ...spec.template.metadata, annotations }
  })
  expect(deploymentCommands(deployment('v1', 4), restarted)).toEqual([
    'kubectl rollout restart deployment/nginx',
  ])
})

test('only what kubectl signed is said to be from kubectl', () => {
  const signed = (...managedFields: object[]): Deployment =>
    changed(({ metadata }) => (metadata.managedFields = managedFields))
  expect(lastWriter(deployment('v1', 1))).toBe('script')
  expect(lastWriter(signed({ manager: 'helm', time: '2025-01-01T00:00:00Z' }))).toBe('script')
  expect(lastWriter(signed({ manager: 'kube-controller-manager' }))).toBe('cluster')
  expect(
    lastWriter(
      signed(
        { manager: 'kubectl-scale', time: '2025-01-01T00:00:02Z' },
        { manager: 'helm', time: '2025-01-01T00:00:01Z' },
        { manager: 'kube-controller-manager', subresource: 'status', time: '2025-01-01T00:00:03Z' },
      ),
    ),
  ).toBe('kubectl')
})

test('a patched ConfigMap of the loadbots is the rate of each; its other changes are nobody’s command', () => {
  expect(rateCommands(loadbotConfig('1'), loadbotConfig('500000'))).toEqual([
    `kubectl patch configmap loadbot -p '{"data":{"rate":"500000"}}'`,
  ])
  expect(rateCommands(loadbotConfig('1'), loadbotConfig('1', '99'))).toEqual([])
  expect(rateCommands(loadbotConfig('1'), loadbotConfig('fast'))).toEqual([])
})

test('what was deleted is one line, which stays readable', () => {
  const of = (name: string, namespace?: string) => ({
    singular: 'pod',
    namespace,
    name,
    session: null,
  })
  expect(deletionLine([of('node-1')])).toBe('kubectl delete pod node-1')
  expect(deletionLine([of('a', 'default'), of('b', 'default')])).toBe('kubectl delete pod a b')
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => of(name, 'web'))
  expect(deletionLine(many)).toBe('kubectl delete pod a b c … (5 in all) -n web')
})
