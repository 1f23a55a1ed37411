// How many pods a ReplicaSet or ReplicationController makes and deletes, which it takes on and lets go, and its status.
import type { Condition, LabelSelector, ObjectMeta } from '../../shared/kubernetes/meta.ts'
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod, PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import { isPodActive, isPodAvailable, isPodReady } from '../../shared/kubernetes/pod.ts'
import type { ReplicaStatus } from '../../shared/kubernetes/workloads.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { podsToDelete } from './deletion-order.ts'
import { timeText } from '../machinery/clock.ts'
import { claim } from './owned.ts'
import type { PodTally, TallyBy } from './pod-tally.ts'

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
  if (isBeingDeleted(owner)) return { adopt: [], release: [], create: 0, remove: [] }
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

/**
 * The same plan from counts alone, for nearly every look at a set; undefined when its pods have to be looked at.
 * @param orphans pods of its namespace controlled by nobody
 */
export function planFromCounts(
  owner: ReplicaOwner,
  { active, strangers }: Pick<PodTally, 'active' | 'strangers'>,
  orphans: number,
): ReplicaPlan | undefined {
  const nothing = { adopt: [], release: [], create: 0, remove: [] }
  if (isBeingDeleted(owner)) return nothing
  const looks = orphans > 0 || strangers > 0 || active > owner.replicas
  return looks ? undefined : { ...nothing, create: owner.replicas - active }
}

/** What the owner's pods are counted by. */
export function talliedBy({ selector, template }: ReplicaOwner): TallyBy {
  return { selector, templateLabels: template.metadata?.labels ?? {} }
}

/** A creation or deletion that failed: what the ReplicaFailure condition says. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete'
  message: string
}

/**
 * The status of the owner of these pods, and when it is next going to change by the passing of time alone (ms from
 * `now`, undefined when it is not).
 * @param counts of the pods controlled by the owner
 * @param own those pods: only looked at when being ready is not enough to be available
 */
export function replicaStatus(
  owner: ReplicaOwner,
  counts: Readonly<PodTally>,
  own: () => readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): { status: ReplicaStatus; againInMs: number | undefined } {
  const { available, nextAvailable } = availability(owner, counts, own, now)
  const conditions = withFailure(owner.status?.conditions ?? [], failure, now)
  const status: ReplicaStatus = {
    replicas: counts.active,
    fullyLabeledReplicas: counts.fullyLabeled,
    readyReplicas: counts.ready,
    availableReplicas: available,
    terminatingReplicas: counts.terminating,
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  }
  const wait = nextAvailable - now
  return { status, againInMs: wait === Infinity ? undefined : wait }
}

/** `nextAvailable`: when the next ready pod has been ready for long enough, ms since epoch; Infinity when none waits. */
function availability(
  owner: ReplicaOwner,
  { ready }: Readonly<PodTally>,
  own: () => readonly Pod[],
  now: number,
): { available: number; nextAvailable: number } {
  if (owner.minReadySeconds === 0) return { available: ready, nextAvailable: Infinity }
  const matches = matcherOf(owner.selector)
  let available = 0
  let nextAvailable = Infinity
  for (const pod of own()) {
    if (!isPodActive(pod) || !isPodReady(pod) || !matches(pod.metadata.labels)) continue
    if (isPodAvailable(pod, owner.minReadySeconds, now)) available += 1
    else nextAvailable = Math.min(nextAvailable, availableAt(pod, owner))
  }
  return { available, nextAvailable }
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
