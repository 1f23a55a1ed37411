// What the scheduler reads from and writes to the API.
import type { Binding, Node } from '../../shared/kubernetes/cluster.ts'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { ObjectReference } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { timeText } from '../machinery/clock.ts'

const same = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a ?? {}) === JSON.stringify(b ?? {})

/** Heartbeats change nodes all the time; only these parts decide about pods. */
export function concernsScheduling(node: Node, previous: Node): boolean {
  return (
    !same(node.metadata.labels, previous.metadata.labels) ||
    !same(node.spec?.taints, previous.spec?.taints) ||
    node.spec?.unschedulable !== previous.spec?.unschedulable ||
    !same(node.status?.allocatable, previous.status?.allocatable)
  )
}

/** Whether a pod on its node now counts differently for others. */
export function countsDifferently(pod: Pod, previous: Pod): boolean {
  return (
    isBeingDeleted(pod) !== isBeingDeleted(previous) ||
    !same(pod.metadata.labels, previous.metadata.labels)
  )
}

/** Whether a waiting pod now asks for something else. */
export function asksDifferently(pod: Pod, previous: Pod): boolean {
  return countsDifferently(pod, previous) || !same(pod.spec, previous.spec)
}

export function bindingOf({ metadata }: Pod, node: string): Binding {
  const { namespace, name, uid } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: {
      ...(namespace && { namespace }),
      ...(name && { name }),
      ...(uid && { uid }),
    },
    target: { kind: 'Node', name: node },
  }
}

/** What an Event about a pod points to: lists leave out kind and apiVersion of their items. */
export function referenceTo({ metadata }: Pod): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  }
}

/** The condition of a pod that fits nowhere. */
export function unschedulable(pod: Pod, message: string, now: number): Condition {
  const held = conditionOf(pod.status?.conditions, 'PodScheduled')
  const since = held?.status === 'False' ? held.lastTransitionTime : undefined
  return {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: since ?? timeText(now),
  }
}
