import { afterEach, expect, test } from 'vitest'
import { isSimulated } from '../../shared/kubernetes/cluster.ts'
import { leases, nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import { systemClock } from '../machinery/clock.ts'
import { createInformers } from '../machinery/informer.ts'
import { createLog } from '../machinery/log.ts'
import { createFakeClient } from '../machinery/testing/fake-client.ts'
import type { SimulatedNodes } from './simulated.ts'
import { startSimulatedNodes } from './simulated.ts'
import { podOf, waitFor } from './testing/node-under-test.ts'

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

function simulate(count: number): {
  client: ReturnType<typeof createFakeClient>
  sim: SimulatedNodes
} {
  const client = createFakeClient()
  const log = createLog('error', (line) => process.stderr.write(`${line}\n`))
  const informers = createInformers(client, systemClock, log)
  const sim = startSimulatedNodes(
    { client, informers, clock: systemClock, log },
    { count, firstIndex: 10, heartbeatMs: 200 },
  )
  close = async () => {
    await sim.close()
    informers.close()
  }
  return { client, sim }
}

const onNode = (name: string, node: string) =>
  podOf(name, { nodeName: node, containers: [{ name: 'main', image: 'nginx:v1' }] })

test('simulated nodes register, beat, and are marked as what they are', async () => {
  const { client, sim } = simulate(20)
  expect(sim.nodeNames).toHaveLength(20)
  await waitFor(
    async () => (await client.list(leases)).items.length === 20,
    () => 'leases',
  )
  const all = (await client.list(nodes)).items
  expect(all.every(isSimulated)).toBe(true)
  expect(all[0]?.status?.nodeInfo?.['containerRuntimeVersion']).toBe('podium-simulated://1')
  const key = { namespace: 'kube-node-lease', name: 'sim-10' }
  const first = (await client.get(leases, key)).spec?.renewTime
  await waitFor(
    async () => (await client.get(leases, key)).spec?.renewTime !== first,
    () => 'no beat',
  )
})

test('their pods are Ready at once with addresses of their own, and gone when deleted', async () => {
  const { client } = simulate(2)
  for (let i = 0; i < 50; i++) await client.create(pods, onNode(`p${i}`, `sim-${10 + (i % 2)}`))
  const list = async () => (await client.list(pods)).items
  await waitFor(
    async () => (await list()).every(isPodReady),
    () => 'not ready',
  )
  expect(new Set((await list()).map(({ status }) => status?.podIP)).size).toBe(50)
  const patches = client.calls.filter((call) => call.startsWith('patch pods/status')).length
  expect(patches).toBe(50)
  for (let i = 0; i < 50; i++) await client.delete(pods, { namespace: 'default', name: `p${i}` })
  await waitFor(
    async () => (await list()).length === 0,
    () => 'not gone',
  )
})

test('a simulated node that fails on purpose falls silent', async () => {
  const { client } = simulate(1)
  await waitFor(
    async () => (await client.list(leases)).items.length === 1,
    () => 'leases',
  )
  await client.patch(
    nodes,
    { name: 'sim-10' },
    { metadata: { annotations: { 'podium.dev/failed': 'true' } } },
    { type: 'merge' },
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  await client.create(pods, onNode('late', 'sim-10'))
  const calls = client.calls.filter((call) => call.startsWith('patch')).length
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(client.calls.filter((call) => call.startsWith('patch')).length).toBe(calls)
})

test('their logs are refused by name', async () => {
  const { sim } = simulate(1)
  const logs = sim.door.logs({ namespace: 'default', pod: 'a', container: 'main' })
  await expect(logs[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 501 })
})
