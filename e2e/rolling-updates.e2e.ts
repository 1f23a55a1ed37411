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

test(
  'ten rolling updates under load, and both sides count the same to the unit',
  { timeout: 300_000 },
  async () => {
    const served = await countServed(podium)
    await podium.kubectlOk('scale', 'rc', 'loadbot', '--replicas=4')
    await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=6')
    await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')

    for (let round = 0; round < ROUNDS; round++) {
      const version = round % 2 === 0 ? 'v2' : 'v1'
      const before = (await podium.summary()).served
      await podium.kubectlOk('set', 'image', 'deployment/nginx', `nginx=nginx:${version}`)
      await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=90s')
      await eventually(`only ${version} answers`, async () => {
        const { byVersion } = await podium.summary()
        const answering = Object.keys(byVersion).filter((name) => (byVersion[name] ?? 0) > 0)
        return answering.length === 1 && answering[0] === version
      })
      const { failed, failedByCause, served: after } = await podium.summary()
      expect({ failed, failedByCause }).toMatchObject({ failed: 0 })
      expect(after).toBeGreaterThan(before)
    }

    // The loadbots finish what is in flight and give their last counts.
    await podium.kubectlOk('scale', 'rc', 'loadbot', '--replicas=0')
    await eventually('nothing is in flight and no loadbot is left', async () => {
      const left = await podium.kubectlOk(
        'get',
        'pods',
        '-l',
        'run=loadbot',
        '--no-headers',
        '--ignore-not-found',
      )
      return left === '' && (await podium.summary()).inFlight === 0
    })
    expect(served.ended()).toBeGreaterThanOrEqual(ROUNDS * 6)
    const bothSides = async (): Promise<{ stage: number; pods: number }> => ({
      stage: (await podium.summary()).served,
      pods: await served.total(),
    })
    // The last pods' last words arrive a moment after they have gone.
    await eventually('last words are in', async () => {
      const { stage, pods } = await bothSides()
      return stage === pods
    }).catch(() => undefined)
    const { stage, pods } = await bothSides()
    expect(stage).toBe(pods)
    expect((await podium.summary()).failed).toBe(0)
    served.stop()
  },
)
