// The promise: a bad release pauses its own update under load, nothing is lost, and both ways out work.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product

beforeAll(async () => {
  podium = await startProduct()
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

interface Seen {
  metadata: { annotations: Record<string, string> }
  spec: { paused?: boolean; replicas: number }
  status: { availableReplicas?: number; updatedReplicas?: number; conditions: { type: string }[] }
}
const read = async (name: string): Promise<Seen> =>
  JSON.parse(await podium.kubectlOk('get', 'deployment', name, '-o', 'json')) as Seen
const act = (action: object): Promise<Response> =>
  podium.fetch('/api/actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(action),
  })

test('v3 under load: pauses itself, rolls back, and not one request fails', async () => {
  await eventually('there is load', async () => (await podium.summary()).requestsPerSecond > 0)
  await podium.kubectlOk('set', 'image', 'deployment/nginx', 'nginx=nginx:v3')
  const paused = await eventually('the update paused itself', async () => {
    const seen = await read('nginx')
    const said = seen.status.conditions.some(({ type }) => type === 'RolloutPaused')
    return seen.spec.paused && said && seen
  })
  expect(paused.metadata.annotations['podium.dev/paused-because']).toMatch(
    /crash-looping \(exit 1\)\. 4 of 4 older pods still serve\./,
  )
  expect(paused.metadata.annotations['podium.dev/paused-pods']).toMatch(/^nginx-/)
  expect(paused.status.updatedReplicas).toBe(1)
  await podium.noneFailed()
  const events = await podium.kubectlOk('get', 'events', '--field-selector=reason=RolloutPaused')
  expect(events).toContain('deployment/nginx')

  const before = (await podium.summary()).served
  expect((await act({ type: 'rollBack' })).status).toBe(200)
  await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
  const { spec, metadata } = await read('nginx')
  expect(spec.paused).toBeUndefined()
  expect(metadata.annotations).not.toHaveProperty('podium.dev/paused-at-revision')
  await eventually('requests are served on', async () => (await podium.summary()).served > before)
  await podium.noneFailed()
})

test('what is not ready in time pauses too, and to proceed is to be left alone', async () => {
  await podium.kubectlOk('create', 'deployment', 'shy', '--image=podium/web:v1', '--replicas=2')
  await podium.kubectlOk(
    'patch',
    'deployment',
    'shy',
    '--type=json',
    '-p',
    JSON.stringify([
      {
        op: 'add',
        path: '/spec/template/spec/containers/0/readinessProbe',
        value: { httpGet: { path: '/-/ready', port: 8000 }, periodSeconds: 1 },
      },
      {
        op: 'add',
        path: '/spec/template/spec/containers/0/env',
        value: [{ name: 'PORT', value: '8000' }],
      },
    ]),
  )
  const deadline = ['podium.dev/pause-on-failure=true', 'podium.dev/ready-deadline-seconds=2']
  await podium.kubectlOk('annotate', 'deployment', 'shy', ...deadline)
  await podium.kubectlOk('rollout', 'status', 'deployment/shy', '--timeout=60s')
  await podium.kubectlOk('set', 'image', 'deployment/shy', '*=podium/web:unready')
  const paused = await eventually('it paused itself', async () => {
    const seen = await read('shy')
    return seen.spec.paused && seen
  })
  expect(paused.metadata.annotations['podium.dev/paused-because']).toContain('not becoming ready')
  expect(paused.status.availableReplicas).toBe(2)

  await podium.kubectlOk('rollout', 'resume', 'deployment/shy')
  await podium.kubectlOk('set', 'env', 'deployment/shy', 'ROUND=2')
  await eventually('another revision that fails pauses again', async () => {
    const seen = await read('shy')
    return seen.spec.paused && seen.metadata.annotations['podium.dev/paused-at-revision'] === '4'
  })
  await podium.kubectlOk('set', 'image', 'deployment/shy', '*=podium/web:v2')
  await podium.kubectlOk('rollout', 'status', 'deployment/shy', '--timeout=60s')
})
