// The rollout in one sentence for the hall: the fact, then the consequence. Pure.
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import { troubleOf, troubleWords } from '../../shared/kubernetes/pod-trouble.ts'
import type { RolloutView } from '../../shared/stage.ts'
import type { RolloutCounts } from './rolloutSets.ts'

/** The sentence of a phase; null when there is nothing to say. */
export function rolloutMessage(
  phase: RolloutView['phase'],
  counts: RolloutCounts,
  fromVersion: string | null,
  toVersion: string,
  pausedItself: boolean,
): string | null {
  switch (phase) {
    case 'steady':
      return null
    case 'scaling':
      return scalingMessage(counts)
    case 'updating':
      return `${counts.newPods.length} of ${counts.replicas} pods run ${toVersion}.`
    case 'paused':
      if (pausedItself) return stoppedMessage(counts, fromVersion, toVersion)
      return pausedMessage(counts, fromVersion, toVersion)
    case 'stuck':
      return stoppedMessage(counts, fromVersion, toVersion)
  }
}

/** What failed, and who serves all the same. */
function stoppedMessage(
  counts: RolloutCounts,
  fromVersion: string | null,
  toVersion: string,
): string {
  return `${troubleSentence(counts, toVersion)} ${whoServes(counts, fromVersion, toVersion)}`
}

function scalingMessage({ replicas, newPods, newReady }: RolloutCounts): string {
  if (newPods.length > replicas) return `Going down from ${newPods.length} to ${replicas} pods.`
  return `${newReady} of ${replicas} pods are ready.`
}

function pausedMessage(
  { newPods, oldPods }: RolloutCounts,
  fromVersion: string | null,
  toVersion: string,
): string {
  if (oldPods.length === 0) return 'Paused: a new version waits until it is resumed.'
  const old = fromVersion ?? 'the old version'
  return `Paused: ${podsRun(newPods.length, toVersion)}, ${podsRun(oldPods.length, old)}.`
}

const podsRun = (count: number, version: string): string =>
  count === 1 ? `1 pod runs ${version}` : `${count} pods run ${version}`

/** `6 of 6 v3 pods are crash-looping (exit 1).` */
function troubleSentence({ newPods }: RolloutCounts, version: string): string {
  const troubles = newPods.map(troubleOf).filter((trouble) => trouble !== undefined)
  const [first] = troubles
  const alike = troubles.filter(({ kind }) => kind === first?.kind).length
  const count = first ? alike : newPods.filter((pod) => !isPodReady(pod)).length
  return `${count} of ${newPods.length} ${version} pods ${troubleWords(first, count === 1)}.`
}

/** `All 60 v2 pods still serve.` */
function whoServes(
  { newReady, oldPods, oldReady }: RolloutCounts,
  fromVersion: string | null,
  toVersion: string,
): string {
  if (oldReady === 0 && newReady === 0) return 'No pod serves.'
  const [count, of, version] =
    oldReady > 0
      ? [oldReady, oldPods.length, fromVersion ?? 'old']
      : [newReady, newReady, toVersion]
  if (count === 1) return `1 ${version} pod still serves.`
  return `${count === of && oldReady > 0 ? 'All ' : ''}${count} ${version} pods still serve.`
}
