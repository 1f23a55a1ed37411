// What happens inside a pod, with real processes: probes, hooks, volumes, logs, use.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { configMaps, endpointSlices, events, pods, secrets } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { NodeUnderTest } from './testing/node-under-test.ts'
import { IDLE, NODE, script, startNode, textOf, waitFor } from './testing/node-under-test.ts'

let node: NodeUnderTest
afterEach(() => node.close())

const state = (pod: Pod) => pod.status?.containerStatuses?.[0]
const log = (pod: string, more = {}) =>
  node.kubelet.logs({ namespace: 'default', pod, container: 'main', ...more })
const podFile = (pod: Pod, file: string) =>
  path.join(node.dataDir, 'nodes', NODE, 'pods', pod.metadata.uid!, file)

/** Answers on POD_IP:8080 with a status code that `file` in the container's root holds, 200 without it. */
const SERVER = `const fs=require('fs');require('http').createServer((q,s)=>{let c=200;try{c=Number(fs.readFileSync('code','utf8'))}catch{};s.statusCode=c;s.end()}).listen(8080,process.env.POD_IP);process.on('SIGTERM',()=>process.exit(0))`
const http = { httpGet: { path: '/', port: 'web' }, periodSeconds: 1, failureThreshold: 1 }
const ports = [{ name: 'web', containerPort: 8080 }]

test('readiness follows an http probe, in both directions', async () => {
  node = await startNode()
  await node.run('a', { containers: [script(SERVER, { ports, readinessProbe: http })] })
  const pod = await node.until('a', isPodReady)
  const code = podFile(pod, 'containers/main/root/code')
  await writeFile(code, '503')
  const unready = await node.until('a', (p) => !isPodReady(p))
  expect(unready.status?.phase).toBe('Running')
  expect(state(unready)).toMatchObject({ ready: false, started: true, restartCount: 0 })
  await writeFile(code, '200')
  await node.until('a', isPodReady)
  const messages = (await node.client.list(events)).items.map(({ message }) => message)
  expect(messages).toContain('Readiness probe failed: HTTP probe failed with statuscode: 503')
})

test('a liveness probe restarts its container; a startup probe holds everything back', async () => {
  node = await startNode()
  const exec = { exec: { command: ['test', '-e', 'up'] }, periodSeconds: 1, failureThreshold: 30 }
  const containers = [script(SERVER, { ports, startupProbe: exec, livenessProbe: http })]
  await node.run('a', { containers })
  const waiting = await node.until('a', (p) => p.status?.phase === 'Running')
  expect(state(waiting)).toMatchObject({ started: false, ready: false })
  await writeFile(podFile(waiting, 'containers/main/root/up'), '')
  const ready = await node.until('a', isPodReady)
  await writeFile(podFile(ready, 'containers/main/root/code'), '500')
  const restarted = await node.until('a', (p) => state(p)?.restartCount === 1)
  expect(state(restarted)?.lastState?.terminated?.exitCode).toBe(0)
  const messages = (await node.client.list(events)).items.map(({ message }) => message)
  expect(messages).toContain('Container main failed liveness probe, will be restarted')
})

test('a tcp probe and postStart and preStop hooks', async () => {
  node = await startNode()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podium-hooks-'))
  const notes = path.join(folder, 'notes')
  const note = (text: string) => ({ exec: { command: ['sh', '-c', `echo ${text} >> ${notes}`] } })
  await node.run('a', {
    containers: [
      script(
        `process.on('SIGTERM',()=>{require('fs').appendFileSync('${notes}','term\\n');process.exit(0)});require('net').createServer().listen(8080,process.env.POD_IP)`,
        {
          readinessProbe: { tcpSocket: { port: 8080 } },
          lifecycle: { postStart: note('started'), preStop: note('stopping') },
        },
      ),
    ],
  })
  await node.until('a', isPodReady)
  await node.client.delete(pods, { namespace: 'default', name: 'a' })
  await node.gone('a')
  expect(await readFile(notes, 'utf8')).toBe('started\nstopping\nterm\n')
})

test('a postStart hook that fails restarts the container', async () => {
  node = await startNode()
  const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'echo no; exit 1'] } } }
  await node.run('a', { containers: [script(IDLE, { lifecycle })] })
  await node.until('a', (p) => (state(p)?.restartCount ?? 0) >= 1)
  const found = (await node.client.list(events)).items.find(
    ({ reason }) => reason === 'FailedPostStartHook',
  )
  expect(found?.message).toBe('PostStartHook failed: no')
})

test('SIGTERM comes only when no EndpointSlice calls the pod ready any more', async () => {
  node = await startNode()
  const code = `process.on('SIGTERM',()=>{require('fs').writeFileSync(process.env.PODIUM_TERMINATION_LOG,String(Date.now()));process.exit(0)});console.log('up');setInterval(()=>{},1000)`
  await node.run('a', { containers: [script(code)] })
  const pod = await node.until('a', isPodReady)
  await waitFor(
    async () => (await textOf(log('a'))) === 'up\n',
    () => 'not up',
  )
  const endpoint = (ready: boolean) => [{ addresses: [pod.status!.podIP!], conditions: { ready } }]
  const slice = await node.client.create(endpointSlices, {
    metadata: { name: 's', namespace: 'default' },
    addressType: 'IPv4' as const,
    endpoints: endpoint(true),
  })
  const seen: Pod[] = []
  const watching = node.client.watch(pods, {}, (event) => seen.push(event.object))
  await node.client.delete(pods, { namespace: 'default', name: 'a' })
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(isPodReady(await node.pod('a'))).toBe(true)
  const goneAt = Date.now()
  await node.client.update(endpointSlices, { ...slice, endpoints: endpoint(false) })
  await node.gone('a')
  watching.close()
  const told = Number(state(seen.at(-1)!)?.state?.terminated?.message)
  expect(told).toBeGreaterThanOrEqual(goneAt)
  expect(told).toBeLessThan(goneAt + 1500)
})

test('volumes of every kind appear under the root, and ConfigMaps are kept up to date', async () => {
  node = await startNode()
  const client = node.client
  const made = await client.create(configMaps, {
    metadata: { name: 'cm', namespace: 'default' },
    data: { 'a.txt': 'one', b: 'two' },
  })
  await client.create(secrets, {
    metadata: { name: 's', namespace: 'default' },
    data: { key: Buffer.from('hidden').toString('base64') },
  })
  const host = await mkdtemp(path.join(os.tmpdir(), 'podium-host-'))
  await writeFile(path.join(host, 'file'), 'of the host')
  const mount = (name: string, mountPath: string, subPath?: string) => ({
    name,
    mountPath,
    ...(subPath && { subPath }),
  })
  await node.run('a', {
    volumes: [
      { name: 'cm', configMap: { name: 'cm' } },
      {
        name: 's',
        secret: { secretName: 's', items: [{ key: 'key', path: 'deep/k', mode: 0o400 }] },
      },
      { name: 'e', emptyDir: {} },
      { name: 'h', hostPath: { path: host, type: 'Directory' } },
      {
        name: 'd',
        downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
      },
      {
        name: 'p',
        projected: {
          sources: [
            { configMap: { name: 'cm', items: [{ key: 'b', path: 'from-cm' }] } },
            { secret: { name: 's' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          ],
        },
      },
    ],
    containers: [
      script(IDLE, {
        volumeMounts: [
          mount('cm', '/etc/cm'),
          mount('s', '/etc/s'),
          mount('e', '/cache'),
          mount('e', '/cache/nested/sub', 'sub'),
          mount('h', '/host'),
          mount('d', '/etc/pod'),
          mount('p', '/etc/all'),
        ],
      }),
    ],
  })
  const pod = await node.until('a', isPodReady)
  const text = (file: string) => readFile(podFile(pod, `containers/main/root/${file}`), 'utf8')
  expect(await text('etc/cm/a.txt')).toBe('one')
  expect(await text('etc/s/deep/k')).toBe('hidden')
  expect(await text('host/file')).toBe('of the host')
  expect(await text('etc/pod/labels')).toBe('app="a"')
  expect(await text('etc/all/from-cm')).toBe('two')
  expect(await text('etc/all/key')).toBe('hidden')
  expect(await text('etc/all/ca.crt')).toBe('the authority')
  await client.update(configMaps, { ...made, data: { 'a.txt': 'new' } })
  await waitFor(
    async () => (await text('etc/cm/a.txt')) === 'new',
    () => 'not updated',
  )
  await expect(text('etc/cm/b')).rejects.toThrow('ENOENT')
  await client.delete(pods, { namespace: 'default', name: 'a' })
  await node.gone('a')
  expect(await readFile(path.join(host, 'file'), 'utf8')).toBe('of the host')
})

test('a pod waits for a ConfigMap that is not there yet', async () => {
  node = await startNode()
  await node.run('a', {
    volumes: [{ name: 'cm', configMap: { name: 'late' } }],
    containers: [script(IDLE, { volumeMounts: [{ name: 'cm', mountPath: '/etc/cm' }] })],
  })
  const mountEvent = async () =>
    (await node.client.list(events)).items.find(({ reason }) => reason === 'FailedMount')
  await waitFor(
    async () => (await mountEvent()) !== undefined,
    () => 'no event',
  )
  expect((await mountEvent())?.message).toBe(
    'MountVolume.SetUp failed for volume "cm" : configmap "late" not found',
  )
  expect(state(await node.pod('a'))?.state?.waiting?.reason).toBe('ContainerCreating')
  await node.client.create(configMaps, { metadata: { name: 'late', namespace: 'default' } })
  await node.until('a', isPodReady)
})

test('logs follow until the container is gone, and say when there are none', async () => {
  node = await startNode()
  await node.run('a', {
    containers: [script(`console.log('hello');console.error('oops');${IDLE}`)],
  })
  await node.run('b', { containers: [{ name: 'main', image: 'none' }] })
  await node.until('a', isPodReady)
  const following = textOf(log('a', { follow: true }))
  await waitFor(
    async () => (await textOf(log('a'))) === 'hello\noops\n',
    () => 'no log',
  )
  await node.client.delete(pods, { namespace: 'default', name: 'a' })
  expect(await following).toBe('hello\noops\n')
  await node.until('b', (p) => state(p)?.state?.waiting?.reason !== undefined)
  await expect(textOf(log('b'))).rejects.toMatchObject({ code: 400 })
  await expect(textOf(log('nobody'))).rejects.toMatchObject({ code: 404 })
})

test('the last words of a failure may come from the log', async () => {
  node = await startNode()
  await node.run('a', {
    restartPolicy: 'Never',
    containers: [
      script(`console.log('why it failed');process.exitCode=2`, {
        terminationMessagePolicy: 'FallbackToLogsOnError',
      }),
    ],
  })
  const pod = await node.until('a', (p) => p.status?.phase === 'Failed')
  expect(state(pod)?.state?.terminated).toMatchObject({ exitCode: 2, message: 'why it failed\n' })
})

test('the use of a container is measured from its processes', async () => {
  node = await startNode()
  await node.run('a', {
    containers: [script(`while(process.cpuUsage().user<3e5);${IDLE}`)],
  })
  await node.until('a', isPodReady)
  await waitFor(
    () => (node.kubelet.use()[0]?.containers[0]?.cpuSeconds ?? 0) >= 0.2,
    () => 'no use',
  )
  await waitFor(
    () => node.kubelet.use()[0]?.containers[0]?.cpuCores !== null,
    () => 'no rate',
  )
  const [use] = node.kubelet.use()
  expect(use).toMatchObject({ namespace: 'default', name: 'a', node: 'node-1' })
  const [container] = use!.containers
  expect(container).toMatchObject({ name: 'main', processes: 1 })
  expect(container!.memoryBytes).toBeGreaterThan(5 * 2 ** 20)
  expect(container!.residentBytes).toBeGreaterThan(container!.memoryBytes)
})

test('a container runs in its working directory, with commands expanded', async () => {
  node = await startNode()
  await node.run('a', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'echo $(WHO) $$; pwd; echo "$PODIUM_ROOT"'],
        env: [{ name: 'WHO', value: 'me' }],
        workingDir: '/srv/app',
      },
    ],
  })
  await node.until('a', (p) => p.status?.phase === 'Succeeded')
  const [first, cwd, root] = (await textOf(log('a'))).split('\n')
  expect(first).toBe('me $')
  expect(cwd).toBe(`${root}/srv/app`)
})
