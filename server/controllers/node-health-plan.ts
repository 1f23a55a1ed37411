// What is said of a node that is or is not heard from: its conditions, and the taints that follow from them
// (pkg/controller/nodelifecycle).
import type { Node, Taint } from '../../shared/kubernetes/cluster.ts'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import { timeText } from '../machinery/clock.ts'

const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'
const BY_CONDITION: Record<string, string> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
}

/** The taints of these keys and effects are this controller's; all others stay as they are. */
const OURS = new Set([
  `${NOT_READY}:NoExecute`,
  `${UNREACHABLE}:NoExecute`,
  ...[NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(BY_CONDITION)].map(
    (key) => `${key}:NoSchedule`,
  ),
])

/** The conditions of a node nobody hears from: everything its kubelet says is unknown. */
export function silentConditions(node: Node, now: number): Condition[] {
  const held = node.status?.conditions ?? []
  const unknown = KUBELET_CONDITIONS.map((type): Condition => {
    const before = conditionOf(held, type)
    if (before?.status === 'Unknown') return before
    return {
      ...before,
      type,
      status: 'Unknown',
      reason: before ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: before
        ? 'Kubelet stopped posting node status.'
        : 'Kubelet never posted node status.',
      lastTransitionTime: timeText(now),
    }
  })
  return [...held.filter(({ type }) => !KUBELET_CONDITIONS.includes(type)), ...unknown]
}

function wantedTaints(node: Node, conditions: readonly Condition[]): Taint[] {
  const statusOf = (type: string): string | undefined => conditionOf([...conditions], type)?.status
  const taints: Taint[] = []
  const both = (key: string): void => {
    taints.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' })
  }
  const ready = statusOf('Ready')
  if (ready === 'Unknown') both(UNREACHABLE)
  else if (ready === 'False') both(NOT_READY)
  else if (ready === undefined) taints.push({ key: NOT_READY, effect: 'NoSchedule' })
  for (const [type, key] of Object.entries(BY_CONDITION)) {
    if (statusOf(type) === 'True') taints.push({ key, effect: 'NoSchedule' })
  }
  if (node.spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' })
  return taints
}

const named = ({ key, effect }: Taint): string => `${key}:${effect}`

/** The taints a node in these conditions has; those it has already keep the time they were added. */
export function taintsFor(node: Node, conditions: readonly Condition[], now: number): Taint[] {
  const held = node.spec?.taints ?? []
  const wanted = wantedTaints(node, conditions)
  const kept = held.filter(
    (taint) => !OURS.has(named(taint)) || wanted.some((one) => named(one) === named(taint)),
  )
  const added = wanted
    .filter((taint) => !held.some((one) => named(one) === named(taint)))
    .map((taint) => ({ ...taint, timeAdded: timeText(now) }))
  return added.length === 0 && kept.length === held.length ? held : [...kept, ...added]
}
