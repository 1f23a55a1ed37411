// Everything that moves requests from one pod to another, under load: rolling updates, graceful kills, proxy switches, scaling.
// Not one request may fail, and both sides count the same to the unit.
//   PODIUM_E2E_FULL=1 does it at full size, for minutes: 50 updates, 200 kills, 20 switches, 20 scalings.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { countServed } from './served.ts'
import type { ServedCount } from './served.ts'

const full = process.env['PODIUM_E2E_FULL'] === '1'
const TIMES = full
  ? { updates: 50, kills: 200, switches: 20, scalings: 20 }
  : { updates: 2, kills: 6, switches: 4, scalings: 2 }
const PATIENCE_MS = full ? 3_600_000 : 120_000
const SERVERS = 4
/** Graceful deletes under way at once: half of the servers serve on. */
const KILLS_AT_ONCE = 2

let podium: Product
let served: ServedCount
let servedBefore = 0

/** No load: the loadbots finish what is in flight, give their last counts and go. */
async function quiet(): Promise<void> {
  await podium.kubectlOk('scale', 'rc', 'loadbot', '--replicas=0')
  await eventually('nothing is in flight and no loadbot is left', async () => {
    const pods = ['get', 'pods', '-l', 'run=loadbot', '--no-headers', '--ignore-not-found']
    return (await podium.kubectlOk(...pods)) === '' && (await podium.summary()).inFlight === 0
  })
}

async function rolledOut(): Promise<void> {
  await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=90s')
}

beforeAll(async () => {
  podium = await startProduct()
  await quiet()
  // Podium's own server, also where nginx is installed: it says how many it answered.
  await podium.kubectlOk('set', 'image', 'deployment/nginx', 'nginx=podium/web:v1')
  await rolledOut()
  await eventually('the pods before these are gone', async () => {
    const images = 'jsonpath={.items[*].spec.containers[0].image}'
    const seen = await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', images)
    return seen.split(' ').every((image) => image === 'podium/web:v1')
  })
  servedBefore = (await podium.summary()).served
  served = await countServed(podium)
  await podium.kubectlOk('scale', 'rc', 'loadbot', '--replicas=2')
  await eventually('requests are answered again', async () => {
    return (await podium.summary()).served > servedBefore
  })
})

afterAll(async () => {
  served?.stop()
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

test(`${TIMES.updates} rolling updates`, { timeout: PATIENCE_MS }, async () => {
  for (let round = 1; round <= TIMES.updates; round++) {
    const image = `nginx=podium/web:v${1 + (round % 2)}`
    await podium.kubectlOk('set', 'image', 'deployment/nginx', image)
    await rolledOut()
    await expect(podium.noneFailed()).resolves.toBeUndefined()
  }
})

test(`${TIMES.kills} graceful kills of pods that serve`, { timeout: PATIENCE_MS }, async () => {
  const names = async (): Promise<string[]> => {
    const path = 'jsonpath={.items[*].metadata.name}'
    const pods = await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', path)
    return pods.split(' ')
  }
  await eventually('nothing else is going', async () => (await names()).length === SERVERS)
  for (let killed = 0; killed < TIMES.kills; killed += KILLS_AT_ONCE) {
    const before = await names()
    const victims = before.toSorted(() => Math.random() - 0.5).slice(0, KILLS_AT_ONCE)
    await podium.kubectlOk('delete', 'pod', '--wait=false', ...victims)
    await rolledOut()
    await eventually('the killed are gone and replaced', async () => {
      const now = await names()
      return now.length === SERVERS && !victims.some((victim) => now.includes(victim))
    })
    await expect(podium.noneFailed()).resolves.toBeUndefined()
  }
})

test(`${TIMES.switches} switches of the proxy mode`, { timeout: PATIENCE_MS }, async (context) => {
  const info = (await (await podium.fetch('/api/info')).json()) as { proxyModes?: string[] }
  if (!info.proxyModes?.includes('iptables')) context.skip('this machine has no iptables')
  const other = { iptables: 'userspace', userspace: 'iptables' } as const
  for (let round = 0; round < TIMES.switches; round++) {
    const mode = other[(await podium.summary()).proxyMode ?? 'userspace']
    const patch = JSON.stringify({ data: { mode } })
    await podium.kubectlOk('patch', 'cm', 'service-proxy', '-n', 'kube-system', '-p', patch)
    await eventually(`services go through ${mode}, and requests are answered`, async () => {
      const { proxyMode, requestsPerSecond } = await podium.summary()
      return proxyMode === mode && requestsPerSecond > 0
    })
    await expect(podium.noneFailed()).resolves.toBeUndefined()
  }
})

test(`${TIMES.scalings} times down and up again`, { timeout: PATIENCE_MS }, async () => {
  for (let round = 0; round < TIMES.scalings; round++) {
    for (const replicas of [1, SERVERS]) {
      await podium.kubectlOk('scale', 'deployment', 'nginx', `--replicas=${replicas}`)
      await rolledOut()
      await eventually(`${replicas} servers are left`, async () => {
        const { pods } = await podium.summary()
        return pods.ready === replicas && pods.stopping === 0
      })
    }
    await expect(podium.noneFailed()).resolves.toBeUndefined()
  }
})

test('both sides counted the same to the unit', { timeout: 120_000 }, async () => {
  await quiet()
  const { stage, pods } = await served.bothSides(servedBefore)
  expect(stage).toBeGreaterThan(0)
  expect(pods).toBe(stage)
  await expect(podium.noneFailed()).resolves.toBeUndefined()
})
