// Many nodes that run no processes, for control planes of a thousand nodes. They say what they are: by label, by runtime
// and by refusing logs. A pod on one is Running and Ready as soon as it is bound and gone as soon as it is deleted.
import { nodeAddresses } from '../../shared/addresses.ts'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { isFailedOnPurpose, SIMULATED_LABEL } from '../../shared/kubernetes/cluster.ts'
import { nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { keyOf, splitKey } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { NodeDoor } from '../../shared/operation.ts'
import type { ApiError } from '../../shared/status.ts'
import { isConflict, isNotFound, notImplemented } from '../../shared/status.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { WorkQueue } from '../machinery/workqueue.ts'
import { AddressPool } from './address-pool.ts'
import { nodeInfo } from './host-facts.ts'
import { NodeAgent } from './node-agent.ts'
import type { NodeFacts } from './node-object.ts'
import type { ObservedContainer, ObservedPod, RestartPolicy } from './observed.ts'
import { firstObservation } from './observed.ts'
import { withOthersConditions } from './pod-conditions.ts'
import { podStatus } from './pod-status.ts'
import { sameJson } from './same-json.ts'

export interface SimulatedNodesOptions {
  count: number
  /** Index of the first; must not overlap with real nodes. */
  firstIndex: number
  /** The cluster's address block (shared/addresses.ts); default 0. */
  addressBlock?: number
  /** Names are `<prefix><index>`; default `sim-`. */
  namePrefix?: string
  /** Default cpu 8, memory 32Gi, pods 110. */
  capacity?: { cpu: string; memory: string; pods: string }
  labels?: Readonly<Record<string, string>>
  version?: string
  /** About this long between two heartbeats of a node; by default 2,000 ms, and longer for more than 200 nodes. */
  heartbeatMs?: number
}

export interface SimulatedNodes extends Running {
  readonly nodeNames: readonly string[]
  /** Answers for every simulated node: that there are no logs. */
  readonly door: NodeDoor
}

const RUNTIME_VERSION = 'podium-simulated://1'
const DEFAULT_CAPACITY = { cpu: '8', memory: '32Gi', pods: '110' }
const LEAST_HEARTBEAT_MS = 2_000
/** All nodes together beat no more often than a hundred times a second: a thousand, every 10 s as in Kubernetes. */
const HEARTBEAT_MS_PER_NODE = 10
const STATUS_EVERY_MS = 300_000
/** Pods written at the same time. */
const CONCURRENCY = 16
const RETRY_MS = 500
/** Nodes are registered this far apart, so that a thousand of them do not stop everything else. */
const REGISTER_EVERY_MS = 2

const NO_RESTARTS: RestartPolicy = { baseMs: 0, maxMs: 0, resetAfterMs: 0 }

interface SimulatedNode {
  facts: NodeFacts
  addresses: AddressPool
  agent: NodeAgent
  failed: boolean
}

/** Starts `count` nodes that cost a heartbeat each and one write per pod event. */
export function startSimulatedNodes(
  deps: RoomDeps,
  options: SimulatedNodesOptions,
): SimulatedNodes {
  return new Simulation(deps, options)
}

class Simulation implements SimulatedNodes {
  readonly door: NodeDoor = {
    // eslint-disable-next-line require-yield
    async *logs({ pod }) {
      throw runsNothing(`the log of pod ${pod}`)
    },
    exec: ({ pod }) => Promise.reject(runsNothing(`exec in pod ${pod}`)),
    attach: ({ pod }) => Promise.reject(runsNothing(`attach to pod ${pod}`)),
  }
  readonly #deps: RoomDeps
  readonly #nodes = new Map<string, SimulatedNode>()
  /** Addresses given out, by uid of the pod. */
  readonly #given = new Map<string, { node: SimulatedNode; address: string }>()
  readonly #queue: WorkQueue
  readonly #working = new Set<Promise<void>>()
  readonly #unsubscribe: (() => void)[] = []
  readonly #version: string
  #closed = false

  constructor(deps: RoomDeps, options: SimulatedNodesOptions) {
    this.#deps = { ...deps, log: deps.log.named('simulated') }
    this.#version = options.version ?? 'v1.36.0+podium'
    this.#queue = new WorkQueue(deps.clock, () => this.#work())
    for (let i = 0; i < options.count; i++) this.#addNode(options, i)
    this.#unsubscribe.push(
      deps.informers.of(nodes).subscribe(({ type, object }) => {
        if (type !== 'deleted') this.#seeNode(object)
        else this.#nodes.get(object.metadata.name ?? '')?.agent.seen(undefined)
      }),
      deps.informers.of(pods).subscribe(({ type, object }) => this.#seePod(object, type)),
    )
  }

  get nodeNames(): readonly string[] {
    return [...this.#nodes.keys()]
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#queue.close()
    await Promise.all([
      ...this.#working,
      ...[...this.#nodes.values()].map(({ agent }) => agent.stop()),
    ])
  }

  #addNode(options: SimulatedNodesOptions, i: number): void {
    const { client, clock, log } = this.#deps
    const index = options.firstIndex + i
    const name = `${options.namePrefix ?? 'sim-'}${index}`
    const facts: NodeFacts = {
      name,
      ...nodeAddresses(options.addressBlock ?? 0, index),
      labels: { ...options.labels, [SIMULATED_LABEL]: 'true' },
      capacity: options.capacity ?? DEFAULT_CAPACITY,
      nodeInfo: nodeInfo(this.#version, RUNTIME_VERSION),
      providerID: `podium-simulated://${name}`,
    }
    const agent = new NodeAgent({
      client,
      clock,
      log: log.named(name),
      facts,
      // Nothing is run, so nothing is used.
      measure: () =>
        Promise.resolve({ memoryBytes: undefined, diskBytes: undefined, pidShare: undefined }),
      // Slightly different for every node: heartbeats spread out instead of coming in waves.
      heartbeatMs: heartbeatOf(options) * (0.8 + (0.2 * i) / options.count),
      statusEveryMs: STATUS_EVERY_MS,
    })
    agent.start(i * REGISTER_EVERY_MS)
    const addresses = new AddressPool(facts.podCIDR)
    this.#nodes.set(name, { facts, addresses, agent, failed: false })
  }

  #seeNode(object: Node): void {
    const node = this.#nodes.get(object.metadata.name ?? '')
    if (!node) return
    node.agent.seen(object)
    const failed = isFailedOnPurpose(object)
    if (failed === node.failed) return
    node.failed = failed
    if (failed) void node.agent.stop()
    else void node.agent.stop().then(() => this.#revive(object, node))
  }

  #revive(object: Node, node: SimulatedNode): void {
    if (this.#closed || node.failed) return
    node.agent.start(0)
    for (const pod of this.#deps.informers.of(pods).all()) {
      if (pod.spec.nodeName === object.metadata.name) this.#queue.add(keyOf(pod))
    }
  }

  #seePod(pod: Pod, type: 'added' | 'modified' | 'deleted'): void {
    const node = this.#nodes.get(pod.spec.nodeName ?? '')
    if (!node) return
    const uid = pod.metadata.uid ?? ''
    if (type === 'deleted' || isPodTerminal(pod)) this.#giveBack(uid)
    else if (pod.status?.podIP) this.#claim(uid, node, pod.status.podIP)
    if (type !== 'deleted') this.#queue.add(keyOf(pod))
  }

  #claim(uid: string, node: SimulatedNode, address: string): void {
    if (this.#given.has(uid) || !node.addresses.claim(address)) return
    this.#given.set(uid, { node, address })
  }

  #giveBack(uid: string): void {
    const given = this.#given.get(uid)
    if (!given) return
    given.node.addresses.giveBack(given.address)
    this.#given.delete(uid)
  }

  #work(): void {
    while (this.#working.size < CONCURRENCY) {
      const key = this.#queue.take()
      if (key === undefined) return
      const work = this.#reconcile(key)
        .catch((error: unknown) => {
          if (isNotFound(error) || isConflict(error)) return
          this.#queue.addAfter(key, RETRY_MS)
        })
        .finally(() => {
          this.#working.delete(work)
          this.#queue.done(key)
          this.#work()
        })
      this.#working.add(work)
    }
  }

  async #reconcile(key: string): Promise<void> {
    const pod = this.#deps.informers.of(pods).get(key)
    const node = this.#nodes.get(pod?.spec.nodeName ?? '')
    if (!pod || !node || node.failed) return
    const { uid = '' } = pod.metadata
    const { client } = this.#deps
    const { namespace, name } = splitKey(key)
    if (pod.metadata.deletionTimestamp !== undefined) {
      const preconditions = { uid }
      await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions })
      return
    }
    if (isPodTerminal(pod)) return
    const address = this.#given.get(uid)?.address ?? node.addresses.take()
    // More pods than addresses: the API refuses nothing here, so the pod stays Pending as it would for lack of an address.
    if (address === undefined) return
    this.#given.set(uid, { node, address })
    const status = runningStatus(pod, node.facts.internalIP, address, this.#deps.clock.now())
    if (sameJson({ ...pod.status, ...status }, pod.status)) return
    const patch = { metadata: { uid }, status }
    await client.patch(pods, { namespace, name }, patch, { type: 'merge', subresource: 'status' })
  }
}

function runsNothing(what: string): ApiError {
  return notImplemented(`${what}, whose node is simulated and runs no processes,`)
}

function heartbeatOf({ heartbeatMs, count }: SimulatedNodesOptions): number {
  return heartbeatMs ?? Math.max(LEAST_HEARTBEAT_MS, count * HEARTBEAT_MS_PER_NODE)
}

/** The status of a pod all of whose containers run and are ready; what runs already keeps its times. */
function runningStatus(pod: Pod, hostIP: string, podIP: string, now: number): object {
  const first = firstObservation(pod, hostIP, now)
  const startOf = (name: string): number => {
    const known = pod.status?.containerStatuses?.find((status) => status.name === name)
    return Date.parse(known?.state?.running?.startedAt ?? '') || now
  }
  const id = (name: string): string => `${pod.metadata.uid}-${name}`
  const observed: ObservedPod = {
    ...first,
    podIP,
    prepared: 'yes',
    initContainers: first.initContainers.map((container): ObservedContainer => ({
      ...container,
      phase: 'exited',
      id: id(container.name),
      restartCount: 0,
      previous: undefined,
      exit: {
        id: id(container.name),
        exitCode: 0,
        reason: 'Completed',
        startedAt: first.startTime,
        finishedAt: first.startTime,
      },
    })),
    containers: first.containers.map((container): ObservedContainer => ({
      ...container,
      phase: 'running',
      id: id(container.name),
      startedAt: startOf(container.name),
      exit: undefined,
      previous: undefined,
      started: true,
      ready: true,
    })),
  }
  const status = podStatus(pod, observed, NO_RESTARTS, now)
  const conditions = withOthersConditions(status.conditions ?? [], pod.status?.conditions)
  return { ...status, conditions }
}
