// How many replicas a metric asks for, after pkg/controller/podautoscaler/replica_calculator.go. Pure: pods, what was
// measured of them and a target in; a count and what it came from out.
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'

/** What was measured of one pod: milliunits of a resource or of a metric, at `at` over `windowMs` (both milliseconds). */
export interface PodMeasure {
  value: number
  at: number
  windowMs: number
}

/** By pod name. */
export type Measures = ReadonlyMap<string, PodMeasure>

export interface Timing {
  /** Deviation from the target that changes nothing: 0.1 is ten percent. */
  tolerance: { up: number; down: number }
  /** After its start a pod's CPU counts only once it is ready, for so long (milliseconds). */
  cpuInitializationMs: number
  /** Readiness that changed this soon after the start was the first one (milliseconds). */
  initialReadinessMs: number
}

export interface Recommendation {
  replicas: number
  /** Milliunits per pod, over the pods that were measured. */
  average: number
  /** Percent of what is requested; only of a utilization. */
  utilization?: number
}

/** A metric that says nothing, with the reason and message for the condition ScalingActive. */
export class NoMetricError extends Error {}

interface Groups {
  ready: number
  unready: Set<string>
  missing: Set<string>
  ignored: Set<string>
}

/** Sorts pods by what their measurements are worth (groupPods). */
function groupPods(
  pods: readonly Pod[],
  measures: Measures,
  isCpu: boolean,
  timing: Timing,
  now: number,
): Groups {
  const groups: Groups = {
    ready: 0,
    unready: new Set(),
    missing: new Set(),
    ignored: new Set(),
  }
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata
    const measure = measures.get(name)
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') groups.ignored.add(name)
    else if (pod.status?.phase === 'Pending') groups.unready.add(name)
    else if (!measure) groups.missing.add(name)
    else if (isCpu && isUnready(pod, measure, timing, now)) groups.unready.add(name)
    else groups.ready += 1
  }
  return groups
}

/** CPU that a pod spends on starting says nothing about the load. */
function isUnready(pod: Pod, measure: PodMeasure, timing: Timing, now: number): boolean {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'Ready')
  const startTime = pod.status?.startTime
  if (!condition || startTime === undefined) return true
  const started = Date.parse(startTime)
  const changed = Date.parse(condition.lastTransitionTime ?? startTime)
  if (started + timing.cpuInitializationMs > now) {
    return !isPodReady(pod) || measure.at < changed + measure.windowMs
  }
  return !isPodReady(pod) && started + timing.initialReadinessMs > changed
}

interface Ratio {
  ratio: number
  average: number
  utilization?: number
}

/** What is asked of the pods together: a share of their requests, or so much each. */
export type Target =
  | { type: 'utilization'; percent: number; requests: ReadonlyMap<string, number> }
  | { type: 'average'; perPod: number }

function ratioOf(measures: ReadonlyMap<string, PodMeasure>, target: Target): Ratio {
  let used = 0
  let requested = 0
  for (const [name, { value }] of measures) {
    used += value
    if (target.type === 'utilization') requested += target.requests.get(name) ?? 0
  }
  const average = measures.size === 0 ? 0 : Math.trunc(used / measures.size)
  if (target.type === 'average') return { ratio: average / target.perPod, average }
  if (requested === 0) throw new NoMetricError('no metrics returned matched known pods')
  const utilization = Math.trunc((used * 100) / requested)
  return { ratio: utilization / target.percent, average, utilization }
}

function isWithin(ratio: number, { tolerance }: Timing): boolean {
  return ratio >= 1 - tolerance.down && ratio <= 1 + tolerance.up
}

/** What a pod without a measurement is taken to use, so that it never drives a change further. */
function assumed(name: string, ratio: number, target: Target): number {
  if (ratio > 1) return 0
  if (target.type === 'average') return target.perPod
  return ((target.requests.get(name) ?? 0) * Math.max(100, target.percent)) / 100
}

export interface Question {
  pods: readonly Pod[]
  measures: Measures
  isCpu: boolean
  target: Target
  currentReplicas: number
  timing: Timing
  now: number
}

/**
 * The replicas that bring the pods to the target.
 * @throws NoMetricError when no pod has a measurement that counts.
 */
export function replicasFor(question: Question): Recommendation {
  const { pods, isCpu, target, currentReplicas, timing, now } = question
  if (pods.length === 0) {
    throw new NoMetricError('no pods returned by selector while calculating replica count')
  }
  const groups = groupPods(pods, question.measures, isCpu, timing, now)
  const measures = new Map(question.measures)
  for (const name of [...groups.ignored, ...groups.unready]) measures.delete(name)
  if (measures.size === 0) {
    throw new NoMetricError('did not receive metrics for targeted pods (pods might be unready)')
  }
  const now1 = ratioOf(measures, target)
  const { ratio, ...seen } = now1
  const waitsForUnready = groups.unready.size > 0 && ratio > 1
  if (!waitsForUnready && groups.missing.size === 0) {
    const replicas = isWithin(ratio, timing) ? currentReplicas : Math.ceil(ratio * groups.ready)
    return { replicas, ...seen }
  }
  if (ratio !== 1) {
    for (const name of groups.missing)
      measures.set(name, { value: assumed(name, ratio, target), at: now, windowMs: 0 })
  }
  if (waitsForUnready)
    for (const name of groups.unready) measures.set(name, { value: 0, at: now, windowMs: 0 })
  return { replicas: careful(ratio, measures, question), ...seen }
}

/** The same again with assumptions for what is not known; they may weaken a change, never turn or widen it. */
function careful(before: number, measures: Measures, question: Question): number {
  const { target, currentReplicas, timing } = question
  const { ratio } = ratioOf(measures, target)
  const turned = (before < 1 && ratio > 1) || (before > 1 && ratio < 1)
  if (isWithin(ratio, timing) || turned) return currentReplicas
  const replicas = Math.ceil(ratio * measures.size)
  const against =
    (ratio < 1 && replicas > currentReplicas) || (ratio > 1 && replicas < currentReplicas)
  return against ? currentReplicas : replicas
}

/** Replicas for one number about another object (milliunits): in all, or per replica of the target. */
export function replicasForObject(
  value: number,
  target: { value: number } | { average: number },
  {
    readyPods,
    currentReplicas,
    timing,
  }: {
    readyPods: number
    currentReplicas: number
    timing: Timing
  },
): Recommendation {
  if ('value' in target) {
    const ratio = value / target.value
    const replicas = isWithin(ratio, timing) ? currentReplicas : Math.ceil(ratio * readyPods)
    return { replicas, average: value }
  }
  const ratio = currentReplicas === 0 ? Infinity : value / (target.average * currentReplicas)
  const replicas = isWithin(ratio, timing) ? currentReplicas : Math.ceil(value / target.average)
  return { replicas, average: currentReplicas === 0 ? 0 : Math.ceil(value / currentReplicas) }
}
