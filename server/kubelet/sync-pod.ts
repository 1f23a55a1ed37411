// The plan of one pod: what is wanted and what is seen → what to do now (kubelet: kuberuntime_manager.go
// computePodActions). No I/O, no clock.
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { ObservedContainer, ObservedPod, PodEnd, RestartPolicy } from './observed.ts'
import { allContainers, isLive, restartAt } from './observed.ts'

export type PodAction =
  /** Make directories, address and volumes. */
  | { do: 'prepare' }
  | { do: 'start'; container: ObservedContainer }
  /** Stop this container; whether it starts again is decided when it has ended. */
  | { do: 'stop'; container: ObservedContainer; message: string }
  /** The pod comes to an end from now on. */
  | { do: 'end'; end: PodEnd }
  /** Nothing lives any more and the object was deleted: confirm it. */
  | { do: 'confirm deletion' }
  /** Nothing lives any more and nothing will: give back what the pod held. */
  | { do: 'release' }

export interface PodPlan {
  actions: PodAction[]
  /** Look again then (ms since the epoch) if nothing changes before. */
  wakeAt: number | undefined
}

const nothing: PodPlan = { actions: [], wakeAt: undefined }
const doNow = (...actions: PodAction[]): PodPlan => ({ actions, wakeAt: undefined })

/** What to do for a pod now. */
export function syncPod(
  pod: Pod,
  observed: ObservedPod,
  policy: RestartPolicy,
  now: number,
): PodPlan {
  const end = endOf(pod, observed, now)
  if (end) return endingPlan(observed, end)
  if (isOver(pod, observed)) return overPlan(observed)
  const deadline = deadlineOf(pod, observed)
  const plan = runningPlan(pod, observed, policy, now)
  return { ...plan, wakeAt: earliest(plan.wakeAt, deadline) }
}

/** Why the pod must end now, if it must. A reason once found stays, except that a deletion takes over. */
function endOf(pod: Pod, observed: ObservedPod, now: number): PodEnd | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return { kind: 'deleted' }
  if (observed.end) return observed.end
  // Somebody else said that the pod has failed (an eviction): nothing of it may go on running.
  if (isPodTerminal(pod)) return { kind: 'failed' }
  const deadline = deadlineOf(pod, observed)
  if (deadline === undefined || now < deadline || isOver(pod, observed)) return undefined
  return {
    kind: 'failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  }
}

function deadlineOf(pod: Pod, observed: ObservedPod): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds
  return seconds === undefined ? undefined : observed.startTime + seconds * 1000
}

function endingPlan(observed: ObservedPod, end: PodEnd): PodPlan {
  if (observed.end?.kind !== end.kind) return doNow({ do: 'end', end })
  const live = allContainers(observed).filter(isLive)
  if (live.length > 0) {
    const running = live.filter(({ phase }) => phase === 'running')
    return doNow(...running.map(stopping))
  }
  if (observed.prepared === 'going on') return nothing
  if (end.kind === 'failed') return releasePlan(observed)
  return observed.settled === 'confirmed' ? nothing : doNow({ do: 'confirm deletion' })
}

function releasePlan(observed: ObservedPod): PodPlan {
  return observed.settled === 'no' ? doNow({ do: 'release' }) : nothing
}

/** Whoever still looks into a pod that is over does not keep it. */
function overPlan(observed: ObservedPod): PodPlan {
  const live = observed.ephemeralContainers.filter(isLive)
  if (live.length === 0) return releasePlan(observed)
  return doNow(...live.filter(({ phase }) => phase === 'running').map(stopping))
}

/** True when every container has ended and none may start again, or an init container failed for good. */
export function isOver(pod: Pod, observed: ObservedPod): boolean {
  if ([...observed.initContainers, ...observed.containers].some(isLive)) return false
  const failedInit = observed.initContainers.some(
    ({ phase, exit }) =>
      phase === 'exited' && exit && exit.exitCode !== 0 && pod.spec.restartPolicy === 'Never',
  )
  if (failedInit) return true
  return observed.containers.every(
    (container) => container.phase === 'exited' && !mayRestart(pod, container),
  )
}

/** restartPolicy applied to how a container ended; init containers restart unless the policy is Never. */
function mayRestart(pod: Pod, { exit, init }: ObservedContainer): boolean {
  const policy = pod.spec.restartPolicy ?? 'Always'
  if (policy === 'Never') return false
  if (init || policy === 'OnFailure') return exit?.exitCode !== 0
  return true
}

function runningPlan(pod: Pod, observed: ObservedPod, policy: RestartPolicy, now: number): PodPlan {
  if (observed.prepared === 'going on') return nothing
  if (observed.prepared === 'no') {
    if (now >= observed.prepareAgainAt) return doNow({ do: 'prepare' })
    return { actions: [], wakeAt: observed.prepareAgainAt }
  }
  const init = observed.initContainers.find((container) => !hasSucceeded(container))
  const turn = init ? [init] : observed.containers
  const plans = [
    ...turn.map((container) => containerPlan(pod, container, policy, now)),
    ...observed.ephemeralContainers.map((container) => ephemeralPlan(container, now)),
  ]
  return {
    actions: plans.flatMap(({ actions }) => actions),
    wakeAt: plans.reduce<number | undefined>((at, { wakeAt }) => earliest(at, wakeAt), undefined),
  }
}

/** Started once, whatever else the pod does. */
function ephemeralPlan(container: ObservedContainer, now: number): PodPlan {
  if (container.phase !== 'absent') return nothing
  const at = container.hold?.retryAt ?? 0
  return now >= at ? doNow({ do: 'start', container }) : { actions: [], wakeAt: at }
}

function hasSucceeded({ phase, exit }: ObservedContainer): boolean {
  return phase === 'exited' && exit?.exitCode === 0
}

function containerPlan(
  pod: Pod,
  container: ObservedContainer,
  policy: RestartPolicy,
  now: number,
): PodPlan {
  if (container.phase === 'stopping' || container.phase === 'starting') return nothing
  if (container.phase === 'running') {
    const message = container.condemned?.message ?? changedImage(pod, container)
    return message === undefined ? nothing : doNow({ do: 'stop', container, message })
  }
  if (container.phase === 'exited' && !mayRestart(pod, container)) return nothing
  const at = Math.max(container.hold?.retryAt ?? 0, restartAt(container, policy))
  return now >= at ? doNow({ do: 'start', container }) : { actions: [], wakeAt: at }
}

function stopping(container: ObservedContainer): PodAction {
  return { do: 'stop', container, message: `Stopping container ${container.name}` }
}

/** The image is the one thing of a container that may change while it runs; then it is restarted. */
function changedImage({ spec }: Pod, { name, init, image }: ObservedContainer): string | undefined {
  const wanted = (init ? spec.initContainers : spec.containers)?.find((c) => c.name === name)?.image
  if (image === undefined || image === wanted) return undefined
  return `Container ${name} definition changed, will be restarted`
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}
