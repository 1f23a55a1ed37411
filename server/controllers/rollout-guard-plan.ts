// Whether a rollout has to stop: the new pods fail for good while older ones still could serve. Pure.
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodActive, isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Trouble } from '../../shared/kubernetes/pod-trouble.ts'
import { troubleOf, troubleWords } from '../../shared/kubernetes/pod-trouble.ts'
import {
  pausesOnFailure,
  readyDeadlineMs,
  selfPausedRevision,
} from '../../shared/kubernetes/rollout-pause.ts'
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { sizeOf, sum } from './deployment-budget.ts'
import { revisionOf, splitSets } from './deployment-history.ts'

export interface GuardSituation {
  deployment: Deployment
  /** Its own sets. */
  sets: readonly ReplicaSet[]
  podsOf: (set: ReplicaSet) => readonly Pod[]
  now: number
}

export type GuardPlan =
  /** `againInMs`: when a pod's time to become ready ends. */
  | { do: 'nothing'; againInMs?: number }
  | { do: 'pause'; revision: string; because: string; pods: string[] }
  /** The template that failed is no longer asked for: go on with the new one. */
  | { do: 'resume' }
  /** The rollout that paused itself is history. */
  | { do: 'forget' }

const NOTHING: GuardPlan = { do: 'nothing' }

interface Failing {
  pod: Pod
  /** Absent: it was given its time and is not ready. */
  trouble: Trouble | undefined
}

/** What to do about a rollout now. Carried out, the next plan is `nothing`. */
export function planGuard(situation: GuardSituation): GuardPlan {
  const { deployment, sets } = situation
  if (isBeingDeleted(deployment)) return NOTHING
  const { newSet, oldSets } = splitSets(deployment, sets)
  const paused = deployment.spec.paused ?? false
  const marked = selfPausedRevision(deployment)
  if (marked !== undefined && (!newSet || String(revisionOf(newSet)) !== marked)) {
    return { do: paused ? 'resume' : 'forget' }
  }
  if (marked !== undefined || paused || !newSet || !pausesOnFailure(deployment)) return NOTHING
  if (!isUnderWay(deployment, oldSets)) return NOTHING
  return judge(situation, newSet, oldSets)
}

/** Somebody can still be gone back to, and the rollout to the present template has not succeeded. */
function isUnderWay(deployment: Deployment, oldSets: readonly ReplicaSet[]): boolean {
  if (oldSets.length === 0) return false
  const { generation = 0 } = deployment.metadata
  if ((deployment.status?.observedGeneration ?? 0) < generation) return false
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing')
  return progressing?.reason !== 'NewReplicaSetAvailable' || sum(oldSets, sizeOf) > 0
}

function judge(
  { deployment, podsOf, now }: GuardSituation,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): GuardPlan {
  const newPods = podsOf(newSet).filter(isPodActive)
  const failing: Failing[] = []
  let againInMs: number | undefined
  for (const pod of newPods) {
    const trouble = troubleOf(pod)
    const left = timeLeft(deployment, pod, now)
    if (trouble !== undefined && trouble.kind !== 'unschedulable') failing.push({ pod, trouble })
    else if (left !== undefined && left <= 0) failing.push({ pod, trouble: undefined })
    else if (left !== undefined) againInMs = Math.min(left, againInMs ?? left)
  }
  if (failing.length === 0) return againInMs === undefined ? NOTHING : { do: 'nothing', againInMs }
  return {
    do: 'pause',
    revision: String(revisionOf(newSet)),
    because: sentence(newSet, newPods.length, failing, oldSets.flatMap(podsOf).filter(isPodActive)),
    pods: failing.map(({ pod }) => pod.metadata.name ?? '').sort(),
  }
}

/** ms that a pod still has to become ready; undefined when it is ready or nothing limits it. */
function timeLeft(deployment: Deployment, pod: Pod, now: number): number | undefined {
  if (isPodReady(pod)) return undefined
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 0
  const deadline = readyDeadlineMs(deployment)
  const placed = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (deadline === undefined || placed?.status !== 'True') return undefined
  return Date.parse(placed.lastTransitionTime ?? '') + deadline - now
}

/** `2 of 3 pods of ReplicaSet "web-1" are crash-looping (exit 1). 4 of 4 older pods still serve.` */
function sentence(
  newSet: ReplicaSet,
  total: number,
  failing: readonly Failing[],
  oldPods: readonly Pod[],
): string {
  const [first] = failing
  const alike = failing.filter(({ trouble }) => trouble?.kind === first?.trouble?.kind)
  const words = troubleWords(first?.trouble, alike.length === 1)
  const serving = oldPods.filter(isPodReady).length
  return `${alike.length} of ${total} pods of ReplicaSet "${newSet.metadata.name}" ${words}. ${serving} of ${oldPods.length} older pods still serve.`
}
