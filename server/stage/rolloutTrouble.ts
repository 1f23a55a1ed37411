// What keeps a rollout from going on, read from the pods of the new template. Pure.
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import { troubleOf } from '../../shared/kubernetes/pod-trouble.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import type { RolloutCounts } from './rolloutSets.ts'

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
