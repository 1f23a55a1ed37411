// One step of a Deployment: which ReplicaSets to make, resize and forget, and what its status says then.
// The algorithm is that of Kubernetes' deployment controller (pkg/controller/deployment), as a function.
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { pausesOnFailure, selfPausedRevision } from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'
import {
  availableOf,
  DESIRED_REPLICAS_ANNOTATION,
  isRollingUpdate,
  newSetSize,
  numberAnnotation,
  proportionalSizes,
  rollingBudget,
  sizeOf,
  sum,
  wanted,
} from './deployment-budget.ts'
import {
  asNewest,
  createSet,
  expiredSets,
  nextRevision,
  revisionOf,
  sizeAnnotations,
  splitSets,
} from './deployment-history.ts'
import type { Sets } from './deployment-status.ts'
import {
  allOf,
  countStatus,
  deadlineOf,
  isComplete,
  msToDeadline,
  progressing,
  rolloutStatus,
  withCondition,
  withPause,
  withSelfPause,
} from './deployment-status.ts'
import { sameJson } from './objects.ts'

/** A set to write, and the size it had. */
export interface Resize {
  set: ReplicaSet
  from: number
}

export interface DeploymentPlan {
  create: ReplicaSet | undefined
  update: Resize[]
  remove: ReplicaSet[]
  /** The revision annotation of the Deployment, when it has to change. */
  revision: string | undefined
  /** The status, when it has to change. */
  status: DeploymentStatus | undefined
  /** When to plan again although nothing happened, ms from now. */
  againInMs: number | undefined
}

export interface Situation {
  deployment: Deployment
  /** Its own sets. */
  sets: readonly ReplicaSet[]
  /** Whether pods of this set still run, terminating ones included. */
  hasPods: (set: ReplicaSet) => boolean
  now: number
}

/** The sets as they will be once the plan is carried out. */
interface Work extends Sets {
  readonly situation: Situation
  newSet: ReplicaSet | undefined
  oldSets: ReplicaSet[]
  conditions: Condition[]
  created: boolean
}

/** The next step of a Deployment. Carried out on sets that do not change meanwhile, the following plan is empty. */
export function planDeployment(situation: Situation): DeploymentPlan {
  const { deployment, now } = situation
  const work: Work = {
    situation,
    ...splitSets(deployment, situation.sets),
    conditions: deployment.status?.conditions ?? [],
    created: false,
  }
  if (isBeingDeleted(deployment)) return finish(work, [], countOnly(work))
  work.conditions = withSelfPause(deployment, withPause(deployment, work.conditions, now), now)
  adoptNewest(work)
  if (deployment.spec.paused) {
    scale(work)
    return finish(work, expiredSets(deployment, work.oldSets), countOnly(work))
  }
  if (isScaling(work) && scale(work)) return finish(work, [], countOnly(work))
  const moved = isRollingUpdate(deployment) ? roll(work) : recreate(work)
  const status = rolloutStatus(deployment, work, work.conditions, now)
  const done = !moved && isComplete(deployment, deployment.status ?? {})
  return finish(work, done ? expiredSets(deployment, work.oldSets) : [], status)
}

function countOnly(work: Work): DeploymentStatus {
  const { deployment, now } = work.situation
  return countStatus(deployment, work, work.conditions, now)
}

function finish(work: Work, remove: ReplicaSet[], status: DeploymentStatus): DeploymentPlan {
  const { deployment, sets, now } = work.situation
  const before = new Map(sets.map((set) => [set.metadata.name, set]))
  const revision = work.newSet?.metadata.annotations?.[REVISION_ANNOTATION]
  const update = allOf(work).flatMap((set): Resize[] => {
    const held = before.get(set.metadata.name)
    return held && held !== set ? [{ set, from: sizeOf(held) }] : []
  })
  const wait = msToDeadline(deployment, status, now)
  return {
    create: work.created ? work.newSet : undefined,
    update,
    remove,
    revision:
      revision === deployment.metadata.annotations?.[REVISION_ANNOTATION] ? undefined : revision,
    status: sameJson(status, deployment.status) ? undefined : status,
    againInMs: wait === undefined ? undefined : Math.max(wait, 1000),
  }
}

/** Gives the set of the present template its revision and annotations; notes that it was found. */
function adoptNewest(work: Work): void {
  const { deployment, now } = work.situation
  if (!work.newSet) return
  work.newSet = asNewest(deployment, work.newSet, nextRevision(work.oldSets))
  if (deadlineOf(deployment) === undefined || conditionOf(work.conditions, 'Progressing')) return
  const message = `Found new replica set "${work.newSet.metadata.name}"`
  const found = progressing('True', 'FoundNewReplicaSet', message, now)
  work.conditions = withCondition(work.conditions, found)
}

/** Makes the set of the present template if there is none; true when it did. */
function ensureNewest(work: Work): boolean {
  const { deployment, now } = work.situation
  if (work.newSet) return false
  const size = newSetSize(deployment, work.oldSets, 0)
  work.newSet = createSet(deployment, nextRevision(work.oldSets), size)
  work.created = true
  if (deadlineOf(deployment) === undefined) return true
  const message = `Created new replica set "${work.newSet.metadata.name}"`
  const created = progressing('True', 'NewReplicaSetCreated', message, now)
  work.conditions = withCondition(work.conditions, created)
  return true
}

/** Sets a set's size, and notes on it for which size of the Deployment that was. */
function resize(work: Work, set: ReplicaSet, replicas: number): void {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(work.situation.deployment) }
  if (sizeOf(set) === replicas && sameJson(annotations, set.metadata.annotations)) return
  const next = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas },
  }
  if (set === work.newSet) work.newSet = next
  else work.oldSets = work.oldSets.map((held) => (held === set ? next : held))
}

const active = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((set) => sizeOf(set) > 0)

/** The Deployment was scaled after its sets were last sized (isScalingEvent). */
function isScaling(work: Work): boolean {
  return active(allOf(work)).some((set) => {
    const desired = numberAnnotation(set, DESIRED_REPLICAS_ANNOTATION)
    return desired !== undefined && desired !== wanted(work.situation.deployment)
  })
}

/** The one set that a scaling concerns, if only one has pods (FindActiveOrLatest). */
function soleSet(work: Work): ReplicaSet | undefined {
  const holders = active(allOf(work))
  if (holders.length === 1) return holders[0]
  return holders.length === 0 ? (work.newSet ?? work.oldSets.at(-1)) : undefined
}

/** Brings the sets to the Deployment's size; true when that changed one. */
function scale(work: Work): boolean {
  const before = allOf(work)
  for (const [set, size] of scaledSizes(work)) resize(work, set, size)
  return allOf(work).some((set, index) => set !== before[index])
}

function scaledSizes(work: Work): Iterable<[ReplicaSet, number]> {
  const { deployment } = work.situation
  const sole = soleSet(work)
  if (sole) return [[sole, wanted(deployment)]]
  if (isSaturated(work)) return active(work.oldSets).map((set): [ReplicaSet, number] => [set, 0])
  return isRollingUpdate(deployment) ? proportionalSizes(deployment, allOf(work)) : []
}

/** The newest set has everything: nothing of the old ones is needed (IsSaturated). */
function isSaturated({ situation: { deployment }, newSet }: Work): boolean {
  if (!newSet) return false
  const count = wanted(deployment)
  const desired = numberAnnotation(newSet, DESIRED_REPLICAS_ANNOTATION)
  return sizeOf(newSet) === count && desired === count && availableOf(newSet) === count
}

/** One step of a rolling update; true when a set changed size. */
function roll(work: Work): boolean {
  const made = ensureNewest(work)
  return growNewest(work) || shrinkOld(work) || made
}

/**
 * A rollout that looks after itself adds pods only when all it added before are available, unless somebody let it
 * proceed in spite of its failures.
 */
function awaitsStep({ situation: { deployment }, oldSets }: Work, newSet: ReplicaSet): boolean {
  if (!pausesOnFailure(deployment) || active(oldSets).length === 0) return false
  if (selfPausedRevision(deployment) === String(revisionOf(newSet))) return false
  return availableOf(newSet) < sizeOf(newSet)
}

function growNewest(work: Work): boolean {
  const { deployment } = work.situation
  const { newSet } = work
  if (!newSet || work.created || sizeOf(newSet) === wanted(deployment)) return false
  if (awaitsStep(work, newSet)) return false
  const grown = newSetSize(deployment, allOf(work), sizeOf(newSet))
  const size = sizeOf(newSet) > wanted(deployment) ? wanted(deployment) : grown
  if (size === sizeOf(newSet)) return false
  resize(work, newSet, size)
  return true
}

/** Takes away old pods, those that serve nobody first, as far as enough pods stay available. */
function shrinkOld(work: Work): boolean {
  const { deployment } = work.situation
  const { newSet } = work
  if (!newSet || active(work.oldSets).length === 0) return false
  const minimum = wanted(deployment) - rollingBudget(deployment).maxUnavailable
  const coming = sizeOf(newSet) - availableOf(newSet)
  const removable = sum(allOf(work), sizeOf) - minimum - coming
  if (removable <= 0) return false
  const unhealthy = takeFrom(work, removable, (set) => sizeOf(set) - availableOf(set))
  // Statuses may be older than the sizes: what the sizes leave room for bounds what the statuses seem to allow.
  const spare = Math.min(sum(allOf(work), availableOf) - minimum, removable - unhealthy)
  const healthy = takeFrom(work, spare, sizeOf)
  return unhealthy + healthy > 0
}

/** Shrinks old sets, oldest first, each by at most `share`, together by at most `limit`; answers by how much. */
function takeFrom(work: Work, limit: number, share: (set: ReplicaSet) => number): number {
  let taken = 0
  for (const set of work.oldSets) {
    const count = Math.min(sizeOf(set), share(set), limit - taken)
    if (count <= 0) continue
    resize(work, set, sizeOf(set) - count)
    taken += count
  }
  return taken
}

/** Recreate: the old pods go first, and only when all are gone the new ones come; true when a set changed size. */
function recreate(work: Work): boolean {
  const { deployment, hasPods } = work.situation
  const old = active(work.oldSets)
  for (const set of old) resize(work, set, 0)
  if (old.length > 0 || work.oldSets.some(hasPods)) return true
  if (ensureNewest(work) || !work.newSet) return true
  if (sizeOf(work.newSet) === wanted(deployment)) return false
  resize(work, work.newSet, wanted(deployment))
  return true
}
