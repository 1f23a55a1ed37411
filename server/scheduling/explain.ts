// Why a pod fits nowhere: as data for the screen, and as the sentence Kubernetes says.
import type { Node } from '../../shared/kubernetes/cluster.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { Rejection } from './select.ts'
import { checksFor, rejectionOf } from './select.ts'
import { podInfoOf, Snapshot } from './snapshot.ts'

export interface Explanation {
  /** Nodes the pod could go to. */
  fits: string[]
  rejections: Rejection[]
  /** `0/4 nodes are available: 4 Insufficient cpu.`; empty when some node fits. */
  message: string
}

/** The sentence of a FailedScheduling event: how many nodes said what (FitError.Error). */
export function unschedulableMessage(nodes: number, rejections: readonly Rejection[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const { reasons } of rejections) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${nodes} nodes are available: ${parts.join(', ')}.`
}

/** What every node says to this pod, given all nodes and all pods of the cluster. */
export function explain(pod: Pod, nodes: Iterable<Node>, pods: Iterable<Pod>): Explanation {
  const snapshot = new Snapshot()
  for (const node of nodes) snapshot.setNode(node)
  for (const other of pods) {
    if (other.spec.nodeName && !isPodTerminal(other)) {
      snapshot.place(podInfoOf(other), other.spec.nodeName)
    }
  }
  const checks = checksFor(podInfoOf(pod), snapshot)
  const fits: string[] = []
  const rejections: Rejection[] = []
  for (const node of snapshot.nodes) {
    const rejection = rejectionOf(checks, node)
    if (rejection) rejections.push(rejection)
    else fits.push(node.name)
  }
  const message = fits.length > 0 ? '' : unschedulableMessage(snapshot.nodes.length, rejections)
  return { fits, rejections, message }
}
