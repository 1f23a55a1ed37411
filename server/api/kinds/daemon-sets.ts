import { daemonSets } from '../../../shared/kubernetes/kinds.ts'
import type { DaemonSet, DaemonSetSpec } from '../../../shared/kubernetes/sets.ts'
import { selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { amountCauses, isZeroAmount } from './amounts.ts'
import { invalid, notNegative, notSupported } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import {
  ageColumn,
  count,
  formatLabels,
  nameColumn,
  NONE,
  text,
  workloadColumns,
} from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import { defaultTemplate, fixedSelector, selectorCauses, templateCauses } from './workloads.ts'

function defaultSpec(spec: DaemonSetSpec): void {
  defaultTemplate(spec.template)
  spec.updateStrategy ??= {}
  spec.updateStrategy.type ||= 'RollingUpdate'
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
}

function strategyCauses({ updateStrategy }: DaemonSetSpec): StatusCause[] {
  const at = 'spec.updateStrategy'
  const { type, rollingUpdate } = updateStrategy ?? {}
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') {
    return [notSupported(`${at}.type`, type, ['OnDelete', 'RollingUpdate'])]
  }
  const { maxUnavailable, maxSurge } = rollingUpdate ?? {}
  const field = `${at}.rollingUpdate.maxUnavailable`
  const causes = [
    ...amountCauses(field, maxUnavailable),
    ...amountCauses(`${at}.rollingUpdate.maxSurge`, maxSurge),
  ]
  if (causes.length > 0) return causes
  if (isZeroAmount(maxUnavailable) && isZeroAmount(maxSurge)) {
    return [invalid(field, maxUnavailable, 'cannot be 0 when maxSurge is 0')]
  }
  if (isZeroAmount(maxUnavailable) || isZeroAmount(maxSurge)) return []
  const why = 'may not be set when maxUnavailable is non-zero'
  return [invalid(`${at}.rollingUpdate.maxSurge`, maxSurge, why)]
}

export const daemonSetStrategy: Strategy<DaemonSet> = {
  kind: daemonSets,
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  columns: [
    nameColumn,
    count('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
    count('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
    count('Ready', ({ status }) => status?.numberReady ?? 0),
    count('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
    count('Available', ({ status }) => status?.numberAvailable ?? 0),
    text('Node Selector', ({ spec }) => formatLabels(spec.template?.spec?.nodeSelector)),
    ageColumn,
    ...workloadColumns<DaemonSet>(({ spec }) => selectorText(spec.selector) || NONE),
  ],
  default(set) {
    set.spec ??= {} as DaemonSetSpec
    defaultSpec(set.spec)
  },
  prepareForCreate(set) {
    set.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    }
  },
  validate: (set) => [
    ...nameFollows(subdomain, set),
    ...selectorCauses(set.spec.selector, set.spec.template, 'daemonset'),
    ...templateCauses(set.spec.template, 'DaemonSet'),
    ...notNegative('spec.minReadySeconds', set.spec.minReadySeconds),
    ...notNegative('spec.revisionHistoryLimit', set.spec.revisionHistoryLimit),
    ...strategyCauses(set.spec),
  ],
  validateUpdate: fixedSelector,
}
