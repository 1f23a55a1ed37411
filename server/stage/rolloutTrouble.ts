// What keeps a rollout from going on, read from the pods of the new template. Pure.
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import { brokenReason, crashExitCode } from './podState.ts'
import type { RolloutCounts } from './rolloutSets.ts'

/** What is wrong with a pod that is not ready; undefined when it may just need more time. */
export type Trouble =
  | { kind: 'crash'; exitCode: number }
  | { kind: 'broken'; reason: string }
  | { kind: 'unschedulable' }

export function troubleOf(pod: Pod): Trouble | undefined {
  if (isPodReady(pod)) return undefined
  const exitCode = crashExitCode(pod)
  if (exitCode !== undefined) return { kind: 'crash', exitCode }
  const reason = brokenReason(pod)
  if (reason !== undefined) return { kind: 'broken', reason }
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  return scheduled?.status === 'False' ? { kind: 'unschedulable' } : undefined
}

/**
 * Nothing will move without help: some new pods are not ready and each of them is in trouble, or the controller has
 * given up waiting (condition Progressing=False, ProgressDeadlineExceeded).
 */
export function isStuck(deployment: Deployment, counts: RolloutCounts): boolean {
  const waiting = counts.newPods.filter((pod) => !isPodReady(pod))
  if (waiting.length > 0 && waiting.every((pod) => troubleOf(pod) !== undefined)) return true
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing')
  const isCurrent =
    (deployment.status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  return (
    isCurrent &&
    progressing?.status === 'False' &&
    progressing.reason === 'ProgressDeadlineExceeded' &&
    waiting.length > 0
  )
}
