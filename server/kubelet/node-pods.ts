// All pods of one node: a worker for each, from the moment it is bound until its object is gone.
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { ContainerUse, PodUse } from '../../shared/usage.ts'
import type { ObjectChange } from '../machinery/informer.ts'
import { AddressPool } from './address-pool.ts'
import type { NodeContext } from './context.ts'
import type { ObservedContainer } from './observed.ts'
import { allContainers } from './observed.ts'
import { removeForgottenPods } from './pod-places.ts'
import { PodWorker } from './pod-worker.ts'
import type { Reading } from './runtime/meter.ts'
import type { TrafficGate } from './traffic-gate.ts'
import { startTrafficGate } from './traffic-gate.ts'

export type NodePodsOptions = Omit<NodeContext, 'addresses'> & { podCIDR: string }

/** A pod of this node and what its containers use. */
export interface Measured {
  worker: PodWorker
  containers: { container: ObservedContainer; reading: Reading }[]
}

const BY_NODE = 'spec.nodeName'

export class NodePods {
  readonly #options: NodePodsOptions
  readonly #gate: TrafficGate
  readonly #workers = new Map<string, PodWorker>()
  readonly #ending = new Set<Promise<void>>()
  #context: NodeContext
  #unsubscribe: () => void = () => undefined

  constructor(options: NodePodsOptions) {
    this.#options = options
    this.#gate = startTrafficGate(options.deps)
    this.#context = this.#freshContext()
  }

  /** Takes up every pod that is bound to the node; pods that ran here before have lost their processes. */
  async start(): Promise<void> {
    const informer = this.#options.deps.informers.of(pods)
    informer.addIndex(BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))
    const bound = informer.byIndex(BY_NODE, this.#options.nodeName)
    const uids = new Set(bound.map(({ metadata }) => metadata.uid ?? ''))
    await removeForgottenPods(this.#options.directory, uids)
    this.#context = this.#freshContext()
    this.#unsubscribe = informer.subscribe((change) => {
      if (change.object.spec.nodeName === this.#options.nodeName) this.#take(change)
    })
  }

  /** Ends every process without a word to the API. @param graceMs between stop signal and SIGKILL. */
  async stop(graceMs: number): Promise<void> {
    this.#unsubscribe()
    const workers = [...this.#workers.values()]
    this.#workers.clear()
    await Promise.all([...workers.map((worker) => worker.silence(graceMs)), ...this.#ending])
  }

  close(): void {
    this.#gate.close()
  }

  find(namespace: string, name: string): PodWorker | undefined {
    for (const worker of this.#workers.values()) {
      const { metadata } = worker.pod
      if (metadata.namespace === namespace && metadata.name === name) return worker
    }
    return undefined
  }

  /** What these readings say of the pods that run here. @param at when they were taken, ms since the epoch */
  use(readings: ReadonlyMap<string, Reading>, at: number): PodUse[] {
    const { nodeName: node } = this.#options
    return [...this.#workers.values()].flatMap(({ pod, observed, uid }) => {
      const found = allContainers(observed).flatMap(({ id, name }) => {
        const reading = id === undefined ? undefined : readings.get(id)
        return reading ? [{ name, reading }] : []
      })
      if (found.length === 0) return []
      const { namespace = '', name = '' } = pod.metadata
      const windowMs = Math.max(...found.map(({ reading }) => reading.windowMs))
      const containers = found.map((each) => containerUse(each.name, each.reading))
      return [{ namespace, name, uid, node, at, windowMs, containers }]
    })
  }

  /** Running containers with what they use. */
  measured(readings: ReadonlyMap<string, Reading>): Measured[] {
    return [...this.#workers.values()].map((worker) => ({
      worker,
      containers: allContainers(worker.observed).flatMap((container) => {
        const reading = container.id === undefined ? undefined : readings.get(container.id)
        return reading ? [{ container, reading }] : []
      }),
    }))
  }

  #freshContext(): NodeContext {
    return { ...this.#options, addresses: new AddressPool(this.#options.podCIDR) }
  }

  /** By uid: a pod of the same name may come while the old one's last processes go. */
  #take({ type, object, previous }: ObjectChange<Pod>): void {
    if (previous && previous.metadata.uid !== object.metadata.uid) this.#discard(previous)
    if (type === 'deleted') return this.#discard(object)
    const uid = object.metadata.uid ?? ''
    const worker = this.#workers.get(uid)
    if (worker) return worker.update(object)
    const created = new PodWorker(object, this.#context, this.#gate)
    this.#workers.set(uid, created)
    created.kick()
  }

  #discard(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    const worker = this.#workers.get(uid)
    if (!worker) return
    this.#workers.delete(uid)
    const end = worker
      .discard()
      .catch((error: unknown) =>
        this.#options.deps.log.warn(`pod ${uid} left files: ${String(error)}`),
      )
      .finally(() => this.#ending.delete(end))
    this.#ending.add(end)
  }
}

function containerUse(name: string, reading: Reading): ContainerUse {
  const { cpuCores, cpuSeconds, memoryBytes, residentBytes, processes } = reading
  return { name, cpuCores, cpuSeconds, memoryBytes, residentBytes, processes }
}
