// The service proxy of a cluster: keeps routes in force as services and their endpoints change, in the mode asked for.
import type { ConfigMap, Node } from '../../shared/kubernetes/cluster.ts'
import { SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import { configMaps, endpointSlices, nodes, services } from '../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import type { ServiceRules } from '../../shared/stage.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import type { Timer } from '../machinery/clock.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { Choice } from './choose.ts'
import { chooseMode } from './choose.ts'
import type { ForwarderCounts, ListenFailure } from './forwarder.ts'
import { NOT_TCP } from './forwarder.ts'
import { removeLeftovers, startIptablesProxy } from './iptables.ts'
import { modeAskedFor, modeIn, publishMode } from './mode.ts'
import { ProgrammedLease } from './programmed-lease.ts'
import type { Proxier, ProxyMode } from './proxier.ts'
import type { Route, RouteChanges } from './table.ts'
import { changesBetween, routesOf } from './table.ts'
import { ToolRunner } from './tools.ts'
import { startUserspaceProxy } from './userspace.ts'
import { Warnings, whyNotListening } from './warnings.ts'

export interface NetworkOptions {
  /** `auto`: the mode of the ConfigMap when there is one, else iptables when it works, else userspace. */
  mode: 'auto' | ProxyMode
  /** Where the built programs are: `userspace-proxy.js`. */
  programsDir: string
  clusterId: string
  /** What the addresses of the cluster's nodes lie in: node ports answer there. */
  nodeCidrs: readonly string[]
  /** What the addresses of Services lie in. */
  serviceCidr: string
}

export interface Network extends Running {
  /** The mode in force. */
  readonly mode: ProxyMode
  /** Why this mode was chosen at the start, as a sentence. */
  readonly why: string
  /** The modes that can be switched to on this machine. */
  readonly modes: readonly ProxyMode[]
  /** Connections through the userspace proxy; undefined in iptables mode, where the kernel has them. */
  counts(): ForwarderCounts | undefined
  /** What is in force for a service (`namespace/name`), port by port. */
  rules(service: string): ServiceRules[]
  /** Resolves when everything known is in force. */
  settled(): Promise<void>
}

const RETRY = { baseMs: 100, maxMs: 5000 }
/** After this, an address that could not be listened on is tried again. */
const LISTEN_AGAIN_MS = 5000

/** Starts the proxy; resolves when the routes known by then are in force. Never rejects for lack of rights. */
export async function startNetwork(deps: RoomDeps, options: NetworkOptions): Promise<Network> {
  const log = deps.log.named('network')
  const tools = new ToolRunner(options.clusterId)
  await removeLeftovers(options.clusterId, tools.run).catch((error: unknown) => {
    log.warn(`old rules could not be removed: ${messageOf(error)}`)
  })
  const wanted = options.mode === 'auto' ? await modeAskedFor(deps) : options.mode
  const chosen = await chooseMode(wanted, { ...options, run: tools.run, clock: deps.clock, log })
  const network = new ServiceNetwork({ ...deps, log }, options, chosen, tools)
  await network.start(chosen.mode)
  return network
}

class ServiceNetwork implements Network {
  readonly why: string
  readonly #deps: RoomDeps
  readonly #options: NetworkOptions
  readonly #tools: ToolRunner
  readonly #warnings: Warnings
  readonly #lease: ProgrammedLease
  readonly #services: Informer<Service>
  readonly #slices: Informer<EndpointSlice>
  /** In force, by service. */
  readonly #routes = new Map<string, Route[]>()
  readonly #dirty = new Set<string>()
  /** Services whose routes are to be set again though they have not changed. */
  readonly #again = new Set<string>()
  readonly #stops: (() => void)[] = []
  readonly #userspace: Proxier
  /** Undefined where it cannot be used. */
  #iptables: Proxier | undefined
  #proxier!: Proxier
  #wantedMode!: ProxyMode
  #nodes: readonly string[] = []
  #nodesChanged = true
  #running: Promise<void> | undefined
  #timers = new Set<Timer>()
  #failures = 0
  #closed = false

  constructor(
    deps: RoomDeps,
    options: NetworkOptions,
    { why, iptables }: Choice,
    tools: ToolRunner,
  ) {
    this.#deps = deps
    this.#tools = tools
    this.#options = options
    this.why = why
    this.#iptables = iptables
    this.#userspace = startUserspaceProxy({
      ...deps,
      ...options,
      onFailures: (failures) => this.#failed(failures),
    })
    this.#warnings = new Warnings(deps)
    this.#lease = new ProgrammedLease(deps)
    this.#services = deps.informers.of(services)
    this.#slices = deps.informers.of(endpointSlices)
  }

  get mode(): ProxyMode {
    return this.#proxier.mode
  }

  get modes(): readonly ProxyMode[] {
    return this.#iptables ? ['userspace', 'iptables'] : ['userspace']
  }

  counts(): ForwarderCounts | undefined {
    return this.#proxier.counts()
  }

  rules(service: string): ServiceRules[] {
    return (this.#routes.get(service) ?? []).map((route) => {
      const texts = this.#proxier.rulesOf(route)
      const count = route.targets.length
      return {
        address: `${route.addresses[0] ?? ''}:${route.port}`,
        mode: this.mode,
        rules: route.targets.map(({ ip, port }, at) => ({
          target: `${ip}:${port}`,
          text: texts[at] ?? null,
          // Each rule takes an equal share of what the ones before it left; a process takes turns.
          probability: this.mode === 'iptables' ? 1 / (count - at) : 1 / count,
        })),
      }
    })
  }

  async start(mode: ProxyMode): Promise<void> {
    this.#wantedMode = mode
    this.#proxier = mode === 'userspace' ? this.#userspace : this.#iptables!
    await publishMode(this.#deps, this.#options.mode)
    const nodeInformer = this.#deps.informers.of(nodes)
    await Promise.all([this.#services.synced, this.#slices.synced, nodeInformer.synced])
    this.#slices.addIndex('service', (slice) => serviceOf(slice))
    this.#stops.push(
      this.#services.subscribe(({ object }) => this.#touch(keyOf(object))),
      this.#slices.subscribe(({ object, previous }) => {
        for (const key of [...serviceOf(object), ...(previous ? serviceOf(previous) : [])]) {
          this.#touch(key)
        }
      }),
      nodeInformer.subscribe((change) => this.#nodeChanged(change)),
      this.#deps.informers.of(configMaps).subscribe(({ object }) => this.#asked(object)),
    )
    this.#kick()
    await this.settled()
  }

  #touch(service: string): void {
    this.#dirty.add(service)
    this.#kick()
  }

  #nodeChanged({ object, previous, type }: ObjectChange<Node>): void {
    if (type === 'modified' && addressOf(object) === (previous && addressOf(previous))) return
    this.#nodesChanged = true
    this.#kick()
  }

  /** The addresses that answer node ports. */
  #nodeAddresses(): string[] {
    const all = [...this.#deps.informers.of(nodes).all()].map(addressOf)
    return [
      '127.0.0.1',
      ...all.filter((address) => address?.startsWith('127.') === true),
    ] as string[]
  }

  #asked(config: ConfigMap): void {
    const { namespace, name } = config.metadata
    if (namespace !== SERVICE_PROXY.namespace || name !== SERVICE_PROXY.name) return
    const text = config.data?.['mode']
    const mode = modeIn(text)
    if (!mode) {
      const message = `data.mode must be userspace, iptables or auto, not ${JSON.stringify(text)}`
      this.#warnings.warn(configMaps, config, 'InvalidMode', message)
    } else if (mode !== 'auto' && mode !== this.#wantedMode) {
      this.#wantedMode = mode
      this.#kick()
    }
  }

  /** Carries out what has changed, one batch at a time; what changes meanwhile makes the next batch. */
  #kick(): void {
    if (this.#running || this.#closed) return
    this.#running = Promise.resolve()
      .then(() => this.#carryOut())
      .finally(() => {
        this.#running = undefined
        if (this.#hasWork && this.#failures === 0) this.#kick()
      })
  }

  get #hasWork(): boolean {
    return this.#dirty.size > 0 || this.#nodesChanged || this.#wantedMode !== this.mode
  }

  async settled(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #carryOut(): Promise<void> {
    while (this.#hasWork && !this.#closed) {
      const touched = [...this.#dirty]
      const forced = new Set(this.#again)
      const nodesChanged = this.#nodesChanged
      this.#dirty.clear()
      this.#again.clear()
      this.#nodesChanged = false
      try {
        await this.#program(touched, forced, nodesChanged)
        if (this.#wantedMode !== this.mode) await this.#switch()
        this.#failures = 0
      } catch (error) {
        for (const key of touched) this.#dirty.add(key)
        for (const key of forced) this.#again.add(key)
        this.#nodesChanged ||= nodesChanged
        this.#deps.log.warn(`routes could not be programmed: ${messageOf(error)}`)
        this.#later(backoffAfter(++this.#failures, RETRY), () => this.#kick())
        return
      }
    }
  }

  /** Puts the routes of the touched services in force and says so. */
  async #program(
    touched: readonly string[],
    forced: ReadonlySet<string>,
    nodesChanged: boolean,
  ): Promise<void> {
    // Read before the slices are: whatever they hold beyond it is only more.
    const revision = this.#slices.resourceVersion
    const next = new Map(touched.map((key) => [key, this.#routesNow(key)]))
    const changes: RouteChanges = { set: [], remove: [] }
    for (const [key, routes] of next) {
      const before = forced.has(key) ? [] : (this.#routes.get(key) ?? [])
      const { set, remove } = changesBetween(before, routes)
      changes.set.push(...set)
      changes.remove.push(...remove)
    }
    if (nodesChanged) {
      this.#nodes = this.#nodeAddresses()
      const changed = new Set(changes.set.map((route) => route.key))
      const standing = [...this.#routes].flatMap(([key, routes]) => (next.has(key) ? [] : routes))
      const moved = standing.filter((route) => route.nodePort && !changed.has(route.key))
      changes.set.push(...moved)
    }
    if (changes.set.length + changes.remove.length > 0) {
      this.#failed(await this.#proxier.program(changes, this.#nodes))
    }
    for (const [key, routes] of next) {
      if (routes.length > 0) this.#routes.set(key, routes)
      else this.#routes.delete(key)
    }
    this.#lease.report({ revision, mode: this.mode })
  }

  #routesNow(key: string): Route[] {
    const service = this.#services.get(key)
    if (!service) return []
    const { routes, unsupported } = routesOf(service, this.#slices.byIndex('service', key))
    if (!this.#routes.has(key)) {
      for (const message of unsupported)
        this.#warnings.warn(services, service, 'Unsupported', message)
    }
    return routes
  }

  /** New connections find the new way before the old one goes. */
  async #switch(): Promise<void> {
    const mode = this.#wantedMode
    const old = this.#proxier
    const next = mode === 'userspace' ? this.#userspace : await this.#iptablesNow()
    if (!next) return
    const set = [...this.#routes.values()].flat()
    this.#failed(await next.program({ set, remove: [] }, this.#nodes))
    this.#proxier = next
    // What cannot be taken out of force now is removed by the proxier's own repair.
    await old.leave().catch((error: unknown) => this.#deps.log.warn(messageOf(error)))
    this.#deps.log.info(`services are now proxied by ${mode}`)
    this.#lease.report({ revision: this.#slices.resourceVersion, mode })
  }

  /** The iptables proxier; where it cannot be used, an event says why and the mode stays. */
  async #iptablesNow(): Promise<Proxier | undefined> {
    const { clock, log } = this.#deps
    try {
      this.#iptables ??= await startIptablesProxy({
        ...this.#options,
        run: this.#tools.run,
        clock,
        log,
      })
    } catch (error) {
      this.#wantedMode = this.mode
      const config = { metadata: { ...SERVICE_PROXY } }
      const message = `iptables cannot be used: ${messageOf(error)}`
      this.#warnings.warn(configMaps, config, 'ModeUnavailable', message)
    }
    return this.#iptables
  }

  #failed(failures: readonly ListenFailure[]): void {
    for (const { key, address, port, code } of failures) {
      const service = key.slice(0, key.lastIndexOf(':'))
      const message = `${address}:${port} cannot be listened on: ${whyNotListening(code)}`
      this.#deps.log.warn(`${service}: ${message}`)
      const object = this.#services.get(service)
      if (object) this.#warnings.warn(services, object, 'FailedToListen', message)
      if (code === NOT_TCP) continue
      this.#later(LISTEN_AGAIN_MS, () => {
        this.#again.add(service)
        this.#touch(service)
      })
    }
  }

  #later(ms: number, run: () => void): void {
    const timer = this.#deps.clock.after(ms, () => {
      this.#timers.delete(timer)
      if (!this.#closed) run()
    })
    this.#timers.add(timer)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#stops) stop()
    for (const timer of this.#timers) timer.cancel()
    await this.settled()
    await this.#lease.close()
    await Promise.all([this.#userspace.close(), this.#iptables?.close()])
    await this.#tools.close()
    await this.#warnings.written()
  }
}

const addressOf = (node: Node): string | undefined =>
  node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address

/** The service a slice belongs to. */
function serviceOf(slice: EndpointSlice): string[] {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL]
  return name ? [`${slice.metadata.namespace ?? ''}/${name}`] : []
}
