// The claim: not one request fails while nginx is updated under full load, counted one by one on both sides.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { countServed } from './served.ts'

const ROUNDS = 10
let podium: Product

beforeAll(async () => {
  podium = await startProduct()
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

async function update(image: string): Promise<void> {
  await podium.kubectlOk('set', 'image', 'deployment/nginx', `nginx=${image}`)
  await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=90s')
}

/** No load: the loadbots finish what is in flight, give their last counts and go. */
async function quiet(): Promise<void> {
  await podium.kubectlOk('scale', 'rc', 'loadbot', '--replicas=0')
  await eventually('nothing is in flight and no loadbot is left', async () => {
    const pods = ['get', 'pods', '-l', 'run=loadbot', '--no-headers', '--ignore-not-found']
    const left = await podium.kubectlOk(...pods)
    return left === '' && (await podium.summary()).inFlight === 0
  })
}

test(
  'ten rolling updates under load, and both sides count the same to the unit',
  { timeout: 300_000 },
  async () => {
    await quiet()
    // Podium's own server, also where nginx is installed: it says how many it answered.
    await update('podium/web:v1')
    await eventually('the pods before these are gone', async () => {
      const path = 'jsonpath={.items[*].spec.containers[0].image}'
      const images = await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', path)
      return images.split(' ').every((image) => image === 'podium/web:v1')
    })
    const servedBefore = (await podium.summary()).served
    const served = await countServed(podium)
    await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=6')
    await podium.kubectlOk('scale', 'rc', 'loadbot', '--replicas=4')
    await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')

    for (let round = 0; round < ROUNDS; round++) {
      const version = round % 2 === 0 ? 'v2' : 'v1'
      const before = (await podium.summary()).served
      await update(`podium/web:${version}`)
      await eventually(`only ${version} answers`, async () => {
        const { byVersion } = await podium.summary()
        const answering = Object.keys(byVersion).filter((name) => (byVersion[name] ?? 0) > 0)
        return answering.length === 1 && answering[0] === version
      })
      await podium.noneFailed()
      const { served: after } = await podium.summary()
      expect(after).toBeGreaterThan(before)
    }

    await quiet()
    expect(served.ended()).toBeGreaterThanOrEqual(ROUNDS * 6)
    const { stage, pods } = await served.bothSides(servedBefore)
    expect(stage).toBe(pods)
    await podium.noneFailed()
    served.stop()
  },
)
