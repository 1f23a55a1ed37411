// What a PodDisruptionBudget allows now (pkg/controller/disruption). Pure.
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady, isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { DisruptionStatus, PodDisruptionBudget } from '../../shared/kubernetes/policy.ts'
import { timeText } from '../machinery/clock.ts'

/** An eviction that was allowed but is not seen to happen is believed for so long (DeletionTimeout). */
const EVICTION_SEEN_WITHIN_MS = 120_000

export interface DisruptionPlan {
  status: DisruptionStatus
  /** When an eviction that is not seen stops to count, ms from now. */
  againInMs: number | undefined
}

/** `3`, or `50%` of `total`, rounded up. */
function resolve(value: number | string, total: number): number {
  if (typeof value === 'number') return value
  return Math.ceil((Number.parseInt(value, 10) * total) / 100)
}

/**
 * The status of a budget.
 * @param pods those its selector matches
 * @param expectedOf how many pods the controller of a pod wants; undefined for a pod of nobody. Called once a pod.
 */
export function planDisruption(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  expectedOf: (pod: Pod) => { controller: string; replicas: number } | undefined,
  now: number,
): DisruptionPlan {
  const { minAvailable, maxUnavailable } = budget.spec ?? {}
  const counted = pods.filter((pod) => !isPodTerminal(pod))
  const byScale = maxUnavailable !== undefined || typeof minAvailable === 'string'
  const expected = byScale ? scaleOf(counted, expectedOf) : counted.length
  const desired =
    maxUnavailable !== undefined
      ? Math.max(0, expected - resolve(maxUnavailable, expected))
      : resolve(minAvailable ?? 0, expected)
  const { disruptedPods, againInMs } = stillDisrupted(budget, counted, now)
  const healthy = counted.filter(
    (pod) =>
      isPodReady(pod) &&
      !isBeingDeleted(pod) &&
      !Object.hasOwn(disruptedPods, pod.metadata.name ?? ''),
  ).length
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired)
  return {
    status: {
      ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
      observedGeneration: budget.metadata.generation ?? 0,
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: expected,
      conditions: [condition(budget, allowed > 0, now)],
    },
    againInMs,
  }
}

function scaleOf(
  pods: readonly Pod[],
  expectedOf: (pod: Pod) => { controller: string; replicas: number } | undefined,
): number {
  const wanted = new Map<string, number>()
  for (const pod of pods) {
    const found = expectedOf(pod)
    if (found) wanted.set(found.controller, found.replicas)
  }
  return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0)
}

function stillDisrupted(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  now: number,
): { disruptedPods: Record<string, string>; againInMs: number | undefined } {
  const kept: Record<string, string> = {}
  let againInMs: number | undefined
  for (const [name, at] of Object.entries(status?.disruptedPods ?? {})) {
    const pod = pods.find(({ metadata }) => metadata.name === name)
    const left = Date.parse(at) + EVICTION_SEEN_WITHIN_MS - now
    if (!pod || isBeingDeleted(pod) || left <= 0) continue
    kept[name] = at
    againInMs = Math.min(left, againInMs ?? left)
  }
  return { disruptedPods: kept, againInMs }
}

function condition(
  { metadata, status }: PodDisruptionBudget,
  allowed: boolean,
  now: number,
): Condition {
  const held = conditionOf(status?.conditions, 'DisruptionAllowed')
  const next = allowed ? 'True' : 'False'
  return {
    type: 'DisruptionAllowed',
    status: next,
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime:
      held?.status === next && held.lastTransitionTime ? held.lastTransitionTime : timeText(now),
  }
}
