// Which of the seven tile states a pod is in, how far it is, and why. Pure readings of the pod's status.
import type { ContainerStatus, Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import {
  BROKEN_REASONS,
  containerStatusesOf,
  lastExitCode,
} from '../../shared/kubernetes/pod-trouble.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { PodState } from '../../shared/stage.ts'

export interface PodConditionView {
  state: PodState
  /** 0–1, see PodView.progress. */
  progress: number
  reason: string | null
  /** When the object says it entered this state (ms since epoch, whole seconds); undefined when it does not say. */
  sinceAtLeast: number | undefined
  /** When its grace ends, while it is stopping. */
  stopsBy: number | null
}

/** How far a starting pod is once it is scheduled, and once all its containers run. */
const SCHEDULED = 0.25
const RUNNING = 0.6
/** With a startup probe there is one more step on the way. */
const STARTED = 0.8

/** Reads the state of `pod`; `nodeLost` says that its node no longer reports. */
export function podCondition(pod: Pod, nodeLost: boolean, now: number): PodConditionView {
  const phase = pod.status?.phase
  if (nodeLost && phase !== 'Succeeded' && phase !== 'Failed') {
    return view('unknown', 0, 'NodeLost')
  }
  if (pod.metadata.deletionTimestamp) return stopping(pod, pod.metadata.deletionTimestamp, now)
  if (phase === 'Succeeded') return view('succeeded', 1, null)
  if (phase === 'Failed') return view('failed', 0, failureOf(pod) ?? pod.status?.reason ?? 'Failed')
  if (!pod.spec.nodeName) return pending(pod)
  const failure = failureOf(pod)
  if (failure !== undefined) return view('failed', 0, failure)
  if (isPodReady(pod)) {
    const ready = conditionOf(pod.status?.conditions, 'Ready')
    return view('ready', 1, null, ready?.lastTransitionTime)
  }
  return starting(pod)
}

function view(
  state: PodState,
  progress: number,
  reason: string | null,
  since?: string,
): PodConditionView {
  const sinceAtLeast = since ? Date.parse(since) : undefined
  return { state, progress, reason, sinceAtLeast, stopsBy: null }
}

function pending(pod: Pod): PodConditionView {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  const { reason, message } = scheduled?.status === 'False' ? scheduled : {}
  const why = [reason, message].filter((text) => text).join(': ')
  return view('pending', 0, why || null, pod.metadata.creationTimestamp)
}

/** metadata.deletionTimestamp is when the grace ends, not when the delete was asked for. */
function stopping(pod: Pod, deletionTimestamp: string, now: number): PodConditionView {
  const end = Date.parse(deletionTimestamp)
  const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
  const elapsed = graceMs > 0 ? 1 - (end - now) / graceMs : 1
  return {
    state: 'stopping',
    progress: Math.round(Math.min(1, Math.max(0, elapsed)) * 100) / 100,
    reason: null,
    sinceAtLeast: end - graceMs,
    stopsBy: end,
  }
}

/** Why a container of this pod does not work, in Kubernetes' words; undefined when none is broken. */
function failureOf(pod: Pod): string | undefined {
  for (const status of containerStatusesOf(pod)) {
    const { waiting, terminated } = status.state ?? {}
    if (waiting?.reason && BROKEN_REASONS.has(waiting.reason))
      return withExit(waiting.reason, status)
    if (terminated && terminated.exitCode !== 0)
      return withExit(terminated.reason ?? 'Error', status)
  }
  return undefined
}

function withExit(reason: string, status: ContainerStatus): string {
  const code = lastExitCode(status)
  return code === undefined || code === 0 ? reason : `${reason} (exit ${code})`
}

function starting(pod: Pod): PodConditionView {
  const statuses = pod.status?.containerStatuses ?? []
  const total = Math.max(1, pod.spec.containers.length)
  const share = (of: ContainerStatus[]): number => of.length / total
  const running = statuses.filter(({ state }) => state?.running)
  let progress = SCHEDULED + (RUNNING - SCHEDULED) * share(running)
  if (running.length === total) {
    const probed = pod.spec.containers.filter(({ startupProbe }) => startupProbe)
    const started = probed.every(({ name }) => statuses.find((s) => s.name === name)?.started)
    const reached = probed.length > 0 && started ? STARTED : RUNNING
    progress = reached + (1 - reached) * share(statuses.filter(({ ready }) => ready))
  }
  return view('starting', Math.round(progress * 100) / 100, waitingReason(pod))
}

function waitingReason(pod: Pod): string | null {
  const waiting = containerStatusesOf(pod).find(({ state }) => state?.waiting?.reason)
  if (waiting) return waiting.state?.waiting?.reason ?? null
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  return ready?.status === 'False' ? (ready.reason ?? null) : null
}
