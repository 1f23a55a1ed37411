import { afterEach, expect, test } from 'vitest'
import { events } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { NodeUnderTest } from './testing/node-under-test.ts'
import { startNode, waitFor } from './testing/node-under-test.ts'

let node: NodeUnderTest
afterEach(() => node.close())

const hog = (megabytes: number, resources = {}) => ({
  name: 'main',
  image: 'polinux/stress',
  command: ['stress'],
  args: ['--vm', '1', '--vm-bytes', `${megabytes}M`, '--vm-hang', '1'],
  resources,
})
const messagesOf = async (reason: string): Promise<string[]> =>
  (await node.client.list(events)).items
    .filter((event) => event.reason === reason)
    .map(({ message = '' }) => message)

test('a container over its memory limit is OOMKilled and restarts; one within it stays', async () => {
  node = await startNode()
  await node.run('small', { containers: [hog(40, { limits: { memory: '150Mi' } })] })
  await node.run('big', { containers: [hog(200, { limits: { memory: '100Mi' } })] })
  const big = await node.until(
    'big',
    ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 1,
  )
  const { lastState, state } = big.status!.containerStatuses![0]!
  expect((state?.terminated ?? lastState?.terminated)!).toMatchObject({
    exitCode: 137,
    reason: 'OOMKilled',
  })
  const small = await node.pod('small')
  expect(small.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true })
  await waitFor(
    async () => (await messagesOf('OOMKilling')).some((text) => text.includes('default/big')),
    () => 'no event',
  )
})

test('a node short of memory evicts BestEffort first, says so, and keeps who asked for what it uses', async () => {
  node = await startNode({ capacity: { cpu: '4', memory: '400Mi', pods: '110' } })
  const guaranteed = { requests: { memory: '150Mi' }, limits: { memory: '150Mi' } }
  await node.run('guaranteed', { containers: [hog(60, guaranteed)] })
  await node.run('best', { containers: [hog(150)] })
  for (const name of ['guaranteed', 'best']) {
    await node.until(name, ({ status }) => status?.containerStatuses?.[0]?.ready === true)
  }
  await node.run('late', { containers: [hog(150, { requests: { memory: '300Mi' } })] })
  const evicted = await node.until('best', ({ status }) => status?.phase === 'Failed')
  expect(evicted.status?.reason).toBe('Evicted')
  expect(evicted.status?.message).toMatch(
    /^The node was low on resource: memory\. Threshold quantity: 40Mi, available: \d+[KM]i\. Container main was using \d+[KM]i, request is 0, has larger consumption of memory\. $/,
  )
  expect(conditionOf(evicted.status?.conditions, 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'TerminationByKubelet',
  })
  expect(await messagesOf('Evicted')).toHaveLength(1)
  const { status } = await node.pod('guaranteed')
  expect(status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 })
})
