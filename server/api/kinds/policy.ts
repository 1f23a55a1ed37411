// ResourceQuota, PriorityClass and PodDisruptionBudget.
import {
  podDisruptionBudgets,
  priorityClasses,
  resourceQuotas,
} from '../../../shared/kubernetes/kinds.ts'
import type {
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
} from '../../../shared/kubernetes/policy.ts'
import { parseQuantity } from '../../../shared/quantity.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, immutable, invalid, notSupported, required } from './rules/causes.ts'
import { nameFollows, selectorFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, text } from './rules/print.ts'
import type { Strategy, StrategyContext } from './strategy.ts'

const SCOPES = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass']

/** `pods: 1/4, requests.cpu: 0/1`, of the resources that begin with `limits.` or of all others. */
function usedColumn({ status }: ResourceQuota, limits: boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter((name) => name.startsWith('limits.') === limits)
    .sort()
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name]}`)
    .join(', ')
}

export const resourceQuotaStrategy: Strategy<ResourceQuota> = {
  kind: resourceQuotas,
  subresources: ['status'],
  hasGeneration: false,
  columns: [
    nameColumn,
    text('Request', (quota) => usedColumn(quota, false)),
    text('Limit', (quota) => usedColumn(quota, true)),
    ageColumn,
  ],
  prepareForCreate(quota) {
    quota.status = {}
  },
  validate: (quota) => [
    ...nameFollows(subdomain, quota),
    ...Object.entries(quota.spec?.hard ?? {}).flatMap(([name, amount]) =>
      (parseQuantity(amount) ?? -1) >= 0
        ? []
        : [invalid(`spec.hard[${name}]`, amount, 'must be greater than or equal to 0')],
    ),
    ...(quota.spec?.scopes ?? []).flatMap((scope) =>
      SCOPES.includes(scope) ? [] : [notSupported('spec.scopes', scope, SCOPES)],
    ),
  ],
}

/** Above these values and with this beginning of a name classes are the system's own. */
const HIGHEST_OF_USERS = 1_000_000_000
export const SYSTEM_CLASSES: readonly PriorityClass[] = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
]

function classCauses(
  { metadata, value, globalDefault }: PriorityClass,
  context: StrategyContext,
): StatusCause[] {
  const { name = '' } = metadata
  const system = SYSTEM_CLASSES.find((each) => each.metadata.name === name)
  if (system) return system.value === value ? [] : [forbidden('metadata.name', 'value is fixed')]
  if (name.startsWith('system-')) {
    const why = "priority class names with 'system-' prefix are reserved for system use only"
    return [forbidden('metadata.name', why)]
  }
  if (value > HIGHEST_OF_USERS) {
    const why = `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`
    return [forbidden('value', why)]
  }
  const other =
    globalDefault &&
    context
      .readAll(priorityClasses)
      .find((each) => each.globalDefault && each.metadata.name !== name)
  if (!other) return []
  const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
  return [forbidden('globalDefault', why)]
}

export const priorityClassStrategy: Strategy<PriorityClass> = {
  kind: priorityClasses,
  subresources: [],
  hasGeneration: true,
  columns: [
    nameColumn,
    count('Value', ({ value }) => value),
    text('Global-Default', ({ globalDefault }) => String(globalDefault ?? false)),
    ageColumn,
    text('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
  default(priorityClass) {
    priorityClass.value ??= 0
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  validate: (priorityClass, context) => [
    ...nameFollows(subdomain, priorityClass),
    ...classCauses(priorityClass, context),
  ],
  validateUpdate: ({ value, preemptionPolicy }, old) => [
    ...(value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...(preemptionPolicy === old.preemptionPolicy
      ? []
      : [immutable('preemptionPolicy', preemptionPolicy)]),
  ],
}

function shareCauses(field: string, value: number | string | undefined): StatusCause[] {
  if (value === undefined) return []
  if (typeof value === 'number') {
    return value >= 0 ? [] : [invalid(field, value, 'must be greater than or equal to 0')]
  }
  const percent = /^(\d+)%$/.exec(value)
  if (percent && Number(percent[1]) <= 100) return []
  return [
    invalid(
      field,
      value,
      percent
        ? 'must not be greater than 100%'
        : "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ]
}

function budgetCauses({ spec = {} }: PodDisruptionBudget): StatusCause[] {
  const { minAvailable, maxUnavailable, selector } = spec
  const both = minAvailable !== undefined && maxUnavailable !== undefined
  return [
    ...(both ? [invalid('spec', {}, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...shareCauses('spec.minAvailable', minAvailable),
    ...shareCauses('spec.maxUnavailable', maxUnavailable),
    ...(selector ? selectorFollows('spec.selector', selector) : [required('spec.selector')]),
  ]
}

export const podDisruptionBudgetStrategy: Strategy<PodDisruptionBudget> = {
  kind: podDisruptionBudgets,
  subresources: ['status'],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    text('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    count('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],
  prepareForCreate(budget) {
    budget.status = {
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    }
  },
  validate: (budget) => [...nameFollows(subdomain, budget), ...budgetCauses(budget)],
}
