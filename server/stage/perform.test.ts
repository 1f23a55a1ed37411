import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  configMaps,
  deployments,
  nodes,
  pods,
  replicaSets,
  replicationControllers,
  services,
} from '../../shared/kubernetes/kinds.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import type { Action, ActionResult } from '../../shared/stage.ts'
import {
  adjustableLoadbots,
  deployment,
  loadbotConfig,
  node,
  pod,
  replicaSet,
  service,
} from './testing/objects.ts'
import { eventually, INFO, startTestStage } from './testing/testStage.ts'
import type { TestStage } from './testing/testStage.ts'

let show: TestStage
const key = { namespace: 'default', name: 'nginx' }

beforeEach(async () => {
  show = await startTestStage([
    [nodes, node('node-1')],
    [services, service()],
    [deployments, deployment('v2', 1)],
    [replicaSets, replicaSet('v1', 1)],
    [replicaSets, replicaSet('v2', 2)],
    [replicationControllers, adjustableLoadbots(2)],
    [configMaps, loadbotConfig('25000', '1500000')],
    [configMaps, { metadata: { name: 'service-proxy', namespace: 'kube-system' } }],
    [pods, pod({ name: 'nginx-a', version: 'v2', owner: 'nginx-v2' })],
  ])
  await eventually('the rollout to be counted', async () =>
    (await refusal({ type: 'resume' })).includes('is not paused'),
  )
})
afterEach(() => show.close())

async function act(action: Action): Promise<{ code: number; result: ActionResult }> {
  const answer = await show.fetch('/api/actions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(action),
  })
  return { code: answer.status, result: (await answer.json()) as ActionResult }
}
const refusal = async (action: Action): Promise<string> => (await act(action)).result.message
const present = (): Promise<Deployment> => show.client.get(deployments, key)

test('scaling goes through the scale subresource', async () => {
  expect(await act({ type: 'scale', target: 'servers', replicas: 20 })).toEqual({
    code: 200,
    result: {
      command: 'kubectl scale deployment nginx --replicas=20',
      message: 'deployment.apps/nginx scaled',
    },
  })
  expect((await present()).spec.replicas).toBe(20)
  await act({ type: 'scale', target: 'loadbots', replicas: 4 })
  const fleet = await show.client.get(replicationControllers, { ...key, name: 'loadbot' })
  expect(fleet.spec.replicas).toBe(4)
})

test('the load is shared by the loadbots, up to what the machine was found to sustain', async () => {
  expect(await act({ type: 'load', perSecond: 1_500_000 })).toEqual({
    code: 200,
    result: {
      command: `kubectl patch configmap loadbot -p '{"data":{"rate":"750000"}}'`,
      message: 'configmap/loadbot patched',
    },
  })
  const config = await show.client.get(configMaps, { ...key, name: 'loadbot' })
  expect(config.data).toEqual({ rate: '750000' })
  expect(await refusal({ type: 'load', perSecond: 1_500_001 })).toContain('from 1 to 1500000')
  expect((await act({ type: 'load', perSecond: 1.5 })).code).toBe(400)
})

test('an update sets the image of the one container, and is refused when it runs already', async () => {
  expect((await act({ type: 'update', version: 'v3' })).result.command).toBe(
    'kubectl set image deployment/nginx nginx=nginx:v3',
  )
  const { template } = (await present()).spec
  expect(template.spec.containers).toEqual([{ name: 'nginx', image: 'nginx:v3' }])
  await eventually('the stage to see it', async () =>
    (await refusal({ type: 'update', version: 'v3' })).includes('under way'),
  )
})

test('pause, roll back and shares do what kubectl does', async () => {
  await act({ type: 'pause' })
  expect((await present()).spec.paused).toBe(true)
  await act({ type: 'strategy', maxSurge: 3, maxUnavailable: '50%' })
  expect((await present()).spec.strategy?.rollingUpdate).toEqual({
    maxSurge: 3,
    maxUnavailable: '50%',
  })
  await eventually('the stage to see the pause', async () =>
    (await refusal({ type: 'pause' })).includes('already'),
  )
  const { result } = await act({ type: 'rollBack' })
  expect(result.command).toBe(
    'kubectl rollout resume deployment/nginx && kubectl rollout undo deployment/nginx',
  )
  const { spec } = await present()
  expect(spec.paused).toBeUndefined()
  expect(spec.template).toEqual(deployment('v1', 1).spec.template)
})

test('a kill hits a ready server pod and says which', async () => {
  expect((await act({ type: 'killPod' })).result).toEqual({
    command: 'kubectl delete pod nginx-a',
    message: 'pod "nginx-a" deleted',
  })
  const killed = await show.client.get(pods, { ...key, name: 'nginx-a' })
  expect(killed.metadata.deletionTimestamp).toBeDefined()
  await eventually('no victim to be left', async () =>
    (await refusal({ type: 'killPod' })).includes('none to kill'),
  )
})

test('nodes fail and come back, the proxy mode is asked for', async () => {
  await act({ type: 'failNode', node: 'node-1' })
  const failed = await show.client.get(nodes, { name: 'node-1' })
  expect(failed.metadata.annotations).toEqual({ 'podium.dev/failed': 'true' })
  await eventually('the node to come back', async () => {
    return (await act({ type: 'restoreNode', node: 'node-1' })).code === 200
  })
  const restored = await show.client.get(nodes, { name: 'node-1' })
  expect(restored.metadata.annotations?.['podium.dev/failed']).toBeUndefined()
  expect(await refusal({ type: 'proxyMode', mode: 'iptables' })).toContain('kernel')
})

test('what the cluster refuses is answered as it said it', async () => {
  const bare = await startTestStage([[services, service()]], {
    info: { ...INFO, proxyModes: ['userspace', 'iptables'] },
  })
  try {
    const ask = (): Promise<Response> =>
      bare.fetch('/api/actions', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'proxyMode', mode: 'iptables' }),
      })
    await eventually('the cluster to be read', async () => (await ask()).status !== 503)
    const answer = await ask()
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ message: 'configmaps "service-proxy" not found' })
  } finally {
    await bare.close()
  }
})

test('without the Deployment its controls are refused', async () => {
  await show.client.delete(deployments, key)
  const gone = async (): Promise<boolean> =>
    (await refusal({ type: 'pause' })).includes('demo does not run')
  expect(await eventually('the refusal', gone)).toBe(true)
})
