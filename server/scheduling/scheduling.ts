// The scheduler: queue → filter → score → bind.
import { setImmediate } from 'node:timers/promises'
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { nodes, podDisruptionBudgets, pods } from '../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import { isNotFound } from '../../shared/status.ts'
import type { Timer } from '../machinery/clock.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { unschedulableMessage } from './explain.ts'
import { Hopeless, shapeOf } from './hopeless.ts'
import {
  bindingOf,
  asksDifferently,
  concernsScheduling,
  countsDifferently,
  referenceTo,
  unschedulable,
} from './objects.ts'
import { makeWay } from './make-way.ts'
import { Nominations } from './nominations.ts'
import { planPreemption, priorityOf } from './preemption.ts'
import type { QueuedPod } from './queue.ts'
import { SchedulingQueue } from './queue.ts'
import { checksFor, dependsOnOthers, rejectionOf, seeded, Selector } from './select.ts'
import type { NodeInfo, PodInfo } from './snapshot.ts'
import { podInfoOf, Snapshot } from './snapshot.ts'

export interface SchedulerOptions {
  /** Pods with another spec.schedulerName are left alone. */
  schedulerName?: string
  /** Decides between equally good nodes: the same seed and the same pods give the same places. */
  seed?: number
  /** First wait before a pod that fitted nowhere is tried again, milliseconds; doubles up to `maxBackoffMs`. */
  initialBackoffMs?: number
  maxBackoffMs?: number
}

/** Bindings under way at the same time. */
const MAX_BINDINGS = 128
/** Pods placed before others in this process get a turn. */
const TURN = 32
/** Changes are collected so long before waiting pods are looked at again, milliseconds. */
const WAKE_MS = 10

/** Starts giving every pod without a node a node. */
export function startScheduler(deps: RoomDeps, options: SchedulerOptions = {}): Running {
  return new Scheduler(deps, options)
}

class Scheduler implements Running {
  readonly #deps: RoomDeps
  readonly #name: string
  readonly #snapshot = new Snapshot()
  readonly #selector: Selector
  readonly #queue: SchedulingQueue
  readonly #events: EventRecorder
  readonly #stops: (() => void)[] = []
  /** Pods whose node is chosen and whose binding is not seen yet. */
  readonly #assumed = new Set<string>()
  readonly #writes = new Set<Promise<void>>()
  readonly #hopeless = new Hopeless()
  readonly #nominations = new Nominations()
  #touched = new Set<string>()
  #wakeTimer: Timer | undefined
  #loop: Promise<void> | undefined
  #bindings = 0
  /** Of all pods ever placed: whoever is no more important needs not look for victims. */
  #lowestPriority = Infinity
  #synced = false
  #closed = false

  constructor(deps: RoomDeps, options: SchedulerOptions) {
    this.#deps = { ...deps, log: deps.log.named('scheduler') }
    this.#name = options.schedulerName ?? 'default-scheduler'
    this.#selector = new Selector(seeded(options.seed ?? 1))
    this.#events = createEventRecorder({ ...this.#deps, component: this.#name })
    const times = {
      initialMs: options.initialBackoffMs ?? 1000,
      maxMs: options.maxBackoffMs ?? 10_000,
    }
    this.#queue = new SchedulingQueue(deps.clock, times, () => this.#start())
    const nodeInformer = deps.informers.of(nodes)
    const podInformer = deps.informers.of(pods)
    this.#stops.push(nodeInformer.subscribe((change) => this.#nodeChanged(change)))
    this.#stops.push(podInformer.subscribe((change) => this.#podChanged(change)))
    void Promise.all([nodeInformer.synced, podInformer.synced]).then(() => {
      this.#synced = true
      this.#start()
    })
  }

  // What happens in the cluster.

  #nodeChanged({ type, object, previous }: ObjectChange<Node>): void {
    const name = object.metadata.name ?? ''
    if (type === 'deleted') this.#snapshot.removeNode(name)
    else if (!previous || concernsScheduling(object, previous)) this.#snapshot.setNode(object)
    else return
    this.#touch(name)
  }

  #podChanged({ type, object, previous }: ObjectChange<Pod>): void {
    const uid = object.metadata.uid ?? ''
    if (previous && previous.metadata.uid !== uid) this.#podGone(previous.metadata.uid ?? '')
    if (type === 'deleted' || isPodTerminal(object)) this.#podGone(uid)
    else if (object.spec.nodeName) this.#podPlaced(uid, object, previous)
    else this.#podWaits(uid, object, previous)
  }

  #podGone(uid: string): void {
    this.#assumed.delete(uid)
    this.#queue.remove(uid)
    this.#noLongerNominated(uid)
    const node = this.#snapshot.remove(uid)
    if (node !== undefined) this.#touch(node)
  }

  #podPlaced(uid: string, pod: Pod, previous: Pod | undefined): void {
    this.#assumed.delete(uid)
    this.#queue.remove(uid)
    this.#nominations.delete(uid)
    this.#lowestPriority = Math.min(this.#lowestPriority, priorityOf(pod))
    const nodeName = pod.spec.nodeName ?? ''
    if (previous?.spec.nodeName === nodeName && !countsDifferently(pod, previous)) return
    // Mostly it stands where it was put when its node was chosen.
    const placed = this.#snapshot.placed(uid)
    if (placed?.node.name !== nodeName || countsDifferently(pod, placed.info.pod)) {
      this.#snapshot.place(podInfoOf(pod), nodeName)
    }
    // Pods that wait to be near others, or far from them, look again.
    this.#touch('')
  }

  #podWaits(uid: string, pod: Pod, previous: Pod | undefined): void {
    if (this.#assumed.has(uid)) return
    if (isBeingDeleted(pod) || (pod.spec.schedulerName ?? this.#name) !== this.#name) {
      this.#queue.remove(uid)
      this.#noLongerNominated(uid)
      return
    }
    const { nominatedNodeName } = pod.status ?? {}
    if (nominatedNodeName) this.#nominations.set(podInfoOf(pod), nominatedNodeName)
    // Mostly only its status moved, which is our own doing.
    if (previous && this.#queue.has(uid) && !asksDifferently(pod, previous)) return
    this.#queue.add(podInfoOf(pod))
  }

  /** What was kept for it is free again. */
  #noLongerNominated(uid: string): void {
    if (!this.#nominations.delete(uid)) return
    this.#snapshot.openings += 1
    this.#touch('')
  }

  /** Notes that something about this node ('' for something else) may help a pod that fits nowhere. */
  #touch(node: string): void {
    if (this.#queue.parkedCount === 0) return
    this.#touched.add(node)
    this.#wakeTimer ??= this.#deps.clock.after(WAKE_MS, () => this.#wake())
  }

  /** Wakes the waiting pods for which one of the touched nodes is now good enough. */
  #wake(): void {
    this.#wakeTimer = undefined
    const touched = [...this.#touched].flatMap((name) => this.#snapshot.node(name) ?? [])
    this.#touched = new Set()
    const answers = new Map<string, boolean>()
    for (const { info } of this.#queue.parked()) {
      const shape = shapeOf(info)
      let helped = answers.get(shape)
      if (helped === undefined) answers.set(shape, (helped = this.#isHelped(info, touched)))
      if (helped) this.#queue.wake(info.uid)
    }
  }

  #isHelped(info: PodInfo, touched: readonly NodeInfo[]): boolean {
    if (dependsOnOthers(info, this.#snapshot)) return true
    const checks = checksFor(info, this.#snapshot)
    return touched.some((node) => rejectionOf(checks, node) === undefined)
  }

  // The loop.

  #start(): void {
    if (!this.#synced || this.#closed || this.#loop) return
    this.#loop = this.#run().finally(() => {
      this.#loop = undefined
      if (this.#queue.ready) this.#start()
    })
  }

  async #run(): Promise<void> {
    await setImmediate()
    for (let turn = 1; !this.#closed; turn += 1) {
      while (this.#bindings >= MAX_BINDINGS) await Promise.race(this.#writes)
      const pod = this.#queue.take()
      if (!pod) return
      this.#schedule(pod)
      if (turn % TURN === 0) await setImmediate()
    }
  }

  #schedule(pod: QueuedPod): void {
    const { info } = pod
    const known = this.#hopeless.get(info, this.#snapshot.openings)
    if (known !== undefined) return this.#fitsNowhere(pod, known)
    const selection = this.#nominations.whileThere(info, this.#snapshot, () =>
      this.#selector.select(info, this.#snapshot),
    )
    if ('node' in selection) {
      this.#nominations.delete(info.uid)
      this.#snapshot.place(info, selection.node)
      this.#assumed.add(info.uid)
      this.#bindings += 1
      this.#track(this.#bind(pod, selection.node).finally(() => (this.#bindings -= 1)))
      return
    }
    const message = unschedulableMessage(this.#snapshot.nodes.length, selection.rejections)
    if (!dependsOnOthers(info, this.#snapshot)) {
      this.#hopeless.add(info, this.#snapshot.openings, message)
    }
    this.#fitsNowhere(pod, message)
    this.#preempt(info)
  }

  /** Makes less important pods give way; when they have gone, the pod is tried again. */
  #preempt({ pod, uid }: PodInfo): void {
    if (priorityOf(pod) <= this.#lowestPriority) return
    const info = podInfoOf(pod)
    const budgets = [...this.#deps.informers.of(podDisruptionBudgets).all()]
    const found = planPreemption(info, this.#snapshot, budgets)
    if (!found) return
    this.#nominations.set(info, found.node)
    this.#deps.log.debug(`${info.key} (${uid}) preempts on ${found.node}`)
    this.#track(makeWay({ ...this.#deps, events: this.#events }, pod, found))
  }

  async #bind(pod: QueuedPod, node: string): Promise<void> {
    const { info } = pod
    try {
      await this.#deps.client.create(pods, bindingOf(info.pod, node), { subresource: 'binding' })
      const message = `Successfully assigned ${info.key} to ${node}`
      this.#events.event(referenceTo(info.pod), 'Normal', 'Scheduled', message)
    } catch (error) {
      if (!this.#closed) this.#notBound(pod, error)
    }
  }

  /** The node was not taken after all: the pod gives up its place and is tried again, if it still waits. */
  #notBound(pod: QueuedPod, error: unknown): void {
    const { info } = pod
    if (this.#assumed.delete(info.uid)) {
      const node = this.#snapshot.remove(info.uid)
      if (node !== undefined) this.#touch(node)
    }
    const held = this.#deps.informers.of(pods).get(info.key)
    const waits = held?.metadata.uid === info.uid && !held.spec.nodeName && !isBeingDeleted(held)
    if (!waits || isNotFound(error)) return
    const message = `binding rejected: ${error instanceof Error ? error.message : String(error)}`
    this.#events.event(referenceTo(held), 'Warning', 'FailedScheduling', message)
    this.#queue.retry({ ...pod, info: podInfoOf(held) })
  }

  #fitsNowhere(pod: QueuedPod, message: string): void {
    const isNews = pod.message !== message
    pod.message = message
    this.#queue.park(pod)
    if (!isNews) return
    const { pod: object } = pod.info
    this.#events.event(referenceTo(object), 'Warning', 'FailedScheduling', message)
    this.#track(this.#tell(object, message))
  }

  /** Writes the reason into the pod's conditions. */
  async #tell(pod: Pod, message: string): Promise<void> {
    const { namespace, name = '' } = pod.metadata
    const patch = { status: { conditions: [unschedulable(pod, message, this.#deps.clock.now())] } }
    const options = { type: 'strategic', subresource: 'status' } as const
    try {
      await this.#deps.client.patch(pods, { namespace, name }, patch, options)
    } catch (error) {
      if (!isNotFound(error)) this.#deps.log.warn(`${namespace}/${name}: ${String(error)}`)
    }
  }

  #track(write: Promise<void>): void {
    this.#writes.add(write)
    void write.finally(() => this.#writes.delete(write))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#wakeTimer?.cancel()
    this.#queue.close()
    await this.#loop
    await Promise.all(this.#writes)
  }
}
