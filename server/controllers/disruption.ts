// PodDisruptionBudgets: keeps their status, from which evictions are allowed.
import {
  deployments,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../shared/kubernetes/kinds.ts'
import { controllerOf, keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { matcherOf } from '../../shared/selectors.ts'
import type { ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { planDisruption } from './disruption-plan.ts'
import { sameJson } from './objects.ts'
import { source } from './owned.ts'

const BY_NAMESPACE = 'controllers/disruption-namespace'

/** Starts the disruption controller. Namespaces without budgets cost nothing. */
export function startDisruption(deps: RoomDeps): Running {
  const { informers, client, clock } = deps
  const budgets = informers.of(podDisruptionBudgets)
  const podInformer = informers.of(pods)
  const namespaceOf = ({ metadata }: { metadata: { namespace?: string } }): string[] => [
    metadata.namespace ?? '',
  ]
  budgets.addIndex(BY_NAMESPACE, namespaceOf)
  podInformer.addIndex(BY_NAMESPACE, namespaceOf)

  const concerned = ({ metadata }: Pod): string[] =>
    budgets
      .byIndex(BY_NAMESPACE, metadata.namespace ?? '')
      .filter(({ spec }) => spec?.selector && matcherOf(spec.selector)(metadata.labels))
      .map(keyOf)

  const expectedOf = (pod: Pod): { controller: string; replicas: number } | undefined => {
    const owner = controllerOf(pod)
    if (!owner) return undefined
    const key = `${pod.metadata.namespace}/${owner.name}`
    const rc = informers.of(replicationControllers)
    const stateful = informers.of(statefulSets)
    const set = owner.kind === replicaSets.kind ? informers.of(replicaSets).get(key) : undefined
    const above = set && controllerOf(set)
    const deployment =
      above && informers.of(deployments).get(`${pod.metadata.namespace}/${above.name}`)
    const scaled =
      deployment ??
      set ??
      (owner.kind === replicationControllers.kind ? rc.get(key) : undefined) ??
      (owner.kind === statefulSets.kind ? stateful.get(key) : undefined)
    if (!scaled) return undefined
    return { controller: scaled.metadata.uid ?? key, replicas: scaled.spec.replicas ?? 1 }
  }

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const budget = budgets.get(key)
    const selector = budget?.spec?.selector
    if (!budget || !selector) return
    const matches = matcherOf(selector)
    const selected = podInformer
      .byIndex(BY_NAMESPACE, budget.metadata.namespace ?? '')
      .filter(({ metadata }) => matches(metadata.labels))
    const { status, againInMs } = planDisruption(budget, selected, expectedOf, clock.now())
    if (!sameJson(status, budget.status)) {
      await client.update(podDisruptionBudgets, { ...budget, status }, { subresource: 'status' })
    }
    return againInMs === undefined ? undefined : { againInMs }
  }
  return startController(deps, {
    name: 'disruption-controller',
    for: podDisruptionBudgets,
    watches: [source(pods, concerned)],
    reconcile,
  })
}
