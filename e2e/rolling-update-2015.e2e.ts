// The promise: the rolling update of 2015 replaces ReplicationControllers pod by pod, also after a crash in its middle.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, run, startProduct } from './podium.ts'
import type { Product, ProgramResult } from './podium.ts'

const PODIUM = fileURLToPath(new URL('../server/launch/podium.mjs', import.meta.url))
const FAST = ['--update-period=100ms', '--poll-interval=100ms']
let podium: Product

beforeAll(async () => {
  podium = await startProduct()
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const args = (...more: string[]): string[] => [
  PODIUM,
  'rolling-update',
  ...more,
  '--kubeconfig',
  podium.kubeconfig,
]
const rollingUpdate = (...more: string[]): Promise<ProgramResult> =>
  run(process.execPath, args(...more, ...FAST))
const read = (...what: string[]): Promise<string> => podium.kubectlOk('get', ...what)
const IMAGES = 'jsonpath={.items[*].spec.containers[0].image}'

const controller = (name: string, version: string, replicas: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name },
    spec: {
      replicas,
      selector: { app: 'frontend', version },
      template: {
        metadata: { labels: { app: 'frontend', version } },
        spec: {
          containers: [
            {
              name: 'main',
              image: `podium/web:${version}`,
              env: [{ name: 'PORT', value: '8000' }],
              readinessProbe: { httpGet: { path: '/-/ready', port: 8000 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  })

async function apply(manifest: string): Promise<void> {
  const kubectl = ['--kubeconfig', podium.kubeconfig, 'create', '-f', '-']
  const { kubectlPath } = await import('./tools/kubectl.ts')
  const { code, stderr } = await run(await kubectlPath(), kubectl, { input: manifest })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
}

test('a manifest replaces another; killed in the middle, it goes on; then back by image', async () => {
  await apply(controller('frontend-v1', 'v1', 3))
  await eventually(
    'three serve',
    async () => (await read('rc', 'frontend-v1', '-o', 'jsonpath={.status.readyReplicas}')) === '3',
  )
  const slow = spawn(
    process.execPath,
    args('frontend-v1', '-f', '-', '--update-period=1h', '--poll-interval=100ms'),
  )
  slow.stdin.end(controller('frontend-v2', 'v2', 3))
  await eventually(
    'the update has begun',
    async () => (await read('rc', 'frontend-v2', '-o', 'jsonpath={.spec.replicas}')) === '1',
  )
  slow.kill('SIGKILL')

  const again = await run(process.execPath, args('frontend-v1', '-f', '-', ...FAST), {
    input: controller('frontend-v2', 'v2', 3),
  })
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(again.stdout).toContain('Continuing update with existing controller frontend-v2.')
  expect(again.stdout).toContain('replicationcontroller "frontend-v2" rolling updated')
  expect(await read('rc', '-l', 'app=frontend', '-o', 'name')).toBe(
    'replicationcontroller/frontend-v2\n',
  )
  await eventually(
    'only v2 is left',
    async () =>
      (await read('pods', '-l', 'app=frontend', '-o', IMAGES)) ===
      Array.from({ length: 3 }, () => 'podium/web:v2').join(' '),
  )

  const bad = await rollingUpdate('frontend-v2', '--image=podium/web:unready', '--timeout=1s')
  expect(bad).toMatchObject({ code: 1 })
  expect(bad.stderr).toContain('timed out waiting for any update progress to be made')
  const back = await rollingUpdate('frontend-v2', '--rollback')
  expect(back).toMatchObject({ code: 0, stderr: '' })
  await eventually(
    'only v2 is left again',
    async () =>
      (await read('pods', '-l', 'app=frontend', '-o', IMAGES)) ===
      Array.from({ length: 3 }, () => 'podium/web:v2').join(' '),
  )
})

test('the stage updates its loadbots the same way', async () => {
  const answer = await podium.fetch('/api/actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'rollingUpdate', target: 'loadbots', version: 'v2' }),
  })
  expect(await answer.json()).toMatchObject({
    command: 'npx podium rolling-update loadbot --image=podium/loadbot:v2 --update-period=1s',
  })
  await eventually('the loadbots are new, under the old name', async () => {
    const image = 'jsonpath={.spec.template.spec.containers[0].image} {.status.readyReplicas}'
    return (await read('rc', 'loadbot', '-o', image)) === 'podium/loadbot:v2 2'
  })
  await eventually('they load', async () => (await podium.summary()).requestsPerSecond > 0)
  await podium.noneFailed()
})
