// What a container should ask for, from what it used (vertical-pod-autoscaler/pkg/recommender: logic, model).
import type { ContainerPolicy } from '../../shared/kubernetes/vertical.ts'
import type { Amounts, ContainerRecommendation } from '../../shared/kubernetes/vertical-amounts.ts'
import { amountText } from '../../shared/kubernetes/vertical-amounts.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import { bucketsUpTo, DecayingHistogram } from './decaying-histogram.ts'

const DAY_MS = 24 * 3_600_000
const SAMPLES_A_DAY = 24 * 60
const CPU_BUCKETS = bucketsUpTo(1000, 0.01, 1.05)
const MEMORY_BUCKETS = bucketsUpTo(1e12, 1e7, 1.05)
/** Use of containers that ask for little still counts as this many cores' worth. */
const LEAST_WEIGHT = 0.1
const TARGET = 0.9
const LOWER = 0.5
const UPPER = 0.95
/** --recommendation-margin-fraction */
const MARGIN = 1.15
/** --pod-recommendation-min-cpu-millicores, --pod-recommendation-min-memory-mb: of a pod, shared by its containers. */
const LEAST_CPU = 0.025
const LEAST_MEMORY = 250 * 2 ** 20
/** Whoever was killed for want of memory gets so much more. */
const OOM_RATIO = 1.2
const OOM_BYTES = 100 * 2 ** 20
/** What bounds are without any confidence: more than there is. */
const BOUNDLESS = { cpu: 1e11, memory: 1e14 }

/** What the containers of one name, of all pods of one target, have used. */
export interface UseHistory {
  readonly cpu: DecayingHistogram
  readonly memory: DecayingHistogram
  /** The highest use of memory of each pod in the current window. */
  readonly peaks: Map<string, { bytes: number; windowEnds: number }>
  /** When each pod was measured last. */
  readonly measured: Map<string, number>
  /** When each pod was killed last for want of memory, as its status says it. */
  readonly kills: Map<string, string>
  samples: number
  firstAt: number | undefined
  lastAt: number
}

/** @param speed how many times faster than the real one the autoscaler's day passes */
export function newHistory(speed: number): UseHistory {
  const halfLifeMs = DAY_MS / speed
  return {
    cpu: new DecayingHistogram(CPU_BUCKETS, halfLifeMs),
    memory: new DecayingHistogram(MEMORY_BUCKETS, halfLifeMs),
    peaks: new Map(),
    measured: new Map(),
    kills: new Map(),
    samples: 0,
    firstAt: undefined,
    lastAt: 0,
  }
}

export interface UseSample {
  /** Uid of the pod. */
  pod: string
  cpuCores: number
  memoryBytes: number
  /** What it asks for, in cores. */
  requestedCores: number
  /** Ms since epoch. */
  at: number
}

/** A measurement counts once, however often it is read. */
export function addSample(history: UseHistory, sample: UseSample, speed: number): void {
  const { pod, cpuCores, memoryBytes, requestedCores, at } = sample
  if (at <= (history.measured.get(pod) ?? 0)) return
  history.measured.set(pod, at)
  history.cpu.add(cpuCores, Math.max(requestedCores, LEAST_WEIGHT), at)
  addPeak(history, pod, memoryBytes, at, speed)
  history.samples += 1
  history.firstAt ??= at
  history.lastAt = Math.max(history.lastAt, at)
}

/** Pods that are gone have no more peaks to come; what they used is kept. */
export function forgetOthers(history: UseHistory, alive: ReadonlySet<string>): void {
  for (const table of [history.peaks, history.measured, history.kills]) {
    for (const pod of table.keys()) if (!alive.has(pod)) table.delete(pod)
  }
}

/** Memory counts by its peak a day: a higher one takes the place of the last. */
function addPeak(
  { memory, peaks }: UseHistory,
  pod: string,
  bytes: number,
  at: number,
  speed: number,
): void {
  const held = peaks.get(pod)
  const isSameWindow = held !== undefined && at < held.windowEnds
  if (isSameWindow && bytes <= held.bytes) return
  const windowEnds = isSameWindow ? held.windowEnds : at + DAY_MS / speed
  if (isSameWindow) memory.add(held.bytes, -1, windowEnds)
  memory.add(bytes, 1, windowEnds)
  peaks.set(pod, { bytes, windowEnds })
}

/** A container was killed with so much memory allowed: it would have used more. */
export function addOutOfMemory(
  history: UseHistory,
  kill: { pod: string; allowedBytes: number; at: number },
  speed: number,
): void {
  const { pod, allowedBytes, at } = kill
  const used = Math.max(allowedBytes, history.peaks.get(pod)?.bytes ?? 0)
  addPeak(history, pod, Math.max(used + OOM_BYTES, used * OOM_RATIO), at, speed)
}

/** In days of samples: little time, or few samples, mean little. */
function confidenceIn({ samples, firstAt, lastAt }: UseHistory, speed: number): number {
  const days = ((lastAt - (firstAt ?? lastAt)) * speed) / DAY_MS
  return Math.min(days, samples / SAMPLES_A_DAY)
}

/**
 * The recommendation for a container; undefined before its first sample.
 * @param containers how many its pods have
 */
export function recommend(
  containerName: string,
  history: UseHistory,
  containers: number,
  policy: ContainerPolicy,
  speed: number,
): ContainerRecommendation | undefined {
  if (history.samples === 0) return undefined
  const confidence = confidenceIn(history, speed)
  const low = (1 + 0.001 / confidence) ** -2
  const high = 1 + 1 / confidence
  const { controlledResources = ['cpu', 'memory'] } = policy
  const at = (share: number, factor: number, capped = true): Amounts => {
    const amounts = {
      cpu: Math.max(history.cpu.percentile(share) * factor, LEAST_CPU / containers),
      memory: Math.max(history.memory.percentile(share) * factor, LEAST_MEMORY / containers),
    }
    return Object.fromEntries(
      (['cpu', 'memory'] as const)
        .filter((resource) => controlledResources.includes(resource))
        .map((resource) => {
          const amount = Math.min(amounts[resource], BOUNDLESS[resource])
          const bound = capped ? boundOf(policy, resource, amount) : undefined
          return [resource, bound ?? amountText(resource, amount)]
        }),
    )
  }
  return {
    containerName,
    lowerBound: at(LOWER, MARGIN * low),
    target: at(TARGET, MARGIN),
    uncappedTarget: at(TARGET, MARGIN, false),
    upperBound: at(UPPER, MARGIN * high),
  }
}

/** The policy's own bound where the amount lies beyond it. */
function boundOf(
  { minAllowed, maxAllowed }: ContainerPolicy,
  resource: string,
  amount: number,
): string | undefined {
  const [least, most] = [minAllowed?.[resource], maxAllowed?.[resource]]
  if (amount > (parseQuantity(most) ?? Infinity)) return most
  return amount < (parseQuantity(least) ?? 0) ? least : undefined
}
