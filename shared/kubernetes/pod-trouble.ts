// What is wrong with a pod that does not become ready, read from its status: rollouts stop for it, and the stage says it.
import { conditionOf } from './meta.ts'
import type { ContainerStatus, Pod } from './pod.ts'
import { isPodReady } from './pod.ts'

/** Waiting reasons that mean: this does not work (kubelet/images/types.go, kubelet/kuberuntime). */
export const BROKEN_REASONS: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/** A second restart without ever being ready is a loop; a first one is only bad luck. */
const LOOPING_RESTARTS = 2

/** What is wrong with a pod; `unschedulable` is the one that may pass by itself. */
export type Trouble =
  | { kind: 'crash'; exitCode: number }
  | { kind: 'broken'; reason: string }
  | { kind: 'unschedulable' }

/** What is wrong with a pod that is not ready; undefined when it may just need more time. */
export function troubleOf(pod: Pod): Trouble | undefined {
  if (isPodReady(pod)) return undefined
  const exitCode = crashExitCode(pod)
  if (exitCode !== undefined) return { kind: 'crash', exitCode }
  const reason = brokenReason(pod)
  if (reason !== undefined) return { kind: 'broken', reason }
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  return scheduled?.status === 'False' ? { kind: 'unschedulable' } : undefined
}

/** The words after a number of pods: `are crash-looping (exit 1)`; without a trouble they just do not get ready. */
export function troubleWords(trouble: Trouble | undefined, one: boolean): string {
  const are = one ? 'is' : 'are'
  switch (trouble?.kind) {
    case 'crash':
      return `${are} crash-looping (exit ${trouble.exitCode})`
    case 'broken':
      return `cannot start (${trouble.reason})`
    case 'unschedulable':
      return one ? 'fits on no node' : 'fit on no node'
    case undefined:
      return `${are} not becoming ready`
  }
}

/** The statuses of all containers of a pod, init containers first. */
export function containerStatusesOf(pod: Pod): ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
}

/** How a container ended last, if it ever did. */
export function lastExitCode({ state, lastState }: ContainerStatus): number | undefined {
  return (state?.terminated ?? lastState?.terminated)?.exitCode
}

/**
 * The exit code with which a container of this pod keeps ending: it waits in CrashLoopBackOff, or runs again after
 * several restarts but is not ready. Undefined when none does.
 */
function crashExitCode(pod: Pod): number | undefined {
  for (const status of containerStatusesOf(pod)) {
    const code = lastExitCode(status)
    if (status.ready || code === undefined || code === 0) continue
    const backsOff = status.state?.waiting?.reason === 'CrashLoopBackOff'
    if (backsOff || status.restartCount >= LOOPING_RESTARTS) return code
  }
  return undefined
}

/** The waiting reason that keeps an image from being pulled or a container from being made, if there is one. */
function brokenReason(pod: Pod): string | undefined {
  return containerStatusesOf(pod)
    .map(({ state }) => state?.waiting?.reason)
    .find((reason) => reason !== undefined && BROKEN_REASONS.has(reason))
}
