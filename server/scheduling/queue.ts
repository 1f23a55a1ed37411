// Pods that wait for a node: those to be tried now, those that wait after a failure, and those that fit nowhere until
// something changes (pkg/scheduler/backend/queue).
import type { Clock, Timer } from '../machinery/clock.ts'
import type { PodInfo } from './snapshot.ts'

export interface QueuedPod {
  readonly info: PodInfo
  /** Tried so often. */
  attempts: number
  /** The last message that was told about it. */
  message: string | undefined
}

export interface BackoffTimes {
  /** Milliseconds after the first failure; doubles with every further one. */
  initialMs: number
  maxMs: number
}

interface Held {
  pod: QueuedPod
  order: number
  triedAt: number
  backoff: Timer | undefined
}

/** Higher priority first, then first come, first served. */
function before(a: Held, b: Held): boolean {
  const difference = (b.pod.info.pod.spec.priority ?? 0) - (a.pod.info.pod.spec.priority ?? 0)
  return difference === 0 ? a.order < b.order : difference < 0
}

/** Holds each pod (by uid) in exactly one of its three places. */
export class SchedulingQueue {
  readonly #clock: Clock
  readonly #times: BackoffTimes
  readonly #onReady: () => void
  readonly #held = new Map<string, Held>()
  /** A binary heap; entries that were taken out by uid stay until they surface. */
  readonly #active: Held[] = []
  readonly #parked = new Map<string, Held>()
  #order = 0

  /** @param onReady called when a pod may be taken */
  constructor(clock: Clock, times: BackoffTimes, onReady: () => void) {
    this.#clock = clock
    this.#times = times
    this.#onReady = onReady
  }

  /** A new pod, or a new version of one that waits: what is known of its failures stays. */
  add(info: PodInfo): void {
    const before = this.#held.get(info.uid)
    this.remove(info.uid)
    const pod = { info, attempts: 0, message: before?.pod.message }
    this.#activate({ pod, order: this.#order++, triedAt: 0, backoff: undefined })
  }

  has(uid: string): boolean {
    return this.#held.has(uid)
  }

  /** Pods that fit nowhere. */
  get parkedCount(): number {
    return this.#parked.size
  }

  /** True when `take` may have a pod to give. */
  get ready(): boolean {
    return this.#active.length > 0
  }

  remove(uid: string): void {
    this.#held.get(uid)?.backoff?.cancel()
    this.#held.delete(uid)
    this.#parked.delete(uid)
  }

  /** The next pod to try. It is no longer held until it is given back. */
  take(): QueuedPod | undefined {
    for (let held = pop(this.#active); held; held = pop(this.#active)) {
      if (this.#held.get(held.pod.info.uid) !== held) continue
      this.#held.delete(held.pod.info.uid)
      held.pod.attempts += 1
      return held.pod
    }
    return undefined
  }

  /** Fits nowhere: waits until it is woken. */
  park(pod: QueuedPod): void {
    const held = this.#hold(pod)
    this.#parked.set(pod.info.uid, held)
  }

  /** Failed for another reason: is tried again after a while. */
  retry(pod: QueuedPod): void {
    this.#delay(this.#hold(pod))
  }

  /** Pods that fit nowhere, longest waiting first. */
  parked(): QueuedPod[] {
    return [...this.#parked.values()].map(({ pod }) => pod)
  }

  /** Something changed that may help a parked pod: it is tried when its back-off is over. */
  wake(uid: string): void {
    const held = this.#parked.get(uid)
    if (!held) return
    this.#parked.delete(uid)
    this.#delay(held)
  }

  close(): void {
    for (const { backoff } of this.#held.values()) backoff?.cancel()
    this.#held.clear()
    this.#parked.clear()
    this.#active.length = 0
  }

  #hold(pod: QueuedPod): Held {
    const held = { pod, order: this.#order++, triedAt: this.#clock.now(), backoff: undefined }
    this.#held.set(pod.info.uid, held)
    return held
  }

  #delay(held: Held): void {
    const { initialMs, maxMs } = this.#times
    const wait = Math.min(maxMs, initialMs * 2 ** Math.max(0, held.pod.attempts - 1))
    const left = held.triedAt + wait - this.#clock.now()
    if (left <= 0) this.#activate(held)
    else held.backoff = this.#clock.after(left, () => this.#activate(held))
  }

  #activate(held: Held): void {
    held.backoff = undefined
    this.#held.set(held.pod.info.uid, held)
    push(this.#active, held)
    this.#onReady()
  }
}

function push(heap: Held[], held: Held): void {
  let index = heap.push(held) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(held, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = held
}

function pop(heap: Held[]): Held | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (!top || !last || heap.length === 0) return top
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    if (left >= heap.length) break
    const right = left + 1
    const child = right < heap.length && before(heap[right]!, heap[left]!) ? right : left
    if (!before(heap[child]!, last)) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = last
  return top
}
