// The demo with the nginx that is installed on this machine: everywhere else tests run Podium's own server.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../shared/kubernetes/meta.ts'
import { eventually, nginxMasters, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
const installed = folders.some((folder) => existsSync(path.join(folder, 'nginx')))

describe.skipIf(!installed)('the demo with a real nginx', () => {
  let podium: Product
  beforeAll(async () => {
    podium = await startProduct(['--nginx', 'installed'])
  })
  afterAll(async () => {
    if (podium.process.exitCode === null) await podium.stop()
    removeDirectory(podium.dataDir)
  })

  /** Only this version answers the load. */
  async function answering(version: string): Promise<void> {
    await eventually(`${version} answers the load alone`, async () => {
      const { byVersion } = await podium.summary()
      const busy = Object.keys(byVersion).filter((name) => (byVersion[name] ?? 0) > 0)
      return busy.length === 1 && busy[0] === version
    })
  }

  async function setImage(image: string): Promise<void> {
    await podium.kubectlOk('set', 'image', 'deployment/nginx', `nginx=${image}`)
  }

  /** One that is not going anyway. */
  function lastingPod(): Promise<string> {
    return eventually('a pod that stays', async () => {
      const listed = await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', 'json')
      const { items } = JSON.parse(listed) as { items: KubeObject[] }
      return items.find(({ metadata }) => metadata.deletionTimestamp === undefined)?.metadata.name
    })
  }

  test('its pods are nginx processes, and the banner says so', () => {
    expect(podium.output.text).toMatch(/nginx {5}nginx at \S+\/nginx \(found on this machine\)/)
    expect(nginxMasters(podium.dataDir)).toHaveLength(4)
  })

  test('updates, a scale down and a deleted pod under load lose nothing', async () => {
    await answering('v1')
    const { served } = await podium.summary()
    for (const version of ['v2', 'v1']) {
      await setImage(`nginx:${version}`)
      await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
      await answering(version)
    }
    await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=2')
    await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=4')
    await podium.kubectlOk('delete', 'pod', await lastingPod())
    await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
    expect((await podium.summary()).served).toBeGreaterThan(served)
    await podium.noneFailed()
  })

  test('a bad release pauses by itself, and going back loses nothing', async () => {
    await setImage('nginx:v3')
    await eventually('the rollout is paused', async () => {
      const paused = ['get', 'deployment', 'nginx', '-o', 'jsonpath={.spec.paused}']
      return (await podium.kubectlOk(...paused)) === 'true'
    })
    const { served } = await podium.summary()
    await podium.kubectlOk('rollout', 'resume', 'deployment/nginx')
    await podium.kubectlOk('rollout', 'undo', 'deployment/nginx')
    await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
    await answering('v1')
    expect((await podium.summary()).served).toBeGreaterThan(served)
    await podium.noneFailed()
  })

  test('nothing of it is left after kill -9', async () => {
    await podium.kill()
    await eventually('no nginx is left', () => nginxMasters(podium.dataDir).length === 0)
  })
})
