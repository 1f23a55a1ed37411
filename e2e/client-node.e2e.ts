// Programs written against the client library of JavaScript: informers, leader election, exec, port-forward, apply.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import {
  ApiException,
  ApisApi,
  AppsV1Api,
  Attach,
  CoordinationV1Api,
  CoreV1Api,
  Cp,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  Metrics,
  PatchStrategy,
  PortForward,
  V1MicroTime,
} from '@kubernetes/client-node'
import type { V1ConfigMap, V1Lease, V1Status } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, makeDirectory, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const dataDir = makeDirectory()
const ARGS = ['--demo', 'none', '--nodes', '1']
let podium: Product
let config: KubeConfig
let core: CoreV1Api

beforeAll(async () => {
  podium = await startProduct(ARGS, dataDir)
  config = new KubeConfig()
  config.loadFromFile(podium.kubeconfig)
  core = config.makeApiClient(CoreV1Api)
  await core.createNamespacedPod({
    namespace: 'default',
    body: {
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'podium/web:v1' }] },
    },
  })
  await eventually('the pod is ready', async () => {
    const { status } = await core.readNamespacedPod({ name: 'web', namespace: 'default' })
    return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  })
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(dataDir)
})

const codeOf = (error: unknown): number | undefined =>
  error instanceof ApiException ? error.code : undefined

/** Text that arrives in a stream. */
function collect(stream: PassThrough): () => string {
  let text = ''
  stream.on('data', (more) => (text += String(more)))
  return () => text
}

test('typed calls, and errors as Status', async () => {
  const { versions } = await config
    .makeApiClient(ApisApi)
    .getAPIVersions()
    .then(({ groups }) => ({
      versions: groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion)),
    }))
  expect(versions).toContain('apps/v1')
  const apps = config.makeApiClient(AppsV1Api)
  const missing = apps.readNamespacedDeployment({ name: 'nobody', namespace: 'default' })
  await expect(missing).rejects.toMatchObject({ code: 404 })
  const said = await missing.catch(
    (error: ApiException<string>) => JSON.parse(error.body) as V1Status,
  )
  expect(said).toMatchObject({ reason: 'NotFound', message: 'deployments.apps "nobody" not found' })
  const pages = await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=web' })
  expect(pages.items.map(({ metadata }) => metadata?.name)).toEqual(['web'])
  expect(pages.items[0]?.metadata?.creationTimestamp).toBeInstanceOf(Date)
  const { items } = await eventually('measured use', async () => {
    const use = await new Metrics(config).getPodMetrics('default')
    return use.items.length > 0 && use
  })
  expect(items[0]?.containers[0]?.usage.cpu).toMatch(/^\d+n$/)
})

test('objects of any kind: create, apply with an owner, conflict, delete; custom objects too', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config)
  const map = (value: string): V1ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owned', namespace: 'default' },
    data: { value },
  })
  const apply = (value: string, owner: string, force: boolean): Promise<V1ConfigMap> =>
    objects.patch(map(value), undefined, undefined, owner, force, PatchStrategy.ServerSideApply)
  await apply('one', 'first', false)
  await expect(apply('two', 'second', false)).rejects.toMatchObject({ code: 409 })
  expect((await apply('two', 'second', true)).data).toEqual({ value: 'two' })
  const other = map('three')
  await objects.delete(other)
  await expect(objects.read(map('') as never)).rejects.toMatchObject({ code: 404 })

  await objects.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'acts.show.example' },
    spec: {
      group: 'show.example',
      scope: 'Namespaced',
      names: { plural: 'acts', singular: 'act', kind: 'Act' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', x_kubernetes_preserve_unknown_fields: true },
              },
            },
          },
        },
      ],
    },
  } as never)
  const act = { group: 'show.example', version: 'v1', namespace: 'default', plural: 'acts' }
  const body = {
    apiVersion: 'show.example/v1',
    kind: 'Act',
    metadata: { name: 'a' },
    spec: { x: 1 },
  }
  await config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({ ...act, body })
  const listed = await objects.list('show.example/v1', 'Act', 'default')
  expect(listed.items).toMatchObject([{ metadata: { name: 'a' }, spec: { x: 1 } }])
})

test('exec: streams, input, a terminal, exit codes', async () => {
  const [out, err, input] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const [said, complained] = [collect(out), collect(err)]
  const exec = new Exec(config)
  const inPod = (command: string[], tty = false): Promise<V1Status> =>
    new Promise((resolve, reject) => {
      exec
        .exec('default', 'web', 'web', command, out, tty ? null : err, input, tty, resolve)
        .catch(reject)
    })
  const reading = inPod(['sh', '-c', 'read name; echo hello $name; echo oh >&2; exit 7'])
  input.write('world\n')
  const status = await reading
  expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' })
  expect(status.details?.causes).toEqual([{ reason: 'ExitCode', message: '7' }])
  await eventually('all of the output', () => said() === 'hello world\n' && complained() === 'oh\n')
  expect(await inPod(['test', '-t', '1'], true)).toMatchObject({ status: 'Success' })
  await expect(
    exec.exec('default', 'nobody', 'web', ['true'], out, err, null, false),
  ).rejects.toThrow('404')
})

test('cp, logs and attach', async () => {
  const folder = path.join(dataDir, 'sent')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'program'), 'fifty')
  const back = path.join(dataDir, 'back')
  mkdirSync(back)
  const cp = new Cp(config)
  await cp.cpToPod('default', 'web', 'web', folder, '/tmp')
  await eventually('the file is there', () =>
    podium.kubectlOk('exec', 'web', '--', 'cat', 'tmp/program').then(
      (text) => text === 'fifty',
      () => false,
    ),
  )
  await cp.cpFromPod('default', 'web', 'web', 'program', back, '/tmp')
  await eventually(
    'the file came back',
    () => readFileSync(path.join(back, 'program'), 'utf8') === 'fifty',
  )

  await core.createNamespacedPod({
    namespace: 'default',
    body: {
      metadata: { name: 'talks' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'c',
            image: 'busybox',
            stdin: true,
            command: ['sh', '-c', 'echo ready; read x; echo got $x'],
          },
        ],
      },
    },
  })
  const [lines, input] = [new PassThrough(), new PassThrough()]
  const log = collect(lines)
  await eventually('its log can be followed', () =>
    new Log(config).log('default', 'talks', 'c', lines, { follow: true }),
  )
  await eventually('it is ready', () => log() === 'ready\n')
  await new Attach(config).attach('default', 'talks', 'c', new PassThrough(), null, input, false)
  input.write('word\n')
  await eventually('it was told', () => log() === 'ready\ngot word\n')
})

test('port-forward: a server of one’s own before a pod', async () => {
  const forward = new PortForward(config)
  const server = net.createServer((socket) => {
    void forward.portForward('default', 'web', [80], socket, null, socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  const visit = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = http.get({ port, host: '127.0.0.1', agent: false }, (answer) => {
        answer.resume()
        resolve(String(answer.headers['x-pod']))
      })
      asked.on('error', reject)
    })
  expect(await Promise.all(Array.from({ length: 10 }, visit))).toEqual(Array(10).fill('web'))
  server.close()
})

/** How a leader is elected with a Lease (client-go/tools/leaderelection): who holds it renews it, who finds it lapsed takes it. */
function candidate(name: string, leases: CoordinationV1Api) {
  const key = { name: 'stage-manager', namespace: 'default' }
  let seen = { version: '', at: 0 }
  const spec = (held: V1Lease | undefined): V1Lease['spec'] => {
    const mine = held?.spec?.holderIdentity === name
    const now = new V1MicroTime()
    return {
      holderIdentity: name,
      leaseDurationSeconds: 1,
      renewTime: now,
      acquireTime: mine ? (held?.spec?.acquireTime ?? now) : now,
      leaseTransitions: (held?.spec?.leaseTransitions ?? -1) + (mine ? 0 : 1),
    }
  }
  /** Tries once; true when this candidate leads. What others wrote is judged by this candidate's own clock only. */
  async function tries(): Promise<boolean> {
    try {
      const held = await leases.readNamespacedLease(key)
      const version = held.metadata?.resourceVersion ?? ''
      if (version !== seen.version) seen = { version, at: Date.now() }
      const isFree = Date.now() - seen.at > 1000 || held.spec?.holderIdentity === ''
      if (held.spec?.holderIdentity !== name && !isFree) return false
      await leases.replaceNamespacedLease({
        ...key,
        body: { metadata: held.metadata!, spec: spec(held)! },
      })
      return true
    } catch (error) {
      if (codeOf(error) === 409) return false
      if (codeOf(error) !== 404) throw error
      const body: V1Lease = { metadata: { name: key.name }, spec: spec(undefined)! }
      return leases.createNamespacedLease({ namespace: key.namespace, body }).then(
        () => true,
        () => false,
      )
    }
  }
  return { name, tries }
}

test('leader election with a Lease: one leader at a time, the next one when it falls silent', async () => {
  const leases = config.makeApiClient(CoordinationV1Api)
  const candidates = ['ann', 'bob', 'cleo', 'dan'].map((name) => candidate(name, leases))
  const terms: string[] = []
  let alive = candidates
  for (let term = 0; term < 3; term++) {
    const leader = await eventually(`a leader of term ${term}`, async () => {
      const leading = await Promise.all(alive.map(async (one) => (await one.tries()) && one))
      const leaders = leading.filter((one) => one !== false)
      expect(leaders.length).toBeLessThanOrEqual(1)
      return leaders[0]
    })
    terms.push(leader.name)
    expect(await leader.tries()).toBe(true)
    alive = alive.filter((one) => one !== leader)
    for (const other of alive) expect(await other.tries()).toBe(false)
  }
  expect(new Set(terms).size).toBe(3)
  const lease = await leases.readNamespacedLease({ name: 'stage-manager', namespace: 'default' })
  expect(lease.spec).toMatchObject({ holderIdentity: terms[2], leaseTransitions: 2 })
})

test('an informer lives through stop, kill -9 and start, and misses no change', async () => {
  const namespace = 'default'
  const labels = { feed: 'yes' }
  const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'feed=yes' })
  const where = `/api/v1/namespaces/${namespace}/configmaps`
  const informer = makeInformer<V1ConfigMap>(config, where, list, 'feed=yes')
  const seen = new Set<string>()
  const versionOf = ({ metadata }: V1ConfigMap): string => metadata?.resourceVersion ?? ''
  for (const verb of ['add', 'update'] as const) {
    informer.on(verb, (object) => seen.add(`${object.metadata?.name} ${versionOf(object)}`))
  }
  informer.on('delete', ({ metadata }) => seen.add(`${metadata?.name} deleted`))
  let failures = 0
  let isDone = false
  informer.on('error', () => {
    failures += 1
    if (!isDone) setTimeout(() => void informer.start(), 300)
  })
  await informer.start()

  const acknowledged: string[] = []
  const write = async (name: string): Promise<void> => {
    const body: V1ConfigMap = { metadata: { name, labels } }
    const made = await core.createNamespacedConfigMap({ namespace, body })
    acknowledged.push(`${name} ${versionOf(made)}`)
    const changed = { metadata: made.metadata!, data: { changed: 'yes' } }
    const replaced = await core.replaceNamespacedConfigMap({ name, namespace, body: changed })
    acknowledged.push(`${name} ${versionOf(replaced)}`)
    await core.deleteNamespacedConfigMap({ name, namespace })
    acknowledged.push(`${name} deleted`)
  }
  const apiPort = new URL(config.getCurrentCluster()?.server ?? '').port
  const ends = [() => podium.kill(), async () => void (await podium.stop())]
  for (const [round, end] of ends.entries()) {
    // The last changes before the end come while the informer may not have read them yet; the first ones of the new
    // server come before the informer is back.
    await Promise.all(Array.from({ length: 10 }, (_, i) => write(`before-${round}-${i}`)))
    await end()
    podium = await startProduct([...ARGS, '--api-port', apiPort], dataDir)
    await Promise.all(Array.from({ length: 10 }, (_, i) => write(`after-${round}-${i}`)))
  }
  expect(acknowledged).toHaveLength(120)
  await eventually('every change arrived', () => acknowledged.every((change) => seen.has(change)))
  expect(failures).toBeGreaterThan(0)
  expect(informer.list()).toEqual((await list()).items)
  isDone = true
  await informer.stop()
})
