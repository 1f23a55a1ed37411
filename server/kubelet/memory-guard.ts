// Keeps the memory of a node: containers over their limit are killed, and when what the node promises runs out, pods go.
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import { wholeUnits } from '../../shared/quantity.ts'
import type { Clock } from '../machinery/clock.ts'
import type { EventRecorder } from '../machinery/events.ts'
import type { PodMemory } from './eviction-plan.ts'
import { evictionMessage, evictionOrder, memoryUsed } from './eviction-plan.ts'
import type { Measured, NodePods } from './node-pods.ts'
import type { ObservedContainer } from './observed.ts'
import type { Meter } from './runtime/meter.ts'

/** Kubernetes' default hard threshold: memory.available<100Mi. */
const THRESHOLD_BYTES = 100 * 2 ** 20
/** How long the node says that it is under pressure after it was last; Kubernetes waits 5 minutes, a hall does not. */
const PRESSURE_LASTS_MS = 30_000

export interface MemoryGuardOptions {
  nodeName: string
  meter: Meter
  pods: NodePods
  /** What the node promises. */
  memoryBytes: number
  clock: Clock
  events: EventRecorder
  pressureChanged: () => void
}

export class MemoryGuard {
  readonly #options: MemoryGuardOptions
  readonly #stop: () => void
  #pressedAt = -Infinity
  #told = false

  constructor(options: MemoryGuardOptions) {
    this.#options = options
    this.#stop = options.meter.onReading(() => this.#look())
  }

  get underPressure(): boolean {
    return this.#options.clock.now() - this.#pressedAt < PRESSURE_LASTS_MS
  }

  close(): void {
    this.#stop()
  }

  #look(): void {
    const { meter, pods } = this.#options
    const measured = pods.measured(meter.readings)
    this.#holdLimits(measured)
    this.#reclaim(measured)
    if (this.underPressure === this.#told) return
    this.#told = this.underPressure
    this.#options.pressureChanged()
  }

  #holdLimits(measured: readonly Measured[]): void {
    for (const { worker, containers } of measured) {
      for (const { container, reading } of containers) {
        const limit = memoryLimit(worker.pod, container)
        if (limit === undefined || reading.memoryBytes <= limit) continue
        if (!worker.killOutOfMemory(container)) continue
        this.#say('Warning', 'OOMKilling', killedText(worker.pod, container, reading.memoryBytes))
      }
    }
  }

  /** One pod at a time; what goes already counts as gone when nothing of it is left. */
  #reclaim(measured: readonly Measured[]): void {
    const { memoryBytes, clock } = this.#options
    const all = measured.map((each) => ({ ...each, memory: memoryOf(each) }))
    const used = all.reduce((sum, { memory }) => sum + memoryUsed(memory), 0)
    const available = memoryBytes - used
    const threshold = Math.min(THRESHOLD_BYTES, memoryBytes / 10)
    if (available >= threshold) return
    if (!this.underPressure) {
      this.#say('Warning', 'EvictionThresholdMet', 'Attempting to reclaim memory')
    }
    this.#pressedAt = clock.now()
    const going = all.some(({ worker, memory }) => isGoing(worker.pod) && memory.used.size > 0)
    const ended = all.some(({ worker }) => worker.observed.end && worker.observed.settled === 'no')
    if (going || ended) return
    const [first] = evictionOrder(all.map(({ memory }) => memory))
    const chosen = all.find(({ memory }) => memory === first)
    if (first) chosen?.worker.evict(evictionMessage(first, { threshold, available }))
  }

  #say(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { nodeName, events } = this.#options
    const node = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeName }
    events.event(node, type, reason, message)
  }
}

function isGoing(pod: Pod): boolean {
  return isBeingDeleted(pod) || isPodTerminal(pod)
}

function memoryOf({ worker, containers }: Measured): PodMemory {
  const used = new Map(
    containers.map(({ container, reading }) => [container.name, reading.memoryBytes]),
  )
  return { pod: worker.pod, used }
}

/** Bytes; undefined when nothing limits it. */
function memoryLimit(pod: Pod, { name, init }: ObservedContainer): number | undefined {
  const list = (init ? pod.spec.initContainers : pod.spec.containers) ?? []
  const text = list.find((container) => container.name === name)?.resources?.limits?.['memory']
  return text === undefined ? undefined : wholeUnits(text)
}

function killedText({ metadata }: Pod, { name }: ObservedContainer, bytes: number): string {
  const kibibytes = Math.round(bytes / 1024)
  return `Memory cgroup out of memory: Killed container ${name} of pod ${metadata.namespace}/${metadata.name}, anon-rss:${kibibytes}kB`
}
