// A pod's status, derived from what is seen and from nothing else (kubelet: kubelet_pods.go getPhase and
// convertToAPIContainerStatuses, status/generate.go).
import type {
  ContainerState,
  ContainerStatus,
  Pod,
  PodPhase,
  PodStatus,
} from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { ContainerExit, ObservedContainer, ObservedPod, RestartPolicy } from './observed.ts'
import { allContainers, isLive, restartAt } from './observed.ts'
import { podConditions } from './pod-conditions.ts'

/** How long a failed pull is called ErrImagePull before it is called a back-off. */
const FRESH_FAILURE_MS = 1000

/** The status to write. Conditions keep the transition times of `pod.status` where nothing changed. */
export function podStatus(
  pod: Pod,
  observed: ObservedPod,
  policy: RestartPolicy,
  now: number,
): PodStatus {
  const waiting = { policy, now, podUid: pod.metadata.uid ?? '', pod }
  const initContainerStatuses = observed.initContainers.map((container) =>
    containerStatus(container, { ...waiting, idle: 'PodInitializing' }),
  )
  const initialized = initContainerStatuses.every(({ ready }) => ready)
  const idle =
    initialized || initContainerStatuses.length === 0 ? 'ContainerCreating' : 'PodInitializing'
  const containerStatuses = observed.containers.map((container) =>
    containerStatus(container, { ...waiting, idle }),
  )
  const ephemeralContainerStatuses = observed.ephemeralContainers.map((container) =>
    containerStatus(container, { ...waiting, idle }),
  )
  const phase = phaseOf(pod, observed, initContainerStatuses, containerStatuses)
  const failure = phase === 'Failed' ? (observed.failure ?? pod.status) : undefined
  return {
    phase,
    ...(failure?.reason !== undefined && { reason: failure.reason }),
    ...(failure?.message !== undefined && { message: failure.message }),
    conditions: podConditions(pod, {
      phase,
      initContainerStatuses,
      containerStatuses,
      readyToStart: observed.prepared === 'yes',
      eviction: observed.failure?.reason === 'Evicted' ? observed.failure.message : undefined,
      now,
    }),
    hostIP: observed.hostIP,
    hostIPs: [{ ip: observed.hostIP }],
    ...(observed.podIP !== undefined && {
      podIP: observed.podIP,
      podIPs: [{ ip: observed.podIP }],
    }),
    startTime: seconds(observed.startTime),
    ...(initContainerStatuses.length > 0 && { initContainerStatuses }),
    containerStatuses,
    ...(ephemeralContainerStatuses.length > 0 && { ephemeralContainerStatuses }),
  }
}

interface StatusContext {
  pod: Pod
  podUid: string
  policy: RestartPolicy
  now: number
  /** The reason of a container that has not been tried yet. */
  idle: string
}

function containerStatus(container: ObservedContainer, context: StatusContext): ContainerStatus {
  const { pod } = context
  const { containers, initContainers, ephemeralContainers } = pod.spec
  const specs = container.ephemeral
    ? ephemeralContainers
    : container.init
      ? initContainers
      : containers
  const wanted = specs?.find(({ name }) => name === container.name)?.image ?? ''
  const state = stateOf(container, context)
  const last = state.terminated ? container.previous : (container.exit ?? container.previous)
  const running = state.running !== undefined
  return {
    name: container.name,
    state,
    lastState: last ? { terminated: terminated(last) } : {},
    ready: container.ephemeral
      ? false
      : container.init
        ? state.terminated?.exitCode === 0
        : running && container.ready,
    started: running && container.started,
    restartCount: container.restartCount,
    image: container.image ?? wanted,
    imageID: container.imageID,
    ...(container.id !== undefined && { containerID: `podium://${container.id}` }),
  }
}

function stateOf(container: ObservedContainer, context: StatusContext): ContainerState {
  const { phase, exit, startedAt } = container
  if (phase === 'running' || phase === 'stopping') {
    return { running: { startedAt: seconds(startedAt ?? context.now) } }
  }
  if (phase === 'starting') return { waiting: { reason: context.idle } }
  if (container.hold) return { waiting: holdReason(container.hold, context.now) }
  if (!exit) return { waiting: { reason: context.idle } }
  if (willRestart(container, context)) return { waiting: backOffReason(container, exit, context) }
  return { terminated: terminated(exit) }
}

/** A container that ended shows as waiting only while the pod goes on and its back-off is what it waits for. */
function willRestart(container: ObservedContainer, { pod, policy, now }: StatusContext): boolean {
  if (pod.metadata.deletionTimestamp !== undefined || container.exit === undefined) return false
  if (container.ephemeral) return false
  const restart = pod.spec.restartPolicy ?? 'Always'
  if (restart === 'Never') return false
  if (container.exit.exitCode === 0 && (container.init || restart === 'OnFailure')) return false
  return container.exit.reason === 'StartError' || restartAt(container, policy) > now
}

function backOffReason(
  { name, exit, crashes }: ObservedContainer,
  last: ContainerExit,
  { policy, pod, podUid }: StatusContext,
): { reason: string; message: string } {
  if (last.reason === 'StartError' && crashes <= 1) {
    return { reason: 'RunContainerError', message: exit?.message ?? '' }
  }
  const wait = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.max(0, crashes - 2))
  return {
    reason: 'CrashLoopBackOff',
    message: `back-off ${goDuration(wait)} restarting failed container=${name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${podUid})`,
  }
}

function holdReason(
  { reason, message, since }: NonNullable<ObservedContainer['hold']>,
  now: number,
): { reason: string; message: string } {
  if (reason !== 'ErrImagePull' || now - since < FRESH_FAILURE_MS) return { reason, message }
  return { reason: 'ImagePullBackOff', message: `Back-off pulling image: ${message}` }
}

function terminated(exit: ContainerExit): NonNullable<ContainerState['terminated']> {
  return {
    exitCode: exit.exitCode,
    reason: exit.reason,
    ...(exit.message && { message: exit.message }),
    startedAt: seconds(exit.startedAt),
    finishedAt: seconds(exit.finishedAt),
    ...(exit.id && { containerID: `podium://${exit.id}` }),
  }
}

function phaseOf(
  pod: Pod,
  observed: ObservedPod,
  initStatuses: ContainerStatus[],
  statuses: ContainerStatus[],
): PodPhase {
  // Succeeded and Failed are final, whoever said so.
  if (isPodTerminal(pod)) return pod.status?.phase ?? 'Failed'
  const policy = pod.spec.restartPolicy ?? 'Always'
  // A phase is final only once nothing runs any more (status_manager.go mergePodStatus).
  const ending = observed.end !== undefined && !allContainers(observed).some(isLive)
  if (ending && observed.failure) return 'Failed'
  const pendingInit = initStatuses.find(({ ready }) => !ready)
  if (pendingInit) {
    const failed = pendingInit.state?.terminated !== undefined && policy === 'Never'
    return failed || (ending && hasRun(observed)) ? 'Failed' : 'Pending'
  }
  const ends = statuses.map(({ state, lastState }) => state?.terminated ?? lastState?.terminated)
  if (statuses.some(({ state }, i) => !state?.running && !ends[i])) {
    return ending && hasRun(observed) ? 'Failed' : 'Pending'
  }
  if (statuses.some(({ state }) => state?.running)) return 'Running'
  if (policy === 'Always' && !ending) return 'Running'
  if (statuses.every(({ state }) => state?.terminated?.exitCode === 0)) return 'Succeeded'
  if (policy === 'Never' || ending) return 'Failed'
  return 'Running'
}

function hasRun(observed: ObservedPod): boolean {
  return allContainers(observed).some(({ exit }) => exit !== undefined)
}

/** Kubernetes' times have whole seconds. */
export function seconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Go's text of a duration: `10s`, `2m40s`, `100ms`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const whole = Math.round(ms / 1000)
  const minutes = Math.floor(whole / 60)
  return minutes > 0 ? `${minutes}m${whole % 60}s` : `${whole}s`
}
