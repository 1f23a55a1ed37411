import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NodeDoor } from '../../../shared/operation.ts'
import { nodes, pods } from '../../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { ADMIN, serveHarness, startApi, type Served } from '../harness.ts'

const AT = Date.parse('2026-01-01T00:00:10Z')
const container = {
  name: 'main',
  cpuCores: 0.5,
  cpuSeconds: 4,
  memoryBytes: 1000,
  residentBytes: 3000,
  processes: 2,
}

let served: Served
beforeAll(async () => {
  const harness = await startApi({
    nodeDoor: (name) => (name === 'a' ? ({} as NodeDoor) : undefined),
    use: {
      pods: () => [
        {
          namespace: 'default',
          name: 'web',
          uid: 'u',
          node: 'a',
          at: AT,
          windowMs: 1000,
          containers: [container, { ...container, name: 'side', cpuCores: null }],
        },
        {
          namespace: 'default',
          name: 'far',
          uid: 'v',
          node: 'b',
          at: AT,
          windowMs: 1000,
          containers: [container],
        },
      ],
      nodes: () => [],
      rates: () => [],
    },
  })
  served = await serveHarness(harness)
  for (const name of ['a', 'b']) {
    await harness.api.create(ADMIN, nodes, undefined, { metadata: { name } }, {})
  }
  const pod: Pod = {
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'a', containers: [{ name: 'main', image: 'web' }] },
  }
  await harness.api.create(ADMIN, pods, 'default', pod, {})
})
afterAll(() => served.close())

const PROXY = '/api/v1/nodes/a/proxy'

it('tells what the pods of a node use', async () => {
  const { code, json } = await served.ask(`${PROXY}/stats/summary`)
  expect(code).toBe(200)
  const time = '2026-01-01T00:00:10Z'
  const of = (cores: number, seconds: number, bytes: number) => ({
    cpu: { time, usageNanoCores: cores * 1e9, usageCoreNanoSeconds: seconds * 1e9 },
    memory: { time, usageBytes: bytes * 3, workingSetBytes: bytes, rssBytes: bytes * 3 },
  })
  expect(json).toMatchObject({
    node: { nodeName: 'a', ...of(0.5, 8, 2000) },
    pods: [
      {
        podRef: { namespace: 'default', name: 'web', uid: 'u' },
        containers: [
          { name: 'main', ...of(0.5, 4, 1000) },
          { name: 'side', ...of(0, 4, 1000) },
        ],
        process_stats: { process_count: 4 },
        ...of(0.5, 8, 2000),
      },
    ],
  })
})

it('tells health and pods, and has nothing else', async () => {
  expect((await served.ask(`${PROXY}/healthz`)).text).toBe('ok')
  const { json } = await served.ask(`${PROXY}/pods`)
  expect(json).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'web' } }] })
  expect((await served.ask(`${PROXY}/run`)).code).toBe(404)
  expect((await served.ask(`${PROXY}/pods`, { method: 'POST', body: {} })).code).toBe(405)
  expect((await served.ask('/api/v1/nodes/b/proxy/healthz')).code).toBe(503)
  expect((await served.ask('/api/v1/nodes/c/proxy/healthz')).code).toBe(404)
})
