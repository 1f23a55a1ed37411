import { afterEach, beforeEach, expect, test } from 'vitest'
import { deployments, pods, replicaSets } from '../../shared/kubernetes/kinds.ts'
import { conditionOf, controllerOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import {
  PAUSE_ON_FAILURE_ANNOTATION,
  PAUSED_PODS_ANNOTATION,
  PAUSED_REVISION_ANNOTATION,
} from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { startDeployments } from './deployment.ts'
import { startReplicaSets } from './replicaset.ts'
import { startRolloutGuard } from './rollout-guard.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makeDeployment, makePod } from './testing/objects.ts'

let cluster: TestCluster

function start(deps: RoomDeps): Running {
  const parts = [startDeployments, startReplicaSets, startRolloutGuard, startKubelet]
  const running = parts.map((part) => part(deps))
  return { close: async () => void (await Promise.all(running.map((one) => one.close()))) }
}

/** Pods of `nginx:bad` cannot be pulled, all others are ready at once. */
function startKubelet({ client, informers }: RoomDeps): Running {
  const stop = informers.of(pods).subscribe(({ type, object }) => {
    if (type === 'deleted' || isBeingDeleted(object) || object.status?.phase) return
    const bad = object.spec.containers[0]?.image === 'nginx:bad'
    const { status } = makePod({ ip: '127.200.0.1', ready: !bad })
    if (bad) status!.containerStatuses![0]!.state = { waiting: { reason: 'ImagePullBackOff' } }
    void client
      .update(pods, { ...object, status: status! }, { subresource: 'status' })
      .catch(() => undefined)
  })
  return { close: async () => stop() }
}

beforeEach(async () => {
  cluster = startTestCluster(start)
  const rollingUpdate = { maxSurge: 2, maxUnavailable: 0 }
  const made = makeDeployment({ replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate } })
  const annotations = { [PAUSE_ON_FAILURE_ANNOTATION]: 'true' }
  await cluster.client.create(deployments, {
    ...made,
    metadata: { ...made.metadata, annotations },
  })
  await cluster.until(async () => (await web()).status?.availableReplicas === 4)
  await change({ template: { spec: { containers: [{ name: 'main', image: 'nginx:bad' }] } } })
  await cluster.until(async () => (await web()).spec.paused === true)
})
afterEach(() => cluster.close())

const web = () => cluster.get(deployments, 'web')
const change = (spec: object): Promise<Deployment> =>
  cluster.client.patch(
    deployments,
    { namespace: 'default', name: 'web' },
    { spec },
    { type: 'merge' },
  )
const livePods = async (image: string): Promise<Pod[]> =>
  (await cluster.client.list(pods)).items.filter(
    (pod) => !isBeingDeleted(pod) && pod.spec.containers[0]?.image === image,
  )
const rolloutPaused = async () => conditionOf((await web()).status?.conditions, 'RolloutPaused')

test('says which pods failed and who still serves, and takes no good pod away', async () => {
  const { annotations = {} } = (await web()).metadata
  expect(annotations[PAUSED_REVISION_ANNOTATION]).toBe('2')
  const [first] = await livePods('nginx:bad')
  expect(annotations[PAUSED_PODS_ANNOTATION]).toContain(first?.metadata.name)
  const owner = controllerOf(first!)?.name
  await expect.poll(async () => (await rolloutPaused())?.message).toContain(owner)
  const [said] = await cluster.eventsOf('RolloutPaused')
  expect(said).toContain('(ImagePullBackOff). 4 of 4 older pods still serve.')
  expect((await livePods('nginx:v1')).filter(isPodReady)).toHaveLength(4)
})

test('a resumed rollout proceeds and is not paused again for the same revision', async () => {
  await change({ paused: null })
  await cluster.until(async () => {
    const { metadata, status } = await web()
    return status?.observedGeneration === metadata.generation
  })
  for (const pod of await livePods('nginx:bad')) {
    await cluster.client.delete(pods, { namespace: 'default', name: pod.metadata.name! })
  }
  await cluster.until(async () => (await livePods('nginx:bad')).length === 2)
  expect((await web()).spec.paused).toBeUndefined()
  expect(await rolloutPaused()).toBeUndefined()
  expect(await cluster.eventsOf('RolloutPaused')).toHaveLength(1)
})

test('the earlier template ends the pause, and the same failure later is a new one', async () => {
  const image = (name: string) => ({
    template: { spec: { containers: [{ name: 'main', image: name }] } },
  })
  await change(image('nginx:v1'))
  await cluster.until(async () => {
    const { metadata, spec, status } = await web()
    const marked = metadata.annotations?.[PAUSED_REVISION_ANNOTATION] !== undefined
    return !marked && !spec.paused && status?.updatedReplicas === 4
  })
  await cluster.until(async () => (await livePods('nginx:bad')).length === 0)
  await change(image('nginx:bad'))
  await cluster.until(async () => (await web()).spec.paused === true)
  expect((await web()).metadata.annotations?.[PAUSED_REVISION_ANNOTATION]).toBe('4')
  expect((await cluster.client.list(replicaSets)).items).toHaveLength(2)
})
