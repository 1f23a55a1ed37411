// One pod on this node: looks, plans, acts, and writes what it saw. Every step is short; what takes time runs beside it
// and asks for another step when it is done.
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import { isConflict, isNotFound } from '../../shared/status.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import type { Timer } from '../machinery/clock.ts'
import { ContainerSteps } from './container-steps.ts'
import type { NodeContext } from './context.ts'
import type { ObservedContainer, ObservedPod, PodEnd } from './observed.ts'
import { addEphemeral, allContainers, firstObservation } from './observed.ts'
import { PodPlaces } from './pod-places.ts'
import { podStatus } from './pod-status.ts'
import { PodVolumes } from './pod-volumes.ts'
import { StatusWriter } from './status-writer.ts'
import type { PodAction } from './sync-pod.ts'
import { syncPod } from './sync-pod.ts'
import type { TrafficGate } from './traffic-gate.ts'
import { volumeReferences } from './volume-files.ts'

const PREPARE_RETRY = { baseMs: 500, maxMs: 120_000 }
const EVICTION_GRACE_SECONDS = 1
const DELETE_RETRY = { baseMs: 100, maxMs: 5_000 }

export class PodWorker {
  readonly uid: string
  readonly places: PodPlaces
  readonly observed: ObservedPod
  readonly #context: NodeContext
  readonly #volumes: PodVolumes
  readonly #steps: ContainerSteps
  readonly #writer: StatusWriter
  readonly #stopFollowing: () => void
  #pod: Pod
  #wake: Timer | undefined
  #stepping = false
  #again = false
  #prepareFailures = 0
  #refreshing: Promise<void> = Promise.resolve()
  #silent = false

  constructor(pod: Pod, context: NodeContext, gate: TrafficGate) {
    const { deps, hostIP, nodeName, objects } = context
    this.#pod = pod
    this.#context = context
    this.uid = pod.metadata.uid ?? ''
    this.places = new PodPlaces(context.directory, this.uid)
    this.observed = firstObservation(pod, hostIP, deps.clock.now())
    this.#claimAddress()
    this.#volumes = new PodVolumes(context, this.places, pod)
    this.#steps = new ContainerSteps(
      {
        context,
        pod: () => this.#pod,
        podIP: () => this.observed.podIP,
        places: this.places,
        volumes: this.#volumes,
      },
      gate,
      () => this.kick(),
    )
    this.#writer = new StatusWriter({
      client: deps.client,
      clock: deps.clock,
      log: deps.log.named(nodeName),
      newest: () => this.#pod,
      written: (written) => this.update(written),
    })
    const references = volumeReferences(this.#volumes.volumes)
    this.#stopFollowing = objects.follow(pod.metadata.namespace ?? '', references, () =>
      this.#refreshVolumes(),
    )
  }

  get pod(): Pod {
    return this.#pod
  }

  /** Takes a newer state of the pod's object; older ones are ignored. */
  update(pod: Pod): void {
    if (pod.metadata.uid !== this.#pod.metadata.uid) return
    const [known, given] = [this.#pod, pod].map((p) => Number(p.metadata.resourceVersion ?? 0))
    if (given! < known!) return
    const before = this.#pod.metadata.deletionGracePeriodSeconds
    this.#pod = pod
    addEphemeral(this.observed, pod)
    const { deletionTimestamp, deletionGracePeriodSeconds: grace } = pod.metadata
    if (deletionTimestamp && grace !== undefined && grace < (before ?? Infinity)) {
      this.#steps.hurry(this.#context.deps.clock.now() + grace * 1000)
    }
    this.kick()
  }

  /** Kills a container over its memory limit; false when it is not there to be killed. */
  killOutOfMemory(container: ObservedContainer): boolean {
    return this.#steps.killOutOfMemory(container)
  }

  /** Ends the pod for good because its node is short of something; its processes get a second. */
  evict(message: string): void {
    if (this.observed.end || this.#pod.metadata.deletionTimestamp || isPodTerminal(this.#pod))
      return
    for (const container of allContainers(this.observed)) {
      container.condemned ??= { message: 'Evicted', graceSeconds: EVICTION_GRACE_SECONDS }
    }
    this.#event('Warning', 'Evicted', message)
    this.observed.failure = { reason: 'Evicted', message }
    this.#end({ kind: 'failed' })
    this.kick()
  }

  /** Asks for a step. */
  kick(): void {
    this.#again = true
    if (this.#stepping || this.#silent) return
    this.#stepping = true
    queueMicrotask(() => {
      this.#stepping = false
      while (this.#again && !this.#silent) {
        this.#again = false
        this.#step()
      }
    })
  }

  /**
   * Stops everything without a word to the API: the node fails, Podium ends, or the object is already gone.
   * @param graceMs between the stop signal and SIGKILL; 0 kills at once.
   */
  async silence(graceMs: number): Promise<void> {
    this.#silent = true
    this.#wake?.cancel()
    this.#writer.close()
    this.#stopFollowing()
    await this.#steps.endAll(graceMs)
    await this.#refreshing
    this.#giveBackAddress()
  }

  /** For a pod whose object is gone: stops everything and removes its directory. */
  async discard(): Promise<void> {
    await this.silence(0)
    await this.places.remove()
  }

  #step(): void {
    const { clock } = this.#context.deps
    const { restarts } = this.#context
    for (let changed = true; changed;) {
      const plan = syncPod(this.#pod, this.observed, restarts, clock.now())
      for (const action of plan.actions) this.#carryOut(action)
      changed = plan.actions.length > 0
      this.#wakeAt(plan.wakeAt)
    }
    this.#writer.set(podStatus(this.#pod, this.observed, restarts, clock.now()))
  }

  #wakeAt(planned: number | undefined): void {
    const { clock } = this.#context.deps
    this.#wake?.cancel()
    const times = [planned, this.#tokenRenewal(), this.#nextWording()]
    const at = Math.min(...times.map((time) => time ?? Infinity))
    if (!Number.isFinite(at)) return
    // A timer holds at most 2^31 ms; a step too many does no harm.
    const wait = Math.min(Math.max(1, at - clock.now()), 2 ** 30)
    this.#wake = clock.after(wait, () => {
      const renewal = this.#tokenRenewal()
      if (renewal !== undefined && renewal <= clock.now()) this.#refreshVolumes()
      this.kick()
    })
  }

  #tokenRenewal(): number | undefined {
    return this.observed.prepared === 'yes' ? this.#volumes.renewAt : undefined
  }

  /** ErrImagePull is called ImagePullBackOff a second later. */
  #nextWording(): number | undefined {
    const now = this.#context.deps.clock.now()
    const turns = allContainers(this.observed).flatMap(({ hold }) =>
      hold && hold.since + 1000 > now ? [hold.since + 1000] : [],
    )
    return turns.length > 0 ? Math.min(...turns) : undefined
  }

  #carryOut(action: PodAction): void {
    switch (action.do) {
      case 'prepare':
        this.observed.prepared = 'going on'
        void this.#prepare()
        break
      case 'start':
        this.#steps.start(action.container)
        break
      case 'stop':
        this.#steps.stop(action.container, action.message)
        break
      case 'end':
        this.#end(action.end)
        break
      case 'release':
        this.observed.settled = 'released'
        this.#release()
        break
      case 'confirm deletion':
        this.observed.settled = 'confirmed'
        this.#release()
        void this.#confirmDeletion()
        break
    }
  }

  #end(end: PodEnd): void {
    this.observed.end = end
    this.#steps.interruptStarts()
    if (end.reason === undefined) return
    const { reason, message = '' } = end
    this.observed.failure = { reason, message }
    this.#event('Normal', reason, message)
  }

  async #prepare(): Promise<void> {
    const { deps, addresses, hostIP } = this.#context
    try {
      const network = this.#pod.spec.hostNetwork
        ? hostIP
        : (this.observed.podIP ?? addresses.take())
      if (network === undefined) throw new Error('no pod address is free on this node')
      this.observed.podIP = network
      await this.#volumes.setUp(this.#pod, network)
      this.#prepareFailures = 0
      this.observed.prepared = 'yes'
    } catch (error) {
      this.#prepareFailures++
      const wait = backoffAfter(this.#prepareFailures, PREPARE_RETRY)
      this.observed.prepared = 'no'
      this.observed.prepareAgainAt = deps.clock.now() + wait
      const reason = this.observed.podIP === undefined ? 'FailedCreatePodSandBox' : 'FailedMount'
      this.#event('Warning', reason, (error as Error).message)
    }
    this.kick()
  }

  /** A ConfigMap or Secret changed, or a token is old. */
  #refreshVolumes(): void {
    if (this.#silent) return
    if (this.observed.prepared === 'no') {
      this.observed.prepareAgainAt = 0
      return this.kick()
    }
    this.#refreshing = this.#refreshing.then(async () => {
      if (this.#silent || this.observed.settled !== 'no') return
      try {
        await this.#volumes.setUp(this.#pod, this.observed.podIP)
      } catch (error) {
        this.#volumes.renewLater(this.#context.deps.clock.now())
        this.#event('Warning', 'FailedMount', (error as Error).message)
      }
      this.kick()
    })
  }

  /** Nothing runs any more: the address is free and the volumes follow no objects. */
  #release(): void {
    this.observed.prepared = 'no'
    this.#stopFollowing()
    this.#giveBackAddress()
  }

  #claimAddress(): void {
    const { podIP } = this.observed
    if (podIP === undefined || this.#pod.spec.hostNetwork || isPodTerminal(this.#pod)) return
    if (!this.#context.addresses.claim(podIP)) this.observed.podIP = undefined
  }

  #addressGiven = false
  #giveBackAddress(): void {
    const { podIP } = this.observed
    if (this.#addressGiven || podIP === undefined || this.#pod.spec.hostNetwork) return
    this.#addressGiven = true
    this.#context.addresses.giveBack(podIP)
  }

  /** The last status is written before the object goes, so that whoever watches sees how it ended. */
  async #confirmDeletion(): Promise<void> {
    const { client, clock } = this.#context.deps
    await nextStep()
    await this.#writer.flushed()
    await this.places.remove()
    const { namespace, name = '' } = this.#pod.metadata
    for (let failures = 1; !this.#silent; failures++) {
      try {
        const preconditions = { uid: this.uid }
        await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions })
        return
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return
        await new Promise<void>((resolve) => {
          clock.after(backoffAfter(failures, DELETE_RETRY), resolve)
        })
      }
    }
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.events.event(this.#pod, type, reason, message)
  }
}

/** Lets the step that is going on hand its status to the writer. */
const nextStep = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The container of that name, if the pod has it. */
export function observedContainer(
  { observed }: PodWorker,
  name: string,
): ObservedContainer | undefined {
  return allContainers(observed).find((container) => container.name === name)
}
