// How many pods a ReplicaSet or ReplicationController makes and deletes, which it takes on and lets go, and its status.
import type { Condition, LabelSelector, ObjectMeta } from '../../shared/kubernetes/meta.ts'
import { conditionOf, controllerOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod, PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import {
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
} from '../../shared/kubernetes/pod.ts'
import type { ReplicaStatus } from '../../shared/kubernetes/workloads.ts'
import type { LabelMatcher } from '../../shared/selectors.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { podsToDelete } from './deletion-order.ts'
import { timeText } from './objects.ts'
import { claim } from './owned.ts'

/** What a ReplicaSet and a ReplicationController have in common. */
export interface ReplicaOwner {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  replicas: number
  minReadySeconds: number
  selector: LabelSelector
  template: PodTemplateSpec
  status: ReplicaStatus | undefined
}

export interface ReplicaPlan {
  /** Pods of nobody that match the selector. */
  adopt: Pod[]
  /** Own pods that no longer match the selector. */
  release: Pod[]
  create: number
  remove: Pod[]
}

/**
 * What to do so that exactly `owner.replicas` active pods exist. Carrying it out and planning again yields nothing.
 * @param candidates pods controlled by the owner, and pods of its namespace controlled by nobody
 * @param related active pods of all sets of the same Deployment: nodes that hold many of them lose one first
 * @param now ms since epoch
 */
export function planReplicas(
  owner: ReplicaOwner,
  candidates: readonly Pod[],
  related: () => readonly Pod[],
  now: number,
): ReplicaPlan {
  const matches = matcherOf(owner.selector)
  if (isBeingDeleted(owner) || isSettled(owner, candidates, matches)) {
    return { adopt: [], release: [], create: 0, remove: [] }
  }
  const { own, adopt, release } = claim(owner.metadata.uid, matches, candidates, isPodActive)
  const active = [...own.filter(isPodActive), ...adopt]
  const surplus = active.length - owner.replicas
  return {
    adopt,
    release: release.filter((pod) => !isBeingDeleted(pod)),
    create: Math.max(0, -surplus),
    remove: surplus > 0 ? podsToDelete(active, surplus, related(), now) : [],
  }
}

/** The quick answer for nearly every look at a large set: all pods are its own and there are as many as there should be. */
function isSettled(
  { metadata: { uid }, replicas }: ReplicaOwner,
  candidates: readonly Pod[],
  matches: LabelMatcher,
): boolean {
  let active = 0
  for (const pod of candidates) {
    if (controllerOf(pod)?.uid !== uid || !matches(pod.metadata.labels)) return false
    if (isPodActive(pod)) active += 1
  }
  return active === replicas
}

/** A creation or deletion that failed: what the ReplicaFailure condition says. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete'
  message: string
}

/**
 * The status of the owner of these pods, and when it is next going to change by the passing of time alone (ms from
 * `now`, undefined when it is not).
 * @param own the pods controlled by the owner
 */
export function replicaStatus(
  owner: ReplicaOwner,
  own: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): { status: ReplicaStatus; againInMs: number | undefined } {
  const counts = countPods(owner, own, now)
  const conditions = withFailure(owner.status?.conditions ?? [], failure, now)
  const status: ReplicaStatus = {
    replicas: counts.active,
    fullyLabeledReplicas: counts.fullyLabeled,
    readyReplicas: counts.ready,
    availableReplicas: counts.available,
    terminatingReplicas: counts.terminating,
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  }
  const wait = counts.nextAvailable - now
  return { status, againInMs: wait === Infinity ? undefined : wait }
}

interface PodCounts {
  active: number
  fullyLabeled: number
  ready: number
  available: number
  terminating: number
  /** When the next ready pod has been ready for long enough, ms since epoch; Infinity when none is waiting for that. */
  nextAvailable: number
}

/** One pass over the pods: this runs for every change of one of thousands. */
function countPods(owner: ReplicaOwner, own: readonly Pod[], now: number): PodCounts {
  const matches = matcherOf(owner.selector)
  const hasTemplateLabels = matcherOf({ matchLabels: owner.template.metadata?.labels ?? {} })
  const counts: PodCounts = {
    active: 0,
    fullyLabeled: 0,
    ready: 0,
    available: 0,
    terminating: 0,
    nextAvailable: Infinity,
  }
  for (const pod of own) {
    if (isPodTerminal(pod) || !matches(pod.metadata.labels)) continue
    if (isBeingDeleted(pod)) {
      counts.terminating += 1
      continue
    }
    counts.active += 1
    if (hasTemplateLabels(pod.metadata.labels)) counts.fullyLabeled += 1
    if (!isPodReady(pod)) continue
    counts.ready += 1
    if (owner.minReadySeconds === 0 || isPodAvailable(pod, owner.minReadySeconds, now))
      counts.available += 1
    else counts.nextAvailable = Math.min(counts.nextAvailable, availableAt(pod, owner))
  }
  return counts
}

function availableAt(pod: Pod, { minReadySeconds }: ReplicaOwner): number {
  const since = conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime
  return since === undefined ? Infinity : Date.parse(since) + minReadySeconds * 1000
}

function withFailure(
  conditions: readonly Condition[],
  failure: ReplicaFailure | undefined,
  now: number,
): Condition[] {
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure')
  if (!failure) return others
  const held = conditionOf([...conditions], 'ReplicaFailure')
  if (held?.status === 'True' && held.reason === failure.reason) return [...conditions]
  const lastTransitionTime = timeText(now)
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime, ...failure }]
}
