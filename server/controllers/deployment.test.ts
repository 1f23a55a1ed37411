import { afterEach, beforeEach, expect, test } from 'vitest'
import { deployments, pods, replicaSets } from '../../shared/kubernetes/kinds.ts'
import { controllerOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import { REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { templateHash } from './deployment-history.ts'
import { startDeployments } from './deployment.ts'
import { startReplicaSets } from './replicaset.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makeDeployment, makePod } from './testing/objects.ts'

let cluster: TestCluster
/** Fewest ready and most pods seen since the last reset. */
let extremes = { ready: Infinity, pods: 0 }

function start(deps: RoomDeps): Running {
  const running = [startDeployments(deps), startReplicaSets(deps), startKubelet(deps)]
  return { close: async () => void (await Promise.all(running.map((one) => one.close()))) }
}

/** Makes every pod ready that is not of the image `nginx:bad`, and lets leaving ones go. */
function startKubelet({ client, informers }: RoomDeps): Running {
  const informer = informers.of(pods)
  const stop = informer.subscribe(({ type, object }) => {
    const live = [...informer.all()].filter((pod) => !isBeingDeleted(pod))
    extremes.ready = Math.min(extremes.ready, live.filter(isPodReady).length)
    extremes.pods = Math.max(extremes.pods, live.length)
    const bad = object.spec.containers[0]?.image === 'nginx:bad'
    if (type === 'deleted' || bad || isPodReady(object) || isBeingDeleted(object)) return
    const { status } = makePod({ ip: '127.200.0.1' })
    void client
      .update(pods, { ...object, status: status! }, { subresource: 'status' })
      .catch(() => undefined)
  })
  return { close: async () => stop() }
}

beforeEach(() => {
  cluster = startTestCluster(start)
})
afterEach(() => cluster.close())

const web = () => cluster.get(deployments, 'web')
const setImage = (image: string): Promise<Deployment> => {
  const spec = { template: { spec: { containers: [{ name: 'main', image }] } } }
  return cluster.client.patch(
    deployments,
    { namespace: 'default', name: 'web' },
    { spec },
    { type: 'merge' },
  )
}
const images = async () =>
  (await cluster.client.list(pods)).items.map((pod) => pod.spec.containers[0]?.image)
const rolledOut = async (): Promise<boolean> => {
  const { metadata, spec, status } = await web()
  const counts = [status?.updatedReplicas, status?.availableReplicas, status?.replicas]
  return (
    status?.observedGeneration === metadata.generation &&
    counts.every((count) => count === spec.replicas)
  )
}

test('rolls out, updates within its budget, goes back', async () => {
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 }
  await cluster.client.create(
    deployments,
    makeDeployment({ replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate } }),
  )
  await cluster.until(rolledOut)
  const [first] = (await cluster.client.list(replicaSets)).items
  extremes = { ready: Infinity, pods: 0 }
  await setImage('nginx:v2')
  await cluster.until(rolledOut)
  expect(await images()).toEqual(Array.from({ length: 4 }, () => 'nginx:v2'))
  expect(extremes).toEqual({ ready: 4, pods: 5 })
  await setImage('nginx:v1')
  await cluster.until(rolledOut)
  const sets = (await cluster.client.list(replicaSets)).items
  expect(sets).toHaveLength(2)
  const back = sets.find((set) => set.metadata.uid === first?.metadata.uid)
  expect(back?.metadata.annotations?.[REVISION_ANNOTATION]).toBe('3')
  expect((await web()).metadata.annotations?.[REVISION_ANNOTATION]).toBe('3')
  const scaled = await cluster.eventsOf('ScalingReplicaSet')
  expect(scaled).toContain(`Scaled up replica set ${first?.metadata.name} from 0 to 4`)
  expect(scaled).toContain(`Scaled down replica set ${first?.metadata.name} from 4 to 3`)
})

test('a bad release does not take away the good pods', async () => {
  await cluster.client.create(deployments, makeDeployment({ replicas: 4 }))
  await cluster.until(rolledOut)
  extremes = { ready: Infinity, pods: 0 }
  await setImage('nginx:bad')
  await expect.poll(async () => (await images()).includes('nginx:bad')).toBe(true)
  await cluster.until(async () => (await web()).status?.unavailableReplicas === 2)
  expect(extremes.ready).toBeGreaterThanOrEqual(3)
  await setImage('nginx:v1')
  await cluster.until(rolledOut)
  expect(extremes.ready).toBeGreaterThanOrEqual(3)
})

test('a name that is taken by somebody else is avoided', async () => {
  const deployment = makeDeployment()
  const name = `web-${templateHash(deployment.spec.template, 0)}`
  const stranger = { metadata: { name, namespace: 'default' }, spec: { replicas: 0, selector: {} } }
  await cluster.client.create(replicaSets, stranger)
  await cluster.client.create(deployments, deployment)
  await cluster.until(rolledOut)
  expect((await web()).status?.collisionCount).toBe(1)
  const set = await cluster.get(replicaSets, `web-${templateHash(deployment.spec.template, 1)}`)
  expect(controllerOf(set)?.name).toBe('web')
})
