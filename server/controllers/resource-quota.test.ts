import { afterEach, expect, test } from 'vitest'
import { configMaps, resourceQuotas } from '../../shared/kubernetes/kinds.ts'
import type { ResourceQuota } from '../../shared/kubernetes/policy.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import { startResourceQuotas } from './resource-quota.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { T0 } from './testing/objects.ts'

const quota: ResourceQuota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few', namespace: 'default' },
  spec: { hard: { configmaps: '3' } },
}
const a = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }

let cluster: TestCluster
afterEach(() => cluster.close())

const used = async (): Promise<string | undefined> => {
  const { status } = await cluster.get(resourceQuotas, 'few')
  return status?.used?.['configmaps']
}

test('what is charged at admission stays charged until its object is there', async () => {
  const clock = createManualClock(T0)
  cluster = startTestCluster(startResourceQuotas, [[resourceQuotas, quota]], clock)
  await expect.poll(used).toBe('0')
  const { client } = cluster
  await clock.advance(10_000)
  const settled = await cluster.get(resourceQuotas, 'few')
  const status = { ...settled.status, used: { configmaps: '1' } }
  await client.update(resourceQuotas, { ...settled, status }, { subresource: 'status' })
  // Something else is counted meanwhile, so that this count would have lost the charge.
  await client.create(configMaps, a)
  await client.delete(configMaps, { name: 'a', namespace: 'default' })
  for (const _ of [1, 2, 3]) {
    await clock.advance(300)
    expect(await used()).toBe('1')
  }
  // Its object never came.
  await clock.advance(1_000)
  await expect.poll(used).toBe('0')
})

test('what goes is given back', async () => {
  cluster = startTestCluster(startResourceQuotas, [
    [resourceQuotas, quota],
    [configMaps, a],
  ])
  await expect.poll(used).toBe('1')
  await cluster.client.delete(configMaps, { name: 'a', namespace: 'default' })
  await expect.poll(used).toBe('0')
})
