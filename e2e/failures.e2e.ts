// What goes wrong on a live cluster and how it comes right: a rollout that fails, as Kubernetes' documentation tells it
// (concepts/workloads/controllers/deployment), and a node that dies under load.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FailureReport } from '../shared/stage.ts'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
const k = (...args: string[]): Promise<string> => podium.kubectlOk(...args)

beforeAll(async () => {
  podium = await startProduct()
})
afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx-deployment, labels: {app: nginx}}
spec:
  replicas: 3
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: nginx, image: nginx:1.14.2, ports: [{containerPort: 80}]}]
`

test('a Deployment fails to roll out, says so, and is undone', async () => {
  const name = 'deployment/nginx-deployment'
  const rolled = () => k('rollout', 'status', name, '--timeout=60s')
  const read = async (path: string) => k('get', name, '-o', `jsonpath={${path}}`)
  await k('apply', '-f', podium.manifest('nginx-deployment', DEPLOYMENT))
  expect(await rolled()).toContain('deployment "nginx-deployment" successfully rolled out')
  await k('set', 'image', name, 'nginx=nginx:1.16.1')
  await k('annotate', name, 'kubernetes.io/change-cause=image updated to 1.16.1')
  await rolled()

  await k('patch', name, '-p', '{"spec":{"progressDeadlineSeconds":3}}')
  await k('set', 'image', name, 'nginx=ngnix:1.161')
  const stuck = await podium.kubectl('rollout', 'status', name, '--timeout=60s')
  expect(stuck).toMatchObject({
    code: 1,
    stderr: 'error: deployment "nginx-deployment" exceeded its progress deadline\n',
  })
  const condition = '.status.conditions[?(@.type=="Progressing")].reason'
  // A pod that is made late is progress once more, and then there is none again.
  await eventually('the condition stays', async () => {
    return (await read(condition)) === 'ProgressDeadlineExceeded'
  })
  expect(await read('.status.availableReplicas')).toBe('3')
  expect(await k('get', 'pods', '-l', 'app=nginx')).toMatch(/ImagePullBackOff|ErrImagePull/)
  expect(await k('rollout', 'history', name)).toMatch(/2 +image updated to 1\.16\.1\n3 /)
  expect(await k('rollout', 'history', name, '--revision=3')).toContain('ngnix:1.161')

  expect(await k('rollout', 'undo', name)).toContain('rolled back')
  await rolled()
  const image = '.spec.template.spec.containers[0].image'
  expect(await read(image)).toBe('nginx:1.16.1')
  await k('rollout', 'undo', name, '--to-revision=1')
  await rolled()
  expect(await read(image)).toBe('nginx:1.14.2')
  expect(await k('describe', name)).toMatch(/NewReplicaSetAvailable/)
  await k('delete', name)
})

interface Placed {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string }
  spec: { nodeName: string }
  status: { conditions?: { type: string; status: string }[] }
}

/** The demo's pods that are meant to stay. */
async function placed(): Promise<Placed[]> {
  const { items } = JSON.parse(await k('get', 'pods', '-o', 'json')) as { items: Placed[] }
  return items.filter(({ metadata }) => !metadata.deletionTimestamp)
}

test('a node dies: its pods move, and what was lost is counted and explained', async () => {
  await podium.noneFailed()
  const before = await placed()
  const busy = new Set(
    before
      .filter(({ metadata }) => metadata.labels['run'] !== 'nginx')
      .map((pod) => pod.spec.nodeName),
  )
  const victims = before.filter(({ spec }) => !busy.has(spec.nodeName))
  const node =
    victims[0]?.spec.nodeName ??
    before.find((pod) => pod.metadata.labels['run'] === 'nginx')!.spec.nodeName
  // At full load every connection has requests on it: those at the node when it dies are lost for certain.
  const rate = (await k('get', 'configmap', 'loadbot', '-o', 'jsonpath={.data.rate}')).trim()
  const setRate = (perLoadbot: string): Promise<string> =>
    k('patch', 'configmap', 'loadbot', '-p', JSON.stringify({ data: { rate: perLoadbot } }))
  await setRate('0')
  await eventually('the load is full', async () => (await podium.summary()).inFlight > 200)
  await k('annotate', 'node', node, 'podium.dev/failed=true')
  await eventually('requests are lost', async () => (await podium.summary()).failed > 0)
  await setRate(rate)
  await eventually(
    'as many pods as before are ready elsewhere',
    async () => {
      const ready = (await placed()).filter(
        ({ spec, status }) =>
          spec.nodeName !== node &&
          status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      return ready.length === before.length
    },
    60_000,
  )
  expect(await k('get', 'node', node)).toMatch(/NotReady/)

  // What was sent to processes that are no more got no answer; each of these requests is told of, and nothing else failed.
  const lost = await eventually('every lost request has its story', async () => {
    const { groups, untold } = (await (await podium.fetch('/api/failures')).json()) as FailureReport
    const { failed } = await podium.summary()
    const told = groups.reduce((sum, { count }) => sum + count, 0)
    return failed > 0 && untold === 0 && told === failed && { failed, groups }
  })
  const stories = lost.groups.map((group) => `${group.cause} at ${group.node ?? 'nobody'}`)
  // Connections that were open were broken on that node; new ones found nobody until the endpoints were gone.
  const likely = [`reset at ${node}`, 'reset at nobody', 'refused at nobody', 'timeout at nobody']
  expect(stories.filter((story) => !likely.includes(story))).toEqual([])
  expect(stories).toContain(likely[0])

  await k('annotate', 'node', node, 'podium.dev/failed-')
  await k('wait', '--for=condition=Ready', `node/${node}`, '--timeout=30s')
  const { served } = await podium.summary()
  await eventually('requests are served on', async () => {
    return (await podium.summary()).served > served + 10_000
  })
  expect((await podium.summary()).failed).toBe(lost.failed)
})
