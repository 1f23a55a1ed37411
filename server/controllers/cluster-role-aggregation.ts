// ClusterRoles that are made of others: their rules are those of all that their selectors choose
// (pkg/controller/clusterroleaggregation).
import { clusterRoles } from '../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { ClusterRole, PolicyRule } from '../../shared/kubernetes/rbac.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { startController } from '../machinery/controller.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { source } from './owned.ts'

/** The rules of those that `role` selects among `all`, by name, each once; undefined when it gathers none. */
function gatheredRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors
  if (!selectors) return undefined
  const matchers = selectors.map((selector) => matcherOf(selector))
  const rules = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .filter(({ metadata }) => matchers.some((matches) => matches(metadata.labels)))
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    .flatMap((each) => each.rules ?? [])
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
}

/** Starts keeping the rules of gathered roles. */
export function startClusterRoleAggregation(deps: RoomDeps): Running {
  const known = deps.informers.of(clusterRoles)
  const gathering = () =>
    [...known.all()].flatMap(({ metadata, aggregationRule }) =>
      aggregationRule ? [metadata.name ?? ''] : [],
    )
  return startController(deps, {
    name: 'clusterrole-aggregation-controller',
    for: clusterRoles,
    watches: [source(clusterRoles, gathering)],
    async reconcile(name) {
      const role = known.get(name)
      if (!role || isBeingDeleted(role)) return
      const rules = gatheredRules(role, [...known.all()])
      if (!rules || JSON.stringify(rules) === JSON.stringify(role.rules ?? [])) return
      await deps.client.update(clusterRoles, { ...role, rules })
    },
  })
}
