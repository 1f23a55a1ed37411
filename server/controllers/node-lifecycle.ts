// Nodes that fall silent: hears heartbeats, and says so when they stop.
import type { Lease, Node } from '../../shared/kubernetes/cluster.ts'
import { leases, nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import { silentConditions, taintsFor } from './node-health-plan.ts'
import { ignoreNotFound, sameJson } from './objects.ts'
import { timeText } from '../machinery/clock.ts'
import { indexNodes, podsOn, referenceOf } from './owned.ts'

export interface NodeLifecycleOptions {
  /** A node not heard from for so long is unreachable, milliseconds; longer when its Lease promises less. */
  graceMs: number
}

export const NODE_LIFECYCLE_DEFAULTS: NodeLifecycleOptions = { graceMs: 8000 }

/** Heartbeats are Leases of this namespace, named after the node. */
const HEARTBEATS = 'kube-node-lease'
/** When this loop itself comes so much too late, it cannot say who else was silent (a laptop that slept). Milliseconds. */
const OWN_DELAY = 1500

/** Starts the watch over nodes. */
export function startNodeLifecycle(deps: RoomDeps, options: NodeLifecycleOptions): Running {
  return new NodeLifecycle(deps, options)
}

interface Health {
  /** When there was a sign of life, by this process's clock: clocks of nodes may differ. */
  heard: number
  /** When it is due to be looked at. */
  due: number
  /** What its Lease lets it be silent for, milliseconds; 0 as long as there is none. */
  leaseMs: number
}

class NodeLifecycle implements Running {
  readonly #deps: RoomDeps
  readonly #options: NodeLifecycleOptions
  readonly #nodes: Informer<Node>
  readonly #pods: Informer<Pod>
  readonly #events: EventRecorder
  readonly #health = new Map<string, Health>()
  readonly #controller: Controller
  readonly #stops: (() => void)[]

  constructor(deps: RoomDeps, options: NodeLifecycleOptions) {
    this.#deps = deps
    this.#options = options
    this.#nodes = deps.informers.of(nodes)
    this.#pods = deps.informers.of(pods)
    indexNodes(this.#pods)
    this.#events = createEventRecorder({ ...deps, component: 'node-controller' })
    this.#stops = [
      this.#nodes.subscribe((change) => this.#nodeChanged(change)),
      deps.informers.of(leases).subscribe((change) => this.#leaseChanged(change)),
    ]
    this.#controller = startController(deps, {
      name: 'node-lifecycle-controller',
      for: nodes,
      reconcile: (name) => this.#reconcile(name),
    })
  }

  #nodeChanged({ type, object, previous }: ObjectChange<Node>): void {
    const name = object.metadata.name ?? ''
    if (type === 'deleted') this.#health.delete(name)
    else if (heartbeatOf(object) !== (previous && heartbeatOf(previous))) this.#hear(name)
  }

  #leaseChanged({ type, object, previous }: ObjectChange<Lease>): void {
    const { namespace, name = '' } = object.metadata
    if (namespace !== HEARTBEATS || type === 'deleted') return
    if (object.spec?.renewTime === previous?.spec?.renewTime) return
    this.#hear(name, (object.spec?.leaseDurationSeconds ?? 0) * 1000)
  }

  #hear(name: string, leaseMs = this.#health.get(name)?.leaseMs ?? 0): void {
    const now = this.#deps.clock.now()
    const due = this.#health.get(name)?.due ?? now + this.#options.graceMs
    this.#health.set(name, { heard: now, due, leaseMs })
  }

  async #reconcile(name: string): Promise<ReconcileResult> {
    await this.#pods.synced
    const node = this.#nodes.get(name)
    if (!node) return
    const now = this.#deps.clock.now()
    const health = this.#health.get(name) ?? { heard: now, due: now, leaseMs: 0 }
    const graceMs = Math.max(this.#options.graceMs, health.leaseMs)
    if (now > health.due + OWN_DELAY) health.heard = Math.max(health.heard, now - 1)
    const left = health.heard + graceMs - now
    const isSilent = left <= 0
    health.due = now + (isSilent ? graceMs : left)
    this.#health.set(name, health)
    await this.#write(node, isSilent, now)
    return { againInMs: health.due - now }
  }

  async #write(node: Node, isSilent: boolean, now: number): Promise<void> {
    const { client } = this.#deps
    const held = node.status?.conditions ?? []
    const conditions = isSilent ? silentConditions(node, now) : held
    let current = node
    if (!sameJson(conditions, held)) {
      const status = { ...node.status, conditions }
      current = await client.update(nodes, { ...node, status }, { subresource: 'status' })
      this.#sayNotReady(node, held)
    }
    const taints = taintsFor(node, conditions, now)
    if (!sameJson(taints, node.spec?.taints ?? [])) {
      await client.update(nodes, { ...current, spec: { ...current.spec, taints } })
    }
    if (conditionOf(conditions, 'Ready')?.status === 'Unknown') await this.#markPods(node, now)
  }

  #sayNotReady(node: Node, before: NonNullable<Node['status']>['conditions']): void {
    if (conditionOf(before, 'Ready')?.status !== 'True') return
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`
    this.#events.event(referenceOf(nodes, node), 'Normal', 'NodeNotReady', message)
  }

  /** Nobody vouches for the pods of a silent node: they are no longer ready, so that services leave them out. */
  async #markPods({ metadata }: Node, now: number): Promise<void> {
    const ready = podsOn(this.#pods, metadata.name ?? '').filter(isPodReady)
    const condition = { type: 'Ready', status: 'False', lastTransitionTime: timeText(now) }
    const patch = { status: { conditions: [condition] } }
    await allAtOnce(ready, async (pod) => {
      const { namespace, name = '' } = pod.metadata
      this.#events.event(referenceOf(pods, pod), 'Warning', 'NodeNotReady', 'Node is not ready')
      await this.#deps.client
        .patch(pods, { namespace, name }, patch, { type: 'strategic', subresource: 'status' })
        .catch(ignoreNotFound)
    })
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#controller.close()
  }
}

/** What the kubelet renews in the status of its node. */
function heartbeatOf({ status }: Node): string | undefined {
  const ready = conditionOf(status?.conditions, 'Ready')
  return ready?.status === 'Unknown' ? undefined : ready?.lastHeartbeatTime
}
