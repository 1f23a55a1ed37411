// Whether pods of lower priority have to make way for one that fits nowhere (framework/preemption). It tries on the
// snapshot itself and leaves it as it was.
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { PodDisruptionBudget } from '../../shared/kubernetes/policy.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { checksFor, rejectionOf } from './select.ts'
import type { NodeInfo, PodInfo, Snapshot } from './snapshot.ts'

export interface Preemption {
  node: string
  victims: PodInfo[]
}

export const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0

/** What nobody's going away can change about a node. */
const LASTING = new Set(['NodeUnschedulable', 'NodeName', 'TaintToleration', 'NodeAffinity'])

interface Candidate extends Preemption {
  violations: number
}

/**
 * The node on which it costs least to make room: fewest budgets broken, then the least important victims, then the
 * fewest (pickOneNodeForPreemption). Undefined when there is none, or when victims for this pod are on their way out.
 */
export function planPreemption(
  pod: PodInfo,
  snapshot: Snapshot,
  budgets: readonly PodDisruptionBudget[],
): Preemption | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return undefined
  const { openings } = snapshot
  const candidates = [...snapshot.nodes].flatMap((node) => {
    const found = candidateOn(node, pod, snapshot, budgets)
    return found ? [found] : []
  })
  snapshot.openings = openings
  if (candidates.some(({ victims }) => victims.length === 0)) return undefined
  return candidates.toSorted(cheaper)[0]
}

function cheaper(a: Candidate, b: Candidate): number {
  const highest = ({ victims }: Candidate): number => priorityOf(victims[0]!.pod)
  const sum = ({ victims }: Candidate): number =>
    victims.reduce((total, { pod }) => total + priorityOf(pod) + 2 ** 31, 0)
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length
  )
}

/** Takes all less important pods away, then puts back, the most important first, whom the pod can live beside. */
function candidateOn(
  node: NodeInfo,
  pod: PodInfo,
  snapshot: Snapshot,
  budgets: readonly PodDisruptionBudget[],
): Candidate | undefined {
  const checks = checksFor(pod, snapshot)
  const rejection = rejectionOf(checks, node)
  if (!rejection || LASTING.has(rejection.plugin)) return undefined
  const lower = [...node.pods.values()].filter(
    (other) => priorityOf(other.pod) < priorityOf(pod.pod),
  )
  if (lower.length === 0) return undefined
  for (const other of lower) snapshot.remove(other.uid)
  const fits = (): boolean => rejectionOf(checksFor(pod, snapshot), node) === undefined
  const victims: PodInfo[] = []
  let violations = 0
  const isPossible = fits()
  const budgeted = isPossible ? overdrawn(lower, budgets) : new Set<PodInfo>()
  const order = lower.toSorted(
    (a, b) =>
      Number(budgeted.has(b)) - Number(budgeted.has(a)) || priorityOf(b.pod) - priorityOf(a.pod),
  )
  for (const other of order) {
    snapshot.place(other, node.name)
    if (!isPossible || fits()) continue
    snapshot.remove(other.uid)
    victims.push(other)
    if (budgeted.has(other)) violations += 1
  }
  for (const victim of victims) snapshot.place(victim, node.name)
  if (!isPossible) return undefined
  // Some are going already: it is waited for them before others are asked to.
  const staying = victims.filter((victim) => !isBeingDeleted(victim.pod))
  if (staying.length < victims.length) return { node: node.name, victims: [], violations }
  return {
    node: node.name,
    victims: victims.toSorted((a, b) => priorityOf(b.pod) - priorityOf(a.pod)),
    violations,
  }
}

/** Pods whose going would break a budget, each budget spent in order of the pods. */
function overdrawn(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): Set<PodInfo> {
  const left = new Map(budgets.map((each) => [each, each.status?.disruptionsAllowed ?? 0]))
  const broken = new Set<PodInfo>()
  for (const info of pods.toSorted((a, b) => priorityOf(b.pod) - priorityOf(a.pod))) {
    const { namespace, labels } = info.pod.metadata
    for (const budget of budgets) {
      const { metadata, spec } = budget
      if (metadata.namespace !== namespace || !spec?.selector) continue
      if (!matcherOf(spec.selector)(labels)) continue
      const rest = (left.get(budget) ?? 0) - 1
      left.set(budget, rest)
      if (rest < 0) broken.add(info)
    }
  }
  return broken
}
