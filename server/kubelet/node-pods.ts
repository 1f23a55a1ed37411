// All pods of one node: a worker for each, from the moment it is bound until its object is gone.
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { ObjectChange } from '../machinery/informer.ts'
import { AddressPool } from './address-pool.ts'
import type { NodeContext } from './context.ts'
import { allContainers } from './observed.ts'
import { removeForgottenPods } from './pod-places.ts'
import { PodWorker } from './pod-worker.ts'
import type { Usage } from './runtime/runtime.ts'
import type { TrafficGate } from './traffic-gate.ts'
import { startTrafficGate } from './traffic-gate.ts'

export type NodePodsOptions = Omit<NodeContext, 'addresses'> & { podCIDR: string }

export interface PodUsage extends Usage {
  namespace: string
  pod: string
  container: string
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

  async usage(): Promise<PodUsage[]> {
    const byId = await this.#options.runtime.usage()
    return [...this.#workers.values()].flatMap(({ pod, observed }) =>
      allContainers(observed).flatMap(({ id, name }) => {
        const usage = id === undefined ? undefined : byId.get(id)
        if (!usage) return []
        const { namespace = '', name: podName = '' } = pod.metadata
        return [{ namespace, pod: podName, container: name, ...usage }]
      }),
    )
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
