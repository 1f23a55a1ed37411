// How many pods a ReplicaSet or ReplicationController makes and deletes, which it takes on and lets go, and its status.
import type { Condition, LabelSelector, ObjectMeta } from '../../shared/kubernetes/meta.ts'
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod, PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import {
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
} from '../../shared/kubernetes/pod.ts'
import type { ReplicaStatus } from '../../shared/kubernetes/workloads.ts'
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
  related: readonly Pod[],
  now: number,
): ReplicaPlan {
  if (isBeingDeleted(owner)) return { adopt: [], release: [], create: 0, remove: [] }
  const matches = matcherOf(owner.selector)
  const { own, adopt, release } = claim(owner.metadata.uid, matches, candidates, isPodActive)
  const active = [...own.filter(isPodActive), ...adopt]
  const surplus = active.length - owner.replicas
  return {
    adopt,
    release: release.filter((pod) => !isBeingDeleted(pod)),
    create: Math.max(0, -surplus),
    remove: podsToDelete(active, surplus, related, now),
  }
}

/** A creation or deletion that failed: what the ReplicaFailure condition says. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete'
  message: string
}

/**
 * The status of the owner of these pods, and when it is next going to change by the passing of time alone (ms from
 * `now`, undefined when it is not).
 */
export function replicaStatus(
  owner: ReplicaOwner,
  candidates: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): { status: ReplicaStatus; againInMs: number | undefined } {
  const { own } = claim(owner.metadata.uid, matcherOf(owner.selector), candidates, isPodActive)
  const active = own.filter(isPodActive)
  const ready = active.filter(isPodReady)
  const available = ready.filter((pod) => isPodAvailable(pod, owner.minReadySeconds, now))
  const templateLabels = matcherOf({ matchLabels: owner.template.metadata?.labels ?? {} })
  const conditions = withFailure(owner.status?.conditions ?? [], failure, now)
  const status: ReplicaStatus = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => templateLabels(pod.metadata.labels)).length,
    readyReplicas: ready.length,
    availableReplicas: available.length,
    terminatingReplicas: own.filter((pod) => isBeingDeleted(pod) && !isPodTerminal(pod)).length,
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  }
  return { status, againInMs: nextAvailable(ready, owner.minReadySeconds, now) }
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

/** How long until the next ready pod has been ready for `minReadySeconds`. */
function nextAvailable(
  ready: readonly Pod[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (minReadySeconds === 0) return undefined
  const waits = ready
    .map((pod) =>
      Date.parse(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? ''),
    )
    .map((since) => since + minReadySeconds * 1000 - now)
    .filter((wait) => wait > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}
