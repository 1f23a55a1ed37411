// The promise: quotas, limit ranges, priorities and disruption budgets hold, with the words of Kubernetes'
// documentation (administer-cluster/manage-resources, run-application/configure-pdb, safely-drain-node).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '2', '--node-memory', '2Gi'])
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const pod = (namespace: string, name: string, resources: object, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'ctr', image: 'podium/hog:v1', resources }], ...more },
})
const read = (...args: string[]): Promise<string> => podium.kubectlOk('get', ...args)

test('a quota refuses what exceeds it, and takes back what goes', async () => {
  await podium.kubectlOk('create', 'namespace', 'quota-mem-cpu-example')
  const hard = {
    'requests.cpu': '1',
    'requests.memory': '1Gi',
    'limits.cpu': '2',
    'limits.memory': '2Gi',
  }
  await podium.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'mem-cpu-demo', namespace: 'quota-mem-cpu-example' },
    spec: { hard },
  })
  const one = {
    limits: { memory: '800Mi', cpu: '800m' },
    requests: { memory: '600Mi', cpu: '400m' },
  }
  const two = { limits: { memory: '1Gi', cpu: '800m' }, requests: { memory: '700Mi', cpu: '400m' } }
  await podium.apply(pod('quota-mem-cpu-example', 'one', one))
  const refused = await podium.tryApply(pod('quota-mem-cpu-example', 'two', two))
  expect(refused.stderr).toContain(
    'pods "two" is forbidden: exceeded quota: mem-cpu-demo, requested: requests.memory=700Mi, used: requests.memory=600Mi, limited: requests.memory=1Gi',
  )
  const bare = await podium.tryApply(pod('quota-mem-cpu-example', 'bare', {}))
  expect(bare.stderr).toContain('failed quota: mem-cpu-demo: must specify limits.cpu for: ctr;')
  const described = await podium.kubectlOk('describe', 'quota', '-n', 'quota-mem-cpu-example')
  expect(described).toMatch(/requests\.memory +600Mi +1Gi/)
  await podium.kubectlOk('delete', 'pod', 'one', '-n', 'quota-mem-cpu-example', '--grace-period=1')
  await eventually('there is room again', async () => {
    const { code } = await podium.tryApply(pod('quota-mem-cpu-example', 'two', two))
    return code === 0
  })
})

test('a quota counts objects of kinds that users added', async () => {
  const namespace = 'object-quota'
  await podium.kubectlOk('create', 'namespace', namespace)
  const counted = 'count/verticalpodautoscalers.autoscaling.k8s.io'
  await podium.kubectlOk('create', 'quota', 'test', `--hard=${counted}=1`, '-n', namespace)
  const vertical = (name: string) => ({
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    metadata: { name, namespace },
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
  })
  await podium.apply(vertical('one'))
  const used = `jsonpath={.status.used.${counted.replaceAll('.', '\\.')}}`
  await eventually('it is counted', async () => {
    return (await read('quota', 'test', '-n', namespace, '-o', used)) === '1'
  })
  const refused = await podium.tryApply(vertical('two'))
  expect(refused.stderr).toContain(
    `"two" is forbidden: exceeded quota: test, requested: ${counted}=1, used: ${counted}=1, limited: ${counted}=1`,
  )
  await podium.kubectlOk('delete', 'vpa', 'one', '-n', namespace)
  await eventually('there is room again', async () => {
    return (await podium.tryApply(vertical('two'))).code === 0
  })
})

test('a limit range fills in and refuses', async () => {
  await podium.kubectlOk('create', 'namespace', 'limits')
  await podium.apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'mem-limit-range', namespace: 'limits' },
    spec: {
      limits: [
        {
          type: 'Container',
          default: { memory: '512Mi' },
          defaultRequest: { memory: '256Mi' },
          max: { memory: '1Gi' },
          min: { memory: '64Mi' },
        },
      ],
    },
  })
  await podium.apply(pod('limits', 'default-mem-demo', {}))
  const resources = 'jsonpath={.spec.containers[0].resources}'
  expect(
    JSON.parse(await read('pod', 'default-mem-demo', '-n', 'limits', '-o', resources)),
  ).toEqual({
    limits: { memory: '512Mi' },
    requests: { memory: '256Mi' },
  })
  const large = await podium.tryApply(pod('limits', 'large', { limits: { memory: '1536Mi' } }))
  expect(large.stderr).toContain(
    'pods "large" is forbidden: maximum memory usage per Container is 1Gi, but limit is 1536Mi',
  )
  await podium.kubectlOk('delete', 'namespace', 'limits')
})

test('a drain keeps to the disruption budget', async () => {
  const container = {
    name: 'web',
    image: 'podium/web:v1',
    env: [{ name: 'PORT', value: '8000' }],
    readinessProbe: { httpGet: { path: '/-/ready', port: 8000 }, periodSeconds: 1 },
  }
  const labels = { app: 'zk' }
  await podium.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'zk' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
  await podium.kubectlOk('rollout', 'status', 'deployment/zk', '--timeout=60s')
  await podium.kubectlOk('create', 'pdb', 'zk-pdb', '--selector=app=zk', '--min-available=3')
  const allowed = 'jsonpath={.status.expectedPods} {.status.disruptionsAllowed}'
  await eventually(
    'the budget is counted',
    async () => (await read('pdb', 'zk-pdb', '-o', allowed)) === '3 0',
  )
  const node = await read('pods', '-l', 'app=zk', '-o', 'jsonpath={.items[0].spec.nodeName}')
  const drain = ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force']
  const refused = await podium.kubectl(...drain, '--timeout=3s')
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain(
    "Cannot evict pod as it would violate the pod's disruption budget.",
  )

  await podium.kubectlOk('patch', 'pdb', 'zk-pdb', '-p', '{"spec":{"minAvailable":2}}')
  const shown = await read('pdb', 'zk-pdb')
  expect(shown).toMatch(/NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE/)
  let fewest = Infinity
  let isDone = false
  const draining = podium.kubectlOk(...drain, '--timeout=50s').finally(() => (isDone = true))
  await eventually(
    'the drain is done',
    async () => {
      const ready = await read('deployment', 'zk', '-o', 'jsonpath={.status.readyReplicas}')
      fewest = Math.min(fewest, Number(ready))
      return isDone
    },
    55_000,
  )
  expect(await draining).toContain(`node/${node} drained`)
  expect(fewest).toBeGreaterThanOrEqual(2)
  const places = await read('pods', '-l', 'app=zk', '-o', 'jsonpath={.items[*].spec.nodeName}')
  expect(places).not.toContain(node)
  await podium.kubectlOk('uncordon', node)
})

test('a pod of high priority makes less important ones give way', async () => {
  // What the tests before this one left would fill a node too.
  const left = ['quota-mem-cpu-example', 'limits']
  await podium.kubectlOk('delete', 'namespace', '--ignore-not-found', ...left)
  await podium.kubectlOk('create', 'priorityclass', 'high-priority', '--value=1000000')
  const classes = await read('priorityclasses')
  expect(classes).toMatch(/system-node-critical +2000001000 +false/)
  const half = { requests: { memory: '1500Mi' } }
  for (const name of ['low-1', 'low-2']) await podium.apply(pod('default', name, half))
  const phases = ['pods', 'low-1', 'low-2', '-o', 'jsonpath={.items[*].status.phase}']
  await eventually('both nodes are full', async () => (await read(...phases)) === 'Running Running')
  await podium.apply(pod('default', 'high', half, { priorityClassName: 'high-priority' }))
  await eventually(
    'it runs in the place of another',
    async () => (await read('pod', 'high', '-o', 'jsonpath={.status.phase}')) === 'Running',
    60_000,
  )
  const kept = await read('pods', '-o', 'name')
  expect(kept.split('\n').filter((line) => line.startsWith('pod/low-'))).toHaveLength(1)
  expect(await read('events', '--field-selector=reason=Preempted')).toContain('Preempted by pod')
})

test('stateful sets are counted by quotas and covered by budgets, claims by what they store', async () => {
  const namespace = 'stateful'
  await podium.kubectlOk('create', 'namespace', namespace)
  const hard = { 'count/statefulsets.apps': '1', 'requests.storage': '3Gi' }
  const labels = { app: 'db' }
  const container = { name: 'db', image: 'podium/web:v1' }
  const set = (name: string) => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: {
      serviceName: 'db',
      replicas: 2,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
  const claim = (name: string, storage: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  })
  await podium.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace },
    spec: { hard },
  })
  await podium.apply({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'db', namespace },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  })
  await podium.apply(set('db'))
  await podium.apply(claim('a', '2Gi'))
  expect((await podium.tryApply(set('another'))).stderr).toContain(
    'exceeded quota: few, requested: count/statefulsets.apps=1, used: count/statefulsets.apps=1, limited: count/statefulsets.apps=1',
  )
  expect((await podium.tryApply(claim('b', '2Gi'))).stderr).toContain(
    'exceeded quota: few, requested: requests.storage=2Gi, used: requests.storage=2Gi, limited: requests.storage=3Gi',
  )
  const path = 'jsonpath={.status.expectedPods} {.status.disruptionsAllowed}'
  await eventually('the budget knows how many pods there shall be', async () => {
    return (await read('pdb', 'db', '-n', namespace, '-o', path)) === '2 1'
  })
})
