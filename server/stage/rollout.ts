// Where the rollout of the demo's Deployment stands: counted from its pods, and said in a sentence. Pure.
import { keyOf } from '../../shared/kubernetes/meta.ts'
import { isPodActive } from '../../shared/kubernetes/pod.ts'
import { selfPause } from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import type { RolloutView } from '../../shared/stage.ts'
import { versionOf } from './projections.ts'
import { rolloutMessage } from './rolloutMessage.ts'
import { countPods, currentSet, previousSet } from './rolloutSets.ts'
import type { RolloutCounts, SetWithPods } from './rolloutSets.ts'
import { isStuck } from './rolloutTrouble.ts'

/**
 * The view of the Deployment.
 * @param previous the last view: it remembers when the update began and how low readiness went
 */
export function rolloutView(
  deployment: Deployment,
  sets: readonly SetWithPods[],
  previous: RolloutView | undefined,
  now: number,
): RolloutView {
  const current = currentSet(deployment, sets)
  const counts = countPods(deployment, sets, current, now)
  const toVersion = versionOf(deployment.spec.template)
  const running = isRunning(counts, current !== undefined, previous)
  const paused = deployment.spec.paused ?? false
  const stopped = selfPause(deployment)
  const phase = phaseOf(deployment, counts, running, paused)
  const ready = counts.newReady + counts.oldReady
  const isSameUpdate = previous?.toVersion === toVersion && previous.startedAt !== null
  const startedAt = running ? (isSameUpdate ? previous.startedAt : now) : null
  const known = isSameUpdate ? previous.lowestReady : null
  const fromVersion = fromVersionOf(sets, current, toVersion, isSameUpdate ? previous : undefined)
  const rollingUpdate = deployment.spec.strategy?.rollingUpdate
  const container = deployment.spec.template.spec.containers[0]
  return {
    kind: 'rollout',
    key: keyOf(deployment),
    name: deployment.metadata.name ?? '',
    container: container?.name ?? '',
    image: container?.image ?? '',
    replicas: counts.replicas,
    updated: counts.newPods.length,
    ready,
    available: counts.available,
    old: counts.oldPods.length,
    paused,
    phase,
    message: rolloutMessage(phase, counts, fromVersion, toVersion, stopped !== undefined),
    fromVersion: running ? fromVersion : null,
    toVersion,
    previousVersion: versionOfSet(previousSet(deployment, sets)?.set),
    // Recreate has no shares: all old pods go first.
    maxSurge: String(rollingUpdate?.maxSurge ?? 0),
    maxUnavailable: String(rollingUpdate?.maxUnavailable ?? '100%'),
    startedAt,
    lowestReady: running ? Math.min(known ?? ready, ready) : null,
    ...(stopped && { pausedItself: stopped }),
    secondsLeft: phase === 'updating' ? secondsLeft(counts, startedAt, now) : null,
  }
}

/** An update runs from the new template until no old pod is left and all new ones are available. */
function isRunning(
  counts: RolloutCounts,
  hasCurrent: boolean,
  previous: RolloutView | undefined,
): boolean {
  const { replicas, newPods, oldPods, available } = counts
  if (oldPods.length > 0) return true
  if (!hasCurrent) return previous !== undefined && replicas > 0
  const complete = newPods.length === replicas && available >= replicas
  return !complete && previous !== undefined && previous.startedAt !== null
}

function phaseOf(
  deployment: Deployment,
  counts: RolloutCounts,
  running: boolean,
  paused: boolean,
): RolloutView['phase'] {
  if (paused) return 'paused'
  if (isStuck(deployment, counts)) return 'stuck'
  if (running) return 'updating'
  const { replicas, newPods, available } = counts
  return newPods.length === replicas && available >= replicas ? 'steady' : 'scaling'
}

function versionOfSet(set: ReplicaSet | undefined): string | null {
  return set?.spec.template ? versionOf(set.spec.template) : null
}

/** The version most old pods run; while the last of them go, the one it was. */
function fromVersionOf(
  sets: readonly SetWithPods[],
  current: SetWithPods | undefined,
  toVersion: string,
  previous: RolloutView | undefined,
): string | null {
  const active = ({ pods }: SetWithPods): number => pods.filter(isPodActive).length
  const largest = sets
    .filter((each) => each !== current && active(each) > 0)
    .sort((a, b) => active(b) - active(a))[0]
  const version = versionOfSet(largest?.set) ?? previous?.fromVersion ?? null
  return version === toVersion && !largest ? null : version
}

/** From the pace so far: new pods that became ready since the update began. Whole seconds; null when too early to tell. */
function secondsLeft(counts: RolloutCounts, startedAt: number | null, now: number): number | null {
  const elapsed = startedAt === null ? 0 : now - startedAt
  if (elapsed < 1_000 || counts.newReady === 0) return null
  const left = Math.max(0, counts.replicas - counts.newReady)
  return Math.ceil((left * elapsed) / counts.newReady / 1000)
}
