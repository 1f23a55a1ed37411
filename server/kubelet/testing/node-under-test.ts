// A kubelet on the fake client with real processes, for tests: one node, its own cluster id, its own directory.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Container, Pod, PodSpec } from '../../../shared/kubernetes/pod.ts'
import { systemClock } from '../../machinery/clock.ts'
import { createInformers } from '../../machinery/informer.ts'
import { createLog } from '../../machinery/log.ts'
import type { FakeClient } from '../../machinery/testing/fake-client.ts'
import { createFakeClient } from '../../machinery/testing/fake-client.ts'
import type { Kubelet, KubeletOptions } from '../kubelet.ts'
import { startKubelet } from '../kubelet.ts'
import { startMeter } from '../runtime/meter.ts'
import { createProcessRuntime } from '../runtime/process-runtime.ts'
import type { ContainerRuntime } from '../runtime/runtime.ts'

export const NODE = 'node-1'
/** The last block: clusters that run on this machine take the first free ones. */
const ADDRESS_BLOCK = 7
let nextIndex = Math.floor(Math.random() * 900)

export interface NodeUnderTest {
  client: FakeClient
  kubelet: Kubelet
  runtime: ContainerRuntime
  clusterId: string
  dataDir: string
  /** Creates a pod bound to the node. */
  run(name: string, spec: Partial<PodSpec> & { containers: Container[] }): Promise<Pod>
  pod(name: string): Promise<Pod>
  /** Waits until the pod is as asked for; fails with its last status. */
  until(name: string, holds: (pod: Pod) => boolean): Promise<Pod>
  gone(name: string): Promise<void>
  /** Stops the kubelet and starts another on the same data, as a restart of Podium does. */
  restart(): Promise<void>
  close(): Promise<void>
}

interface Life {
  kubelet: Kubelet
  runtime: ContainerRuntime
  stop: () => Promise<void>
}

/** One life of the kubelet and its runtime on a directory and a cluster that outlast it. */
function startLife(
  client: FakeClient,
  clusterId: string,
  options: Partial<KubeletOptions> & { index: number; dataDir: string },
): Life {
  const log = createLog('error', (line) => process.stderr.write(`${line}\n`))
  const informers = createInformers(client, systemClock, log)
  const runtime = createProcessRuntime({ clusterId, programsDir: path.resolve('dist/server') })
  const meter = startMeter(runtime, { clock: systemClock, log, everyMs: 100 })
  const kubelet = startKubelet(
    { client, informers, clock: systemClock, log },
    {
      nodeName: NODE,
      addressBlock: ADDRESS_BLOCK,
      runtime,
      meter,
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      caPem: 'the authority',
      apiAddress: { host: '127.0.0.1', port: 6443 },
      backOffBaseMs: 100,
      ...options,
    },
  )
  const stop = async (): Promise<void> => {
    await kubelet.close()
    await meter.close()
    await runtime.close()
    informers.close()
  }
  return { kubelet, runtime, stop }
}

export async function startNode(options: Partial<KubeletOptions> = {}): Promise<NodeUnderTest> {
  const clusterId = randomUUID()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'podium-kubelet-'))
  const client = createFakeClient()
  const index = nextIndex++
  const start = (): Life => startLife(client, clusterId, { index, dataDir, ...options })
  let now = start()
  await now.kubelet.started

  const get = (name: string): Promise<Pod> => client.get(pods, { namespace: 'default', name })
  return {
    client,
    clusterId,
    dataDir,
    get kubelet() {
      return now.kubelet
    },
    get runtime() {
      return now.runtime
    },
    run: (name, spec) => client.create(pods, podOf(name, spec)),
    pod: get,
    until: (name, holds) => podUntil(get, name, holds),
    async gone(name) {
      const there = (): Promise<Pod | undefined> => get(name).catch(() => undefined)
      await waitFor(
        async () => !(await there()),
        () => `${name} is still there`,
      )
    },
    async restart() {
      await now.stop()
      now = start()
      await now.kubelet.started
    },
    async close() {
      await now.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function podUntil(
  get: (name: string) => Promise<Pod>,
  name: string,
  holds: (pod: Pod) => boolean,
): Promise<Pod> {
  let last = await get(name)
  await waitFor(
    async () => holds((last = await get(name))),
    () => JSON.stringify(last.status, undefined, 1),
  )
  return last
}

/** A pod on the node. */
export function podOf(name: string, spec: Partial<PodSpec> & { containers: Container[] }): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: {
      nodeName: NODE,
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 5,
      ...spec,
    },
  }
}

/** A container that runs a node program given as text. */
export function script(code: string, more: Partial<Container> = {}): Container {
  return { name: 'main', image: 'node:20', args: ['-e', code], ...more }
}

/** A container that runs until it is told to stop. */
export const IDLE = 'process.on("SIGTERM",()=>process.exit(0));setInterval(()=>{},1000)'

/** Waits until `holds`, at most 15 s. @param what describes the state when it does not. */
export async function waitFor(
  holds: () => boolean | Promise<boolean>,
  what: () => string,
): Promise<void> {
  const end = Date.now() + 15_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Everything a log request answers, as text. */
export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
