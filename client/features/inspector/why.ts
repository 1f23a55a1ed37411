// Why a pod is where it is, or why it waits: out of its own status, its events and the endpoints that name it. Pure.
import type { Event } from '../../../shared/kubernetes/cluster.ts'
import { conditionOf, controllerOf } from '../../../shared/kubernetes/meta.ts'
import type { EndpointSlice } from '../../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../../shared/kubernetes/network.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'

/** `4 nodes: Insufficient cpu` as data. */
export interface NodeReason {
  nodes: number
  reason: string
}

export interface Why {
  sentence: string
  /** For a pod that waits: what its nodes say, the most frequent first. */
  nodeReasons: readonly NodeReason[]
  /** Further facts, in the order of the pod's life. */
  steps: readonly string[]
}

/** Answers why, with what is known. @param events those about this pod */
export function whyOf(pod: Pod, events: readonly Event[], slices: readonly EndpointSlice[]): Why {
  const owner = controllerOf(pod)
  const steps = owner
    ? [`${owner.kind} ${owner.name} wants it and made it.`]
    : ['Nobody but you made it; when it is gone nobody replaces it.']
  if (!pod.spec.nodeName) {
    const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
    const message = scheduled?.message ?? newestMessage(events, 'FailedScheduling')
    return {
      sentence: message ? 'It waits: no node takes it now.' : 'It waits for the scheduler.',
      nodeReasons: message ? parseUnschedulable(message) : [],
      steps: message ? [...steps, message] : steps,
    }
  }
  const assigned = newestMessage(events, 'Scheduled')
  steps.push(
    assigned
      ? `The scheduler chose ${pod.spec.nodeName}: it passed every filter and had the best score then.`
      : `It was put on ${pod.spec.nodeName}; the event that says by whom has expired.`,
  )
  steps.push(...restartsOf(pod), ...servicesOf(pod, slices))
  return { sentence: `It is on ${pod.spec.nodeName}.`, nodeReasons: [], steps }
}

/** The scheduler's sentence taken apart: `0/4 nodes are available: 3 Insufficient cpu, 1 node(s) were unschedulable.` */
export function parseUnschedulable(message: string): NodeReason[] {
  const said = /nodes? are available: ([^]*?)\.?(?: preemption:[^]*)?$/.exec(message)?.[1]
  if (said === undefined) return []
  // A reason may have commas of its own; the next one begins with a number.
  return said
    .split(/, (?=\d+ )/)
    .map((part) => /^(\d+) ([^]+?)\.?$/.exec(part.trim()))
    .flatMap((match) => (match ? [{ nodes: Number(match[1]), reason: match[2] ?? '' }] : []))
    .sort((a, b) => b.nodes - a.nodes)
}

function newestMessage(events: readonly Event[], reason: string): string | undefined {
  return events.findLast((event) => event.reason === reason)?.message
}

function restartsOf(pod: Pod): string[] {
  return (pod.status?.containerStatuses ?? []).flatMap(({ name, restartCount, lastState }) => {
    if (restartCount === 0) return []
    const { exitCode, reason } = lastState?.terminated ?? {}
    const how =
      exitCode === undefined ? '' : `, last with exit code ${exitCode} (${reason ?? 'Error'})`
    return [`Container ${name} was started again ${restartCount} times${how}.`]
  })
}

/** Which Services lead to the pod, and what share of new connections the equal split gives it. */
function servicesOf(pod: Pod, slices: readonly EndpointSlice[]): string[] {
  const shares = new Map<string, { ready: number; isIn: boolean; isTerminating: boolean }>()
  for (const { metadata, endpoints } of slices) {
    const service = metadata.labels?.[SERVICE_NAME_LABEL]
    if (service === undefined || metadata.namespace !== pod.metadata.namespace) continue
    const share = shares.get(service) ?? { ready: 0, isIn: false, isTerminating: false }
    for (const { conditions, targetRef } of endpoints ?? []) {
      const isReady = conditions?.ready !== false
      if (isReady) share.ready += 1
      if (targetRef?.uid !== pod.metadata.uid) continue
      share.isIn ||= isReady
      share.isTerminating ||= conditions?.terminating === true
    }
    shares.set(service, share)
  }
  return [...shares].flatMap(([service, { ready, isIn, isTerminating }]) => {
    if (isIn) {
      return [
        `Service ${service} sends it one of ${ready} new connections: it is one of ${ready} endpoints that are ready.`,
      ]
    }
    return isTerminating
      ? [`Service ${service} sends it nothing new any more: it finishes what it has.`]
      : []
  })
}
