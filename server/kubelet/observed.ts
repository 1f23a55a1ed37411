// What a kubelet knows of one pod besides its spec: the facts that plans and statuses are made from.
import type { ContainerStatus, Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'

/** How one run of a container ended. Times are ms since the epoch. */
export interface ContainerExit {
  id: string
  exitCode: number
  /** Completed, Error, StartError, ContainerStatusUnknown … */
  reason: string
  message?: string | undefined
  startedAt: number
  finishedAt: number
}

/** Why a container cannot be started now. */
export interface Hold {
  /** ErrImagePull, CreateContainerConfigError */
  reason: string
  message: string
  /** In a row. */
  failures: number
  since: number
  retryAt: number
}

export type ContainerPhase = 'absent' | 'starting' | 'running' | 'stopping' | 'exited'

export interface ObservedContainer {
  readonly name: string
  readonly init: boolean
  /** Added while the pod ran: it is started once, and nothing waits for it. */
  readonly ephemeral?: true
  phase: ContainerPhase
  /** Of the current or last run. */
  id: string | undefined
  /** The image of that run. */
  image: string | undefined
  imageID: string
  startedAt: number | undefined
  exit: ContainerExit | undefined
  /** How the run before the current one ended. */
  previous: ContainerExit | undefined
  restartCount: number
  /** Ends in a row without a long run in between: what the restart back-off goes by. */
  crashes: number
  /** The startup probe has passed (or there is none). */
  started: boolean
  ready: boolean
  hold: Hold | undefined
  /** It is being killed because it took more memory than its limit. */
  outOfMemory: boolean
  /** Why it must be stopped and restarted: a probe or hook that failed. */
  condemned: { message: string; graceSeconds: number | undefined } | undefined
}

/** Why the whole pod comes to an end. */
export interface PodEnd {
  /** 'deleted': the object is to go. 'failed': the pod fails with this reason but stays visible. */
  kind: 'deleted' | 'failed'
  reason?: string
  message?: string
}

export interface ObservedPod {
  /** ms since the epoch. */
  startTime: number
  podIP: string | undefined
  hostIP: string
  /** Directories, volumes and address are there. */
  prepared: 'no' | 'going on' | 'yes'
  /** After a failed preparation, when to try again. */
  prepareAgainAt: number
  end: PodEnd | undefined
  /** Why the pod failed as a whole; stays when it is deleted afterwards. */
  failure: { reason: string; message: string } | undefined
  /** What the pod held has been given back; its deletion has been confirmed. */
  settled: 'no' | 'released' | 'confirmed'
  initContainers: ObservedContainer[]
  containers: ObservedContainer[]
  ephemeralContainers: ObservedContainer[]
}

/** The durations that govern restarts, in milliseconds. */
export interface RestartPolicy {
  /** Wait before the second restart in a row; the first is at once, each further wait doubles. */
  baseMs: number
  maxMs: number
  /** A run this long makes the next crash the first again. */
  resetAfterMs: number
}

function absent(name: string, init: boolean): ObservedContainer {
  return {
    name,
    init,
    phase: 'absent',
    id: undefined,
    image: undefined,
    imageID: '',
    startedAt: undefined,
    exit: undefined,
    previous: undefined,
    restartCount: 0,
    crashes: 0,
    started: false,
    ready: false,
    hold: undefined,
    outOfMemory: false,
    condemned: undefined,
  }
}

/**
 * The facts when a kubelet first meets a pod. A status written by an earlier life of this node is believed except for
 * one thing: whatever it calls running has died with that life.
 */
export function firstObservation(pod: Pod, hostIP: string, now: number): ObservedPod {
  const { status, spec } = pod
  const adopt = (list: ContainerStatus[] | undefined, init: boolean) => (name: string) => {
    const known = list?.find((entry) => entry.name === name)
    return known ? adopted(known, init, now) : absent(name, init)
  }
  const initContainers = (spec.initContainers ?? []).map(({ name }) =>
    adopt(status?.initContainerStatuses, true)(name),
  )
  const goesOn = !isPodTerminal(pod) && spec.restartPolicy !== 'Never'
  return {
    startTime: status?.startTime ? Date.parse(status.startTime) : now,
    podIP: status?.podIP,
    hostIP,
    prepared: 'no',
    prepareAgainAt: 0,
    end: undefined,
    failure: undefined,
    settled: 'no',
    initContainers: goesOn ? initContainers.map(toRunAgain) : initContainers,
    containers: spec.containers.map(({ name }) => adopt(status?.containerStatuses, false)(name)),
    ephemeralContainers: (spec.ephemeralContainers ?? []).map(({ name }) => ({
      ...adopt(status?.ephemeralContainerStatuses, false)(name),
      ephemeral: true,
    })),
  }
}

/** After a restart of the node the init containers run again, as in Kubernetes with a new sandbox. */
function toRunAgain(container: ObservedContainer): ObservedContainer {
  const { exit, name, restartCount } = container
  if (!exit) return container
  return { ...absent(name, true), previous: exit, restartCount: restartCount + 1 }
}

function adopted(known: ContainerStatus, init: boolean, now: number): ObservedContainer {
  const fresh = { ...absent(known.name, init), restartCount: known.restartCount }
  const { state, lastState } = known
  const previous = exitFrom(known, lastState?.terminated)
  const id = idOf(known.containerID)
  if (state?.terminated) {
    const exit = exitFrom(known, state.terminated)
    return { ...fresh, phase: 'exited', id, imageID: known.imageID, exit, previous }
  }
  if (state?.running) {
    const exit: ContainerExit = {
      id: id ?? '',
      // What Kubernetes reports for containers that a restarted node no longer finds.
      exitCode: 255,
      reason: 'Unknown',
      startedAt: Date.parse(state.running.startedAt ?? '') || now,
      finishedAt: now,
    }
    return { ...fresh, phase: 'exited', id, imageID: known.imageID, exit, previous }
  }
  if (previous) return { ...fresh, phase: 'exited', id, imageID: known.imageID, exit: previous }
  return fresh
}

function exitFrom(
  known: ContainerStatus,
  terminated: NonNullable<ContainerStatus['state']>['terminated'],
): ContainerExit | undefined {
  if (!terminated) return undefined
  return {
    id: idOf(terminated.containerID ?? known.containerID) ?? '',
    exitCode: terminated.exitCode,
    reason: terminated.reason ?? 'Error',
    message: terminated.message,
    startedAt: Date.parse(terminated.startedAt ?? '') || 0,
    finishedAt: Date.parse(terminated.finishedAt ?? '') || 0,
  }
}

/** `podium://abc` → `abc` */
function idOf(containerID: string | undefined): string | undefined {
  return containerID?.replace(/^[a-z-]+:\/\//, '')
}

/** True while a process of the container may exist. */
export function isLive({ phase }: ObservedContainer): boolean {
  return phase === 'starting' || phase === 'running' || phase === 'stopping'
}

/** All containers of a pod: init containers first, ephemeral ones last. */
export function allContainers(pod: ObservedPod): ObservedContainer[] {
  return [...pod.initContainers, ...pod.containers, ...pod.ephemeralContainers]
}

/** Takes up the ephemeral containers that a pod has got since it was last looked at. */
export function addEphemeral(observed: ObservedPod, pod: Pod): void {
  const known = new Set(observed.ephemeralContainers.map(({ name }) => name))
  for (const { name } of pod.spec.ephemeralContainers ?? []) {
    if (known.has(name)) continue
    observed.ephemeralContainers.push({ ...absent(name, false), ephemeral: true })
  }
}

/** When a container that ended may start again (ms since the epoch); client-go flowcontrol.Backoff as the kubelet uses it. */
export function restartAt(container: ObservedContainer, policy: RestartPolicy): number {
  const { exit, crashes } = container
  if (!exit || crashes <= 1) return 0
  return exit.finishedAt + Math.min(policy.maxMs, policy.baseMs * 2 ** (crashes - 2))
}
