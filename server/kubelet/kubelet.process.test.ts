import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { events, leases, nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import { processesWith } from './runtime/processes.ts'
import type { NodeUnderTest } from './testing/node-under-test.ts'
import { IDLE, NODE, script, startNode, textOf, waitFor } from './testing/node-under-test.ts'

let node: NodeUnderTest
const processes = () => processesWith(new Set([`PODIUM_CLUSTER=${node.clusterId}`]))
afterEach(() => node.close())

const state = (pod: Pod) => pod.status?.containerStatuses?.[0]
const key = (name: string) => ({ namespace: 'default', name })

describe('a node', () => {
  test('registers itself, renews its lease and says what it is', async () => {
    node = await startNode({ heartbeatMs: 50, labels: { zone: 'left' } })
    const self = await node.client.get(nodes, { name: NODE })
    await waitFor(
      async () => (await node.client.list(leases)).items.length === 1,
      () => 'no lease',
    )
    expect(self.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': NODE, zone: 'left' })
    expect(self.status?.capacity).toEqual({ cpu: '4', memory: '8Gi', pods: '110' })
    expect(self.status?.nodeInfo?.['containerRuntimeVersion']).toBe('podium://1')
    expect(conditionOf(self.status?.conditions, 'Ready')).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
    })
    const lease = (await node.client.list(leases)).items[0]!
    await waitFor(
      async () =>
        (await node.client.get(leases, { namespace: 'kube-node-lease', name: NODE })).spec
          ?.renewTime !== lease.spec?.renewTime,
      () => 'the lease is not renewed',
    )
  })

  test('whose object is deleted registers again', async () => {
    node = await startNode({ heartbeatMs: 50 })
    const { metadata } = await node.client.get(nodes, { name: NODE })
    await node.client.delete(nodes, { name: NODE })
    const again = () => node.client.get(nodes, { name: NODE }).catch(() => undefined)
    await waitFor(
      async () => (await again()) !== undefined,
      () => 'it stays away',
    )
    expect((await again())?.metadata.uid).not.toBe(metadata.uid)
  })

  test('failed on purpose: everything dies, silence, and afterwards pods start again', async () => {
    node = await startNode({ heartbeatMs: 50 })
    await node.run('a', { containers: [script(IDLE)] })
    await node.until('a', isPodReady)
    const annotate = (value: string | null) =>
      node.client.patch(
        nodes,
        { name: NODE },
        { metadata: { annotations: { 'podium.dev/failed': value } } },
        { type: 'merge' },
      )
    await annotate('true')
    await waitFor(
      async () => (await processes()).length === 0,
      () => 'processes live on',
    )
    const calls = node.client.calls.filter((call) => call.startsWith('patch')).length
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(node.client.calls.filter((call) => call.startsWith('patch')).length).toBe(calls)
    expect(isPodReady(await node.pod('a'))).toBe(true) // Nobody says otherwise: the node is silent.
    await annotate(null)
    const again = await node.until('a', (pod) => isPodReady(pod) && state(pod)?.restartCount === 1)
    expect(state(again)?.lastState?.terminated).toMatchObject({ exitCode: 255, reason: 'Unknown' })
  })
})

describe('a pod', () => {
  test('becomes Running and Ready with an address of its own, and says so in events', async () => {
    node = await startNode()
    await node.run('a', { containers: [script(IDLE)] })
    const pod = await node.until('a', isPodReady)
    expect(pod.status?.phase).toBe('Running')
    expect(pod.status?.podIP).toMatch(/^127\.\d+\.\d+\.1$/)
    expect(state(pod)).toMatchObject({ ready: true, started: true, restartCount: 0 })
    expect(state(pod)?.containerID).toMatch(/^podium:\/\/[0-9a-f]{64}$/)
    await waitFor(
      async () => (await node.client.list(events)).items.length >= 3,
      () => 'events are missing',
    )
    const list = (await node.client.list(events)).items.map(({ reason, message }) => [
      reason,
      message,
    ])
    expect(list).toEqual(
      expect.arrayContaining([
        ['Pulled', 'Container image "node:20" already present on machine'],
        ['Created', 'Created container: main'],
        ['Started', 'Started container main'],
      ]),
    )
  })

  test('is deleted in order: last words and final status first, then the object and its files', async () => {
    node = await startNode()
    const code = `process.on('SIGTERM',()=>{require('fs').writeFileSync(process.env.PODIUM_TERMINATION_LOG,'{"answered":7}');process.exit(0)});setInterval(()=>{},1000)`
    await node.run('a', { containers: [script(code)] })
    const { metadata } = await node.until('a', isPodReady)
    const seen: Pod[] = []
    const watching = node.client.watch(pods, {}, (event) => seen.push(event.object))
    // The program's handler must be in place before it is asked to stop.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await node.client.delete(pods, key('a'))
    await node.gone('a')
    watching.close()
    expect(state(seen.at(-1)!)?.state?.terminated).toMatchObject({
      exitCode: 0,
      reason: 'Completed',
      message: '{"answered":7}',
    })
    expect(seen.at(-1)?.status?.phase).toBe('Succeeded')
    expect(await readdir(path.join(node.dataDir, 'nodes', NODE, 'pods'))).not.toContain(
      metadata.uid,
    )
  })

  test('that ignores SIGTERM is killed after its grace period, with all it started', async () => {
    node = await startNode()
    const code = `process.on('SIGTERM',()=>{});require('child_process').spawn('sleep',['1000'],{detached:true});setInterval(()=>{},1000)`
    await node.run('a', { containers: [script(code)], terminationGracePeriodSeconds: 1 })
    await node.until('a', isPodReady)
    const seen: Pod[] = []
    const watching = node.client.watch(pods, {}, (event) => seen.push(event.object))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await node.client.delete(pods, key('a'))
    await node.gone('a')
    watching.close()
    expect(state(seen.at(-1)!)?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect(seen.at(-1)?.status?.phase).toBe('Failed')
    await waitFor(
      async () => (await processes()).length === 0,
      () => 'a grandchild lives on',
    )
  })

  test('that crashes restarts with growing pauses and shows why', async () => {
    node = await startNode({ backOffBaseMs: 400 })
    await node.run('a', { containers: [script('console.log("boom");process.exit(3)')] })
    const pod = await node.until(
      'a',
      (p) => state(p)?.state?.waiting?.reason === 'CrashLoopBackOff',
    )
    expect(pod.status?.phase).toBe('Running')
    expect(state(pod)?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
    expect(state(pod)?.state?.waiting?.message).toMatch(/^back-off 400ms restarting failed/)
    expect(conditionOf(pod.status?.conditions, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [main]',
    })
    const request = { namespace: 'default', pod: 'a', container: 'main' }
    expect(await textOf(node.kubelet.logs({ ...request, previous: true }))).toBe('boom\n')
    await node.until('a', (p) => (state(p)?.restartCount ?? 0) >= 3)
  })

  test('that may not restart ends Succeeded or Failed', async () => {
    node = await startNode()
    await node.run('good', { restartPolicy: 'Never', containers: [script('')] })
    await node.run('bad', { restartPolicy: 'OnFailure', containers: [script('')] })
    await node.run('worse', { restartPolicy: 'Never', containers: [script('process.exit(1)')] })
    const good = await node.until('good', (p) => p.status?.phase === 'Succeeded')
    expect(conditionOf(good.status?.conditions, 'Ready')?.reason).toBe('PodCompleted')
    await node.until('bad', (p) => p.status?.phase === 'Succeeded')
    await node.until('worse', (p) => p.status?.phase === 'Failed')
  })

  test('runs its init containers one after the other before its containers', async () => {
    node = await startNode()
    const shared = [{ name: 'work', mountPath: '/work' }]
    const write = (text: string) =>
      `require('fs').appendFileSync(process.env.PODIUM_ROOT+'/work/order','${text}')`
    await node.run('a', {
      volumes: [{ name: 'work', emptyDir: {} }],
      initContainers: [
        script(write('1'), { name: 'one', volumeMounts: shared }),
        script(write('2'), { name: 'two', volumeMounts: shared }),
      ],
      containers: [script(`${write('3')};${IDLE}`, { volumeMounts: shared })],
    })
    const pod = await node.until('a', isPodReady)
    expect(pod.status?.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true])
    const file = path.join(
      node.dataDir,
      'nodes',
      NODE,
      'pods',
      pod.metadata.uid!,
      'volumes/work/order',
    )
    await waitFor(
      async () => (await readFile(file, 'utf8')) === '123',
      () => 'wrong order',
    )
  })

  test('whose image is not there, or whose configuration is missing, says so', async () => {
    node = await startNode()
    await node.run('image', { containers: [{ name: 'main', image: 'redis:7' }] })
    await node.run('config', {
      containers: [
        script(IDLE, {
          env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'nope', key: 'a' } } }],
        }),
      ],
    })
    await node.run('command', {
      containers: [{ name: 'main', image: 'busybox', command: ['no-such-program'] }],
    })
    const image = await node.until(
      'image',
      (p) => state(p)?.state?.waiting?.reason === 'ErrImagePull',
    )
    expect(state(image)?.state?.waiting?.message).toContain("not in Podium's catalogue")
    expect(image.status?.phase).toBe('Pending')
    await node.until('image', (p) => state(p)?.state?.waiting?.reason === 'ImagePullBackOff')
    const config = await node.until(
      'config',
      (p) => state(p)?.state?.waiting?.reason === 'CreateContainerConfigError',
    )
    expect(state(config)?.state?.waiting?.message).toBe('configmap "nope" not found')
    const command = await node.until(
      'command',
      (p) => state(p)?.lastState?.terminated !== undefined,
    )
    expect(state(command)?.lastState?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: 'exec: "no-such-program": executable file not found in $PATH',
    })
  })

  test('has a deadline', async () => {
    node = await startNode()
    await node.run('a', { containers: [script(IDLE)], activeDeadlineSeconds: 1 })
    const pod = await node.until('a', (p) => p.status?.phase === 'Failed')
    expect(pod.status?.reason).toBe('DeadlineExceeded')
  })

  test('survives a restart of Podium as an object, and runs again', async () => {
    node = await startNode()
    await node.run('a', { containers: [script(IDLE)] })
    await node.run('b', { restartPolicy: 'Never', containers: [script(IDLE)] })
    const before = await node.until('a', isPodReady)
    await node.until('b', isPodReady)
    await node.restart()
    const after = await node.until('a', (p) => isPodReady(p) && state(p)?.restartCount === 1)
    expect(after.status?.podIP).toBe(before.status?.podIP)
    expect(state(after)?.lastState?.terminated?.exitCode).toBe(255)
    const failed = await node.until('b', (p) => p.status?.phase === 'Failed')
    expect(state(failed)?.restartCount).toBe(0)
  })

  test('whose image is changed runs the new one', async () => {
    node = await startNode()
    await node.run('a', { containers: [script(IDLE)] })
    const pod = await node.until('a', isPodReady)
    const containers = pod.spec.containers.map((container) => ({ ...container, image: 'node:22' }))
    await node.client.patch(pods, key('a'), { spec: { containers } }, { type: 'merge' })
    const after = await node.until('a', (p) => isPodReady(p) && state(p)?.restartCount === 1)
    expect(state(after)?.image).toBe('node:22')
  })

  test('deleted by force is killed although its object is gone already', async () => {
    node = await startNode()
    await node.run('a', { containers: [script(IDLE)] })
    await node.until('a', isPodReady)
    await node.client.delete(pods, key('a'), { gracePeriodSeconds: 0 })
    await waitFor(
      async () => (await processes()).length === 0,
      () => 'it runs on',
    )
    await waitFor(
      () => node.runtime.list().length === 0,
      () => 'its end was not heard',
    )
    expect((await node.client.list(pods)).items).toEqual([])
  })

  test('dies with its kubelet, quickly, and its object stays', async () => {
    node = await startNode({ shutdownGraceMs: 300 })
    const stubborn = `process.on('SIGTERM',()=>{});setInterval(()=>{},1000)`
    for (const name of ['a', 'b', 'c']) await node.run(name, { containers: [script(stubborn)] })
    for (const name of ['a', 'b', 'c']) await node.until(name, isPodReady)
    const began = performance.now()
    await node.kubelet.close()
    expect(performance.now() - began).toBeLessThan(2000)
    expect(await processes()).toEqual([])
    expect((await node.pod('a')).status?.phase).toBe('Running')
  })
})
