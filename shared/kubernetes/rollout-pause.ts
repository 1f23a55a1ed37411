// How a rollout that looks after itself is written down: annotations of the Deployment, so that every client sees them.
import type { Deployment } from './workloads.ts'

/** `"true"` on a Deployment: its rollouts pause by themselves when the new pods fail for good. */
export const PAUSE_ON_FAILURE_ANNOTATION = 'podium.dev/pause-on-failure'
/** Seconds that a new pod may take to become ready; without it `progressDeadlineSeconds` alone counts. */
export const READY_DEADLINE_ANNOTATION = 'podium.dev/ready-deadline-seconds'
/** The revision whose rollout paused itself. While the Deployment is not paused it means: proceed all the same. */
export const PAUSED_REVISION_ANNOTATION = 'podium.dev/paused-at-revision'
/** Why, as a sentence. */
export const PAUSED_BECAUSE_ANNOTATION = 'podium.dev/paused-because'
/** The names of the failing pods, separated by commas; at most ten. */
export const PAUSED_PODS_ANNOTATION = 'podium.dev/paused-pods'

export function pausesOnFailure({ metadata }: Deployment): boolean {
  return metadata.annotations?.[PAUSE_ON_FAILURE_ANNOTATION] === 'true'
}

/** Milliseconds that a new pod may take to become ready; undefined when it is not limited. */
export function readyDeadlineMs({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[READY_DEADLINE_ANNOTATION] ?? ''
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) * 1000 : undefined
}

/** The revision whose rollout paused itself, also when somebody let it proceed since. */
export function selfPausedRevision({ metadata }: Deployment): string | undefined {
  return metadata.annotations?.[PAUSED_REVISION_ANNOTATION]
}

/** Why the Deployment paused itself; undefined when it is not paused, or when somebody else paused it. */
export function selfPause(deployment: Deployment): { because: string; pods: string[] } | undefined {
  const { annotations = {} } = deployment.metadata
  if (!deployment.spec.paused || annotations[PAUSED_REVISION_ANNOTATION] === undefined) {
    return undefined
  }
  const pods = (annotations[PAUSED_PODS_ANNOTATION] ?? '').split(',').filter((name) => name !== '')
  return { because: annotations[PAUSED_BECAUSE_ANNOTATION] ?? '', pods }
}
