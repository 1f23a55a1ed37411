// How fast pods come, change and go: one Deployment, watched from outside.
import { ask, follow } from './wire.mjs'
import { sleep } from './target.mjs'

const NAME = 'bench'
const LIMIT_MS = 300_000

const isRunningAndReady = ({ status }) =>
  status?.phase === 'Running' &&
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

const deployments = (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`

export async function createDeployment(target, namespace) {
  const labels = { app: NAME }
  const container = {
    name: 'main',
    image: 'nginx:v1',
    ports: [{ containerPort: 80 }],
    env: [{ name: 'LEVEL', value: 'info' }],
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
  }
  await ask(target, 'POST', deployments(namespace), {
    metadata: { name: NAME, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
}

/** Counts the namespace's pods that are Ready, as a watch from outside sees them. */
async function countPods(target, namespace) {
  const ready = new Set()
  const there = new Set()
  let told = () => undefined
  const stop = await follow(target, `/api/v1/namespaces/${namespace}/pods?watch=1`, (line) => {
    const { type, object } = JSON.parse(line)
    if (type === 'ERROR') throw new Error(`the watch ended: ${line}`)
    const { name } = object.metadata
    if (type === 'DELETED') there.delete(name)
    else there.add(name)
    if (type !== 'DELETED' && isRunningAndReady(object)) ready.add(name)
    else ready.delete(name)
    told()
  })
  const reached = (holds) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${there.size} pods, ${ready.size} ready`)),
        LIMIT_MS,
      )
      told = () => {
        if (!holds()) return
        told = () => undefined
        clearTimeout(timer)
        resolve()
      }
      told()
    })
  return {
    stop,
    ready: (count) => reached(() => ready.size >= count),
    gone: () => reached(() => there.size === 0),
  }
}

const merge = 'application/merge-patch+json'

function scale(target, namespace, replicas) {
  const path = `${deployments(namespace)}/${NAME}/scale`
  return ask(target, 'PATCH', path, { spec: { replicas } }, merge)
}

/** Seconds that 0 -> n, a rolling update (when asked for) and n -> 0 take, and the memory while n stand. */
export async function measurePods(target, namespace, count, { updates }) {
  const pods = await countPods(target, namespace)
  const timed = async (act, done) => {
    const [began, cpu] = [performance.now(), target.cpu()]
    const end = done()
    await act()
    await end
    return { seconds: (performance.now() - began) / 1000, cpu: target.cpu() - cpu }
  }
  const up = await timed(
    () => scale(target, namespace, count),
    () => pods.ready(count),
  )
  await sleep(2000)
  const rss = target.rss()
  const update = updates ? await measureUpdate(target, namespace, count) : undefined
  if (updates) await sleep(1000)
  const down = await timed(
    () => scale(target, namespace, 0),
    () => pods.gone(),
  )
  pods.stop()
  await sleep(1000)
  return { up, rss, update, down }
}

/** What `kubectl rollout status` waits for. */
function isRolledOut({ metadata, spec, status }) {
  return (
    (status.observedGeneration ?? 0) >= metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas === spec.replicas
  )
}

async function measureUpdate(target, namespace) {
  const path = `${deployments(namespace)}/${NAME}`
  const before = await ask(target, 'GET', path)
  const [container] = before.spec.template.spec.containers
  const image = container.image === 'nginx:v1' ? 'nginx:v2' : 'nginx:v1'
  let done
  const finished = new Promise((resolve) => (done = resolve))
  const query = `watch=1&fieldSelector=metadata.name%3D${NAME}&resourceVersion=${before.metadata.resourceVersion}`
  let generation = Infinity
  let newest = before
  const stop = await follow(target, `${deployments(namespace)}?${query}`, (line) => {
    newest = JSON.parse(line).object
    if (newest.metadata.generation >= generation && isRolledOut(newest)) done()
  })
  const began = performance.now()
  const patch = { spec: { template: { spec: { containers: [{ ...container, image }] } } } }
  const patched = await ask(target, 'PATCH', path, patch, merge)
  generation = patched.metadata.generation
  if (newest.metadata.generation >= generation && isRolledOut(newest)) done()
  await finished
  stop()
  return (performance.now() - began) / 1000
}
