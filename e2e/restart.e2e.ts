// Stop and start, kill -9 and start: objects are as they were, pods run again, nothing is orphaned.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { eventually, makeDirectory, processesOf, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const dataDir = makeDirectory()
let podium: Product | undefined

afterEach(async () => {
  await podium?.stop()
  removeDirectory(dataDir)
})

/** Names and specs of what a user made, without what changes by itself. */
async function deploymentSpec(product: Product): Promise<unknown> {
  const { spec, metadata } = JSON.parse(
    await product.kubectlOk('get', 'deployment', 'nginx', '-o', 'json'),
  ) as { spec: unknown; metadata: { uid: string } }
  return { spec, uid: metadata.uid }
}

async function allReady(product: Product): Promise<void> {
  await eventually(
    'every pod is ready and requests flow',
    async () => {
      const { pods, requestsPerSecond } = await product.summary()
      const { ready, ...others } = pods
      return requestsPerSecond > 0 && ready > 0 && Object.values(others).every((n) => n === 0)
    },
    60_000,
  )
}

function kernelRules(): string {
  try {
    return execFileSync('iptables-save', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return '' // not permitted, or no iptables: then there are no rules of ours either
  }
}

const idOf = (product: Product): string =>
  readFileSync(path.join(product.dataDir, 'cluster-id'), 'utf8').trim()

/** Whether the kernel still has control groups of this cluster. */
const hasControlGroups = (id: string): boolean =>
  ['/sys/fs/cgroup', '/sys/fs/cgroup/cpu'].some((root) =>
    existsSync(path.join(root, `podium-${id}`)),
  )

/** What the names of this cluster's chains begin with; undefined where the kernel is not programmed. */
function chainsOf(product: Product): string | undefined {
  const id = idOf(product)
  return new RegExp(`podium:${id}.* -j (PODIUM-[0-9A-F]+)-`).exec(kernelRules())?.[1]
}

test('a stopped and a killed cluster come back as they were', async () => {
  podium = await startProduct([], dataDir)
  await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=6')
  await podium.kubectlOk('set', 'image', 'deployment/nginx', 'nginx=nginx:v2')
  await podium.kubectlOk('create', 'configmap', 'kept', '--from-literal=a=1')
  await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
  const before = await deploymentSpec(podium)

  const chains = chainsOf(podium)
  const { proxyMode } = await podium.summary()
  expect(chains === undefined).toBe(proxyMode !== 'iptables')
  expect((await podium.stop()).code).toBe(0)
  expect(processesOf(dataDir)).toEqual([])
  expect(kernelRules()).not.toContain(chains ?? 'no chains')
  expect(hasControlGroups(idOf(podium))).toBe(false)

  podium = await startProduct([], dataDir)
  expect(await deploymentSpec(podium)).toEqual(before)
  expect(await podium.kubectlOk('get', 'cm', 'kept', '-o', 'jsonpath={.data.a}')).toBe('1')
  await allReady(podium)

  // A write that was answered is there after kill -9; whatever ran is gone on its own.
  await podium.kubectlOk('create', 'configmap', 'last-words', '--from-literal=b=2')
  await podium.kill()
  await eventually(
    'no process and no control group outlives a killed Podium',
    () => processesOf(dataDir).length === 0 && !hasControlGroups(idOf(podium!)),
    10_000,
  )

  podium = await startProduct([], dataDir)
  expect(await podium.kubectlOk('get', 'cm', 'last-words', '-o', 'jsonpath={.data.b}')).toBe('2')
  expect(await deploymentSpec(podium)).toEqual(before)
  await allReady(podium)
  await podium.noneFailed()
})
