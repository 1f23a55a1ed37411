import { expect, test } from 'vitest'
import { kubectlLine } from './kubectl.ts'
import type { CommandContext } from './kubectl.ts'
import type { Action } from './stage.ts'

const context: CommandContext = {
  namespace: 'default',
  deployment: 'nginx',
  container: 'nginx',
  image: 'nginx:v1',
  loadbots: 'loadbot',
  loadbotReplicas: 2,
  paused: false,
  controller: { name: 'aggregator', image: 'podium/aggregator:v1' },
}

test.each<[Action, string]>([
  [
    { type: 'load', perSecond: 1_000_000 },
    `kubectl patch configmap loadbot -p '{"data":{"rate":"500000"}}'`,
  ],
  [{ type: 'scale', target: 'loadbots', replicas: 4 }, 'kubectl scale rc loadbot --replicas=4'],
  [
    { type: 'scale', target: 'servers', replicas: 20 },
    'kubectl scale deployment nginx --replicas=20',
  ],
  [{ type: 'update', version: 'v2' }, 'kubectl set image deployment/nginx nginx=nginx:v2'],
  [
    { type: 'strategy', maxSurge: 6, maxUnavailable: '10%' },
    `kubectl patch deployment nginx -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":6,"maxUnavailable":"10%"}}}}'`,
  ],
  [
    { type: 'rollingUpdate', target: 'aggregator', version: 'v2' },
    'npx podium rolling-update aggregator --image=podium/aggregator:v2 --update-period=1s',
  ],
  [{ type: 'startScene', scene: 'fanOut' }, 'kubectl create namespace scene-fan-out'],
  [{ type: 'endScene', scene: 'fanOut' }, 'kubectl delete namespace scene-fan-out'],
  [{ type: 'pause' }, 'kubectl rollout pause deployment/nginx'],
  [{ type: 'resume' }, 'kubectl rollout resume deployment/nginx'],
  [{ type: 'rollBack' }, 'kubectl rollout undo deployment/nginx'],
  [{ type: 'killPod', pod: 'nginx-x' }, 'kubectl delete pod nginx-x'],
  [{ type: 'failNode', node: 'node-1' }, 'kubectl annotate node node-1 podium.dev/failed=true'],
  [{ type: 'restoreNode', node: 'node-1' }, 'kubectl annotate node node-1 podium.dev/failed-'],
  [
    { type: 'proxyMode', mode: 'iptables' },
    `kubectl patch configmap service-proxy -n kube-system -p '{"data":{"mode":"iptables"}}'`,
  ],
])('%j is %s', (action, line) => {
  expect(kubectlLine(action, context)).toBe(line)
})

test('a namespace other than default is said', () => {
  expect(kubectlLine({ type: 'pause' }, { ...context, namespace: 'show' })).toBe(
    'kubectl rollout pause deployment/nginx -n show',
  )
})

test('an update keeps the registry and path of the image', () => {
  const image = 'registry.example:5000/web/nginx:v1@sha256:abc'
  expect(kubectlLine({ type: 'update', version: 'v3' }, { ...context, image })).toBe(
    'kubectl set image deployment/nginx nginx=registry.example:5000/web/nginx:v3',
  )
})

test('a paused Deployment is resumed before it is undone, as kubectl wants it', () => {
  expect(kubectlLine({ type: 'rollBack' }, { ...context, paused: true })).toBe(
    'kubectl rollout resume deployment/nginx && kubectl rollout undo deployment/nginx',
  )
})
