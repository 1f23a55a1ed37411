// The promise: QoS classes, memory limits and pressure work as the walkthroughs of Kubernetes' documentation say
// (tasks/configure-pod-container: quality-service-pod, assign-memory-resource).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '1', '--node-memory', '600Mi'])
  await podium.kubectlOk('create', 'namespace', 'mem-example')
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

type Resources = { requests?: Record<string, string>; limits?: Record<string, string> }

async function create(name: string, resources: Resources, bytes: string): Promise<void> {
  const args = ['--vm', '1', '--vm-bytes', bytes, '--vm-hang', '1']
  const container = {
    name: `${name}-ctr`,
    image: 'polinux/stress',
    resources,
    command: ['stress'],
    args,
  }
  const metadata = { name, namespace: 'mem-example' }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } }
  await podium.apply(pod)
}
const get = (name: string, path: string): Promise<string> =>
  podium.kubectlOk('get', 'pod', name, '-n', 'mem-example', '-o', `jsonpath={${path}}`)
const running = (name: string): Promise<true> =>
  eventually(`${name} runs`, async () => (await get(name, '.status.phase')) === 'Running')

test('QoS classes, a limit that holds, and a limit that is exceeded', async () => {
  await create('memory-demo', { requests: { memory: '100Mi' }, limits: { memory: '200Mi' } }, '80M')
  await create(
    'memory-demo-2',
    { requests: { memory: '50Mi' }, limits: { memory: '100Mi' } },
    '250M',
  )
  await create(
    'memory-demo-3',
    { requests: { memory: '1000Gi' }, limits: { memory: '1000Gi' } },
    '1M',
  )
  await running('memory-demo')
  expect(await get('memory-demo', '.status.qosClass')).toBe('Burstable')
  await eventually('memory-demo-2 was killed and started again', async () => {
    const path = '.status.containerStatuses[0].lastState.terminated'
    const reason = await get('memory-demo-2', `${path}.reason`)
    return reason === 'OOMKilled' && (await get('memory-demo-2', `${path}.exitCode`)) === '137'
  })
  await eventually('get pods shows it', async () => {
    const list = await podium.kubectlOk('get', 'pods', '-n', 'mem-example')
    return /memory-demo-2 +0\/1 +(OOMKilled|CrashLoopBackOff)/.test(list)
  })
  const described = await podium.kubectlOk('describe', 'pod', 'memory-demo-3', '-n', 'mem-example')
  expect(described).toContain('0/1 nodes are available: 1 Insufficient memory.')
  expect(await get('memory-demo', '.status.containerStatuses[0].restartCount')).toBe('0')
  const node = await podium.kubectlOk('describe', 'node', 'node-1')
  expect(node).toContain('Memory cgroup out of memory: Killed container memory-demo-2-ctr')
  await podium.kubectlOk(
    'delete',
    'pods',
    '--all',
    '-n',
    'mem-example',
    '--wait',
    '--grace-period=1',
  )
})

test('a node that runs short evicts BestEffort, then who exceeds its request, never Guaranteed', async () => {
  const guaranteed = { cpu: '50m', memory: '150Mi' }
  await create('guaranteed', { requests: guaranteed, limits: guaranteed }, '60M')
  await create('best-effort', {}, '120M')
  await create('burstable', { requests: { memory: '50Mi' } }, '120M')
  for (const name of ['guaranteed', 'best-effort', 'burstable']) await running(name)
  expect(await get('guaranteed', '.status.qosClass')).toBe('Guaranteed')
  expect(await get('best-effort', '.status.qosClass')).toBe('BestEffort')
  await create('last', { requests: { memory: '350Mi' } }, '320M')
  await eventually(
    'best-effort is evicted',
    async () => (await get('best-effort', '.status.reason')) === 'Evicted',
  )
  expect(await get('best-effort', '.status.message')).toMatch(
    /^The node was low on resource: memory\. Threshold quantity: 60Mi, available: \S+\. Container best-effort-ctr was using/,
  )
  const taints = 'jsonpath={.spec.taints[*].key}'
  await eventually('the node says that it is under pressure', async () =>
    (await podium.kubectlOk('get', 'node', 'node-1', '-o', taints)).includes(
      'node.kubernetes.io/memory-pressure',
    ),
  )
  const events = await podium.kubectlOk('get', 'events', '-A', '--field-selector=reason=Evicted')
  expect(events).toContain('pod/best-effort')
  await create('more', { requests: { memory: '10Mi' } }, '1M')
  expect(await get('guaranteed', '.status.containerStatuses[0].restartCount')).toBe('0')
  expect(await get('guaranteed', '.status.phase')).toBe('Running')
})
