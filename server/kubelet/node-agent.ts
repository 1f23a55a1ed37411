// Registers a node and keeps saying that it lives: a Lease often, the status now and then and whenever it is wrong.
import type { KubeClient } from '../../shared/client.ts'
import type { Lease, Node } from '../../shared/kubernetes/cluster.ts'
import { leases, nodes } from '../../shared/kubernetes/kinds.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import { isAlreadyExists, isNotFound } from '../../shared/status.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import { microTimeText } from '../machinery/clock.ts'
import type { Log } from '../machinery/log.ts'
import type { NodeFacts, Spare } from './node-object.ts'
import { nodeLabels, nodeObject, nodeStatus } from './node-object.ts'

export const LEASE_NAMESPACE = 'kube-node-lease'

export interface NodeAgentOptions {
  client: KubeClient
  clock: Clock
  log: Log
  facts: NodeFacts
  measure: () => Promise<Spare>
  /** Between two renewals of the Lease, in milliseconds. */
  heartbeatMs: number
  /** Between two writes of an unchanged status, in milliseconds. */
  statusEveryMs: number
}

/** Writes a Node and its Lease until paused or closed. */
export class NodeAgent {
  readonly #options: NodeAgentOptions
  #timer: Timer | undefined
  #beating: Promise<void> = Promise.resolve()
  #statusDue = 0
  #stopped = true
  #registeredNow: () => void = () => undefined
  /** Resolves when the node has been written for the first time. */
  readonly registered: Promise<void>

  constructor(options: NodeAgentOptions) {
    this.#options = options
    this.registered = new Promise((resolve) => {
      this.#registeredNow = resolve
    })
  }

  /** Registers in `afterMs`, and again and again until it works; from then on beats. */
  start(afterMs = 0): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#statusDue = 0
    this.#beatIn(afterMs)
  }

  /** Falls silent. Resolves when no write is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#beating
  }

  /**
   * The node as the API has it now, or undefined when it was deleted: what is not ours any more is written again at the
   * next beat.
   */
  seen(node: Node | undefined): void {
    if (conditionOf(node?.status?.conditions, 'Ready')?.status !== 'True') this.#statusDue = 0
  }

  /** Something about the node has changed: its status is written with the next beat, which comes at once. */
  tellSoon(): void {
    this.#statusDue = 0
    if (this.#stopped) return
    this.#timer?.cancel()
    this.#beating = this.#beating.then(() => {
      this.#timer?.cancel()
      this.#beatIn(0)
    })
  }

  #beatIn(ms: number): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.after(ms, () => {
      this.#beating = this.#beat()
        .catch((error: unknown) => this.#options.log.warn(`heartbeat failed: ${String(error)}`))
        .then(() => this.#beatIn(this.#options.heartbeatMs))
    })
  }

  async #beat(): Promise<void> {
    const { clock, statusEveryMs } = this.#options
    if (clock.now() >= this.#statusDue) {
      const node = await this.#writeNode()
      this.#registeredNow()
      this.#statusDue = clock.now() + statusEveryMs
      await this.#renew(node)
    } else {
      await this.#renew(undefined)
    }
  }

  async #writeNode(): Promise<Node> {
    const { client, clock, facts, measure } = this.#options
    const spare = await measure()
    const known = await this.#known()
    if (!known) return this.#register(spare)
    const labels = nodeLabels(facts)
    const labelled = Object.entries(labels).every(([k, v]) => known.metadata.labels?.[k] === v)
    if (!labelled || known.spec?.podCIDR === undefined) {
      const { podCIDR, providerID } = facts
      const spec = known.spec?.podCIDR === undefined && { podCIDR, podCIDRs: [podCIDR], providerID }
      const patch = { metadata: { labels }, ...(spec && { spec }) }
      await client.patch(nodes, { name: facts.name }, patch, { type: 'merge' })
    }
    const status = nodeStatus(facts, known.status, spare, clock.now())
    const ours = new Set(status.conditions?.map(({ type }) => type))
    const others = (known.status?.conditions ?? []).filter(({ type }) => !ours.has(type))
    const patch = { status: { ...status, conditions: [...(status.conditions ?? []), ...others] } }
    return client.patch(nodes, { name: facts.name }, patch, {
      type: 'merge',
      subresource: 'status',
    })
  }

  async #known(): Promise<Node | undefined> {
    try {
      return await this.#options.client.get(nodes, { name: this.#options.facts.name })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** A status given at creation may be dropped by the API, so it is written once more. */
  async #register(spare: Spare): Promise<Node> {
    const { client, clock, facts } = this.#options
    const node = nodeObject(facts, clock.now(), spare)
    const created = await client.create(nodes, node)
    if (conditionOf(created.status?.conditions, 'Ready')) return created
    return client.patch(
      nodes,
      { name: facts.name },
      { status: node.status },
      {
        type: 'merge',
        subresource: 'status',
      },
    )
  }

  async #renew(node: Node | undefined): Promise<void> {
    const { client, clock, facts, heartbeatMs } = this.#options
    const spec = leaseSpec(facts.name, heartbeatMs, clock.now())
    const key = { namespace: LEASE_NAMESPACE, name: facts.name }
    try {
      await client.patch(leases, key, { spec }, { type: 'merge' })
    } catch (error) {
      if (!isNotFound(error)) throw error
      const owner = node ?? (await client.get(nodes, { name: facts.name }))
      await client.create(leases, nodeLease(owner, spec)).catch((failure: unknown) => {
        if (!isAlreadyExists(failure)) throw failure
      })
    }
  }
}

/** A heartbeat at `now`; the duration is how long others wait for the next one. */
export function leaseSpec(
  holder: string,
  heartbeatMs: number,
  now: number,
): NonNullable<Lease['spec']> {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.max(1, Math.ceil((heartbeatMs * 4) / 1000)),
    renewTime: microTimeText(now),
  }
}

/** The Lease of a node; it goes when the Node goes. */
export function nodeLease(node: Node, spec: NonNullable<Lease['spec']>): Lease {
  const { name = '', uid = '' } = node.metadata
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec,
  }
}
