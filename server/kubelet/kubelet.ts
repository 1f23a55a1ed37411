// The kubelet: makes the pods assigned to one node real and reports what it sees.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { nodeAddresses } from '../../shared/addresses.ts'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { isFailedOnPurpose } from '../../shared/kubernetes/cluster.ts'
import { nodes, pods } from '../../shared/kubernetes/kinds.ts'
import type {
  AttachRequest,
  ExecRequest,
  LogRequest,
  NodeDoor,
  RemoteProcess,
} from '../../shared/operation.ts'
import type { PodUse } from '../../shared/usage.ts'
import { wholeUnits } from '../../shared/quantity.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { containerLog } from './container-log.ts'
import { attachTo, execIn } from './container-session.ts'
import { measureSpare, nodeInfo } from './host-facts.ts'
import { MemoryGuard } from './memory-guard.ts'
import { NodeAgent } from './node-agent.ts'
import type { NodeFacts } from './node-object.ts'
import type { FileSystems } from './runtime/own-files.ts'
import type { Meter } from './runtime/meter.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { NodePods } from './node-pods.ts'
import type { ClusterDns } from './pod-names.ts'
import { ObjectFinder } from './object-finder.ts'
import type { RestartPolicy } from './observed.ts'

export interface KubeletOptions {
  nodeName: string
  /** 0-based; with the cluster's block it decides the node's address and the network of its pods. */
  index: number
  /** The cluster's address block (shared/addresses.ts); default 0. */
  addressBlock?: number
  /** May be shared by the kubelets of one process; closing it is the owner's. */
  runtime: ContainerRuntime
  /** Measures that runtime; likewise the owner's. */
  meter: Meter
  capacity: { cpu: string; memory: string; pods: string }
  /** Everything of this node goes below `<dataDir>/nodes/<nodeName>`. */
  dataDir: string
  labels?: Readonly<Record<string, string>>
  /** Certificate authority of the API, PEM. */
  caPem: string
  /** Where the API listens. */
  apiAddress: { host: string; port: number }
  /** With it containers have file systems of their own; default: they see the machine's files. */
  fileSystems?: FileSystems | undefined
  /** Where the cluster's names are asked for. */
  clusterDns?: ClusterDns | undefined
  /** kubeletVersion in nodeInfo; default v1.36.0+podium. */
  version?: string
  /** Between two heartbeats; default 2,000 ms. */
  heartbeatMs?: number
  /** Wait before the second restart in a row of a crashing container; doubles each time. Default 1,000 ms. */
  backOffBaseMs?: number
  /** What `close` gives processes between their stop signal and SIGKILL; default 1,500 ms. */
  shutdownGraceMs?: number
}

export interface Kubelet extends Running, NodeDoor {
  readonly nodeName: string
  /** Resolves when the node has been registered and its pods are known. */
  readonly started: Promise<void>
  /** What its pods use, as last measured. */
  use(): PodUse[]
}

const DEFAULT_VERSION = 'v1.36.0+podium'
const DEFAULT_HEARTBEAT_MS = 2_000
const STATUS_EVERY_MS = 60_000
/** Kubernetes begins at 10 s, which is long on a stage. */
const DEFAULT_BACK_OFF_MS = 1_000
const MAX_BACK_OFF_MS = 300_000
const RESET_BACK_OFF_AFTER_MS = 600_000
const DEFAULT_SHUTDOWN_GRACE_MS = 1_500

/** Starts the kubelet of one node. */
export function startKubelet(deps: RoomDeps, options: KubeletOptions): Kubelet {
  return new NodeKubelet(deps, options)
}

class NodeKubelet implements Kubelet {
  readonly nodeName: string
  readonly started: Promise<void>
  readonly #deps: RoomDeps
  readonly #options: KubeletOptions
  readonly #agent: NodeAgent
  readonly #pods: NodePods
  readonly #memory: MemoryGuard
  readonly #objects: ObjectFinder
  readonly #unsubscribe: (() => void)[] = []
  /** Changes between failing on purpose and living again, one after the other. */
  #turning: Promise<void> = Promise.resolve()
  #failed = false
  #closed = false
  #close: () => void = () => undefined
  readonly #closing = new Promise<void>((resolve) => {
    this.#close = resolve
  })

  constructor(deps: RoomDeps, options: KubeletOptions) {
    const { client, clock, informers } = deps
    const log = deps.log.named(options.nodeName)
    this.nodeName = options.nodeName
    this.#deps = { ...deps, log }
    this.#options = options
    const directory = path.resolve(options.dataDir, 'nodes', options.nodeName)
    const facts = factsOf(options)
    this.#objects = new ObjectFinder(client, informers)
    this.#agent = new NodeAgent({
      client,
      clock,
      log,
      facts,
      measure: async () => ({
        ...(await measureSpare(directory)),
        memoryPressure: this.#memory.underPressure,
      }),
      heartbeatMs: options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
      statusEveryMs: STATUS_EVERY_MS,
    })
    const events = createEventRecorder({
      client,
      clock,
      log,
      component: 'kubelet',
      host: options.nodeName,
    })
    this.#pods = new NodePods({
      deps: this.#deps,
      nodeName: options.nodeName,
      hostIP: facts.internalIP,
      podCIDR: facts.podCIDR,
      directory,
      runtime: options.runtime,
      objects: this.#objects,
      events,
      restarts: restartPolicy(options),
      allocatable: options.capacity,
      caPem: options.caPem,
      apiAddress: options.apiAddress,
      fileSystems: options.fileSystems,
      clusterDns: options.clusterDns,
    })
    this.#memory = new MemoryGuard({
      nodeName: options.nodeName,
      meter: options.meter,
      pods: this.#pods,
      memoryBytes: wholeUnits(options.capacity.memory),
      clock,
      events,
      pressureChanged: () => this.#agent.tellSoon(),
    })
    this.started = this.#start(directory)
    this.started.catch((error: unknown) => log.error('kubelet did not start', error))
  }

  logs(request: LogRequest): AsyncIterable<Uint8Array> {
    const worker = this.#pods.find(request.namespace, request.pod)
    return containerLog(worker, request, this.#options.runtime.logs, this.#deps.clock.now())
  }

  use(): PodUse[] {
    const { readings, at } = this.#options.meter
    return this.#pods.use(readings, at)
  }

  exec(request: ExecRequest): Promise<RemoteProcess> {
    const worker = this.#pods.find(request.namespace, request.pod)
    return execIn(worker, request, this.#options.runtime, this.#options.fileSystems !== undefined)
  }

  async attach(request: AttachRequest): Promise<RemoteProcess> {
    const worker = this.#pods.find(request.namespace, request.pod)
    return attachTo(worker, request, this.#options.runtime)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#close()
    this.#memory.close()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await Promise.all([this.started.catch(() => undefined), this.#turning])
    const grace = this.#options.shutdownGraceMs ?? DEFAULT_SHUTDOWN_GRACE_MS
    await Promise.all([this.#agent.stop(), this.#pods.stop(grace)])
    this.#pods.close()
    this.#objects.close()
  }

  async #start(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o755 })
    const nodeInformer = this.#deps.informers.of(nodes)
    const podInformer = this.#deps.informers.of(pods)
    await Promise.all([nodeInformer.synced, podInformer.synced, this.#objects.synced])
    if (this.#closed) return
    const self = nodeInformer.get(this.nodeName)
    this.#failed = self !== undefined && isFailedOnPurpose(self)
    if (!this.#failed) {
      await this.#pods.start()
      this.#agent.start()
    }
    const unsubscribe = nodeInformer.subscribe(({ type, object }) => {
      if (object.metadata.name !== this.nodeName) return
      if (type === 'deleted') this.#agent.seen(undefined)
      else this.#seeNode(object)
    })
    this.#unsubscribe.push(unsubscribe)
    if (!this.#failed) await Promise.race([this.#agent.registered, this.#closing])
  }

  #seeNode(node: Node): void {
    this.#agent.seen(node)
    const failed = isFailedOnPurpose(node)
    if (failed === this.#failed || this.#closed) return
    this.#failed = failed
    this.#turning = this.#turning.then(() => (failed ? this.#fail() : this.#recover()))
  }

  /** As if the machine had lost its power: everything dies at once and nothing is said. */
  async #fail(): Promise<void> {
    await Promise.all([this.#agent.stop(), this.#pods.stop(0)])
  }

  /** As if it had been switched on again. */
  async #recover(): Promise<void> {
    if (this.#closed) return
    await this.#pods.start()
    this.#agent.start()
  }
}

function factsOf(options: KubeletOptions): NodeFacts {
  const { internalIP, podCIDR } = nodeAddresses(options.addressBlock ?? 0, options.index)
  const { nodeName, labels = {}, capacity, runtime, version = DEFAULT_VERSION } = options
  return {
    name: nodeName,
    internalIP,
    podCIDR,
    labels,
    capacity,
    nodeInfo: nodeInfo(version, runtime.version),
    providerID: `podium://${nodeName}`,
  }
}

function restartPolicy({ backOffBaseMs }: KubeletOptions): RestartPolicy {
  return {
    baseMs: backOffBaseMs ?? DEFAULT_BACK_OFF_MS,
    maxMs: MAX_BACK_OFF_MS,
    resetAfterMs: RESET_BACK_OFF_AFTER_MS,
  }
}
