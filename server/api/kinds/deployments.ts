import { deployments } from '../../../shared/kubernetes/kinds.ts'
import type { Deployment, DeploymentSpec } from '../../../shared/kubernetes/workloads.ts'
import { selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, invalid, notNegative, notSupported } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, NONE, text, workloadColumns } from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import {
  defaultTemplate,
  fixedSelector,
  replicaCauses,
  scaleBy,
  selectorCauses,
  templateCauses,
} from './workloads.ts'

const PERCENT = /^[0-9]+%$/
const PERCENT_RULE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

function defaultSpec(spec: DeploymentSpec): void {
  spec.replicas ??= 1
  spec.strategy ??= {}
  spec.strategy.type ??= 'RollingUpdate'
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {}
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
    spec.strategy.rollingUpdate.maxSurge ??= '25%'
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
}

/** A count of pods, or a percentage of them. */
function amountCauses(field: string, amount: number | string | undefined): StatusCause[] {
  if (typeof amount === 'number') return notNegative(field, amount)
  if (amount === undefined || PERCENT.test(amount)) return []
  return [invalid(field, amount, PERCENT_RULE)]
}

function isZero(amount: number | string | undefined): boolean {
  return Number.parseInt(String(amount ?? 0), 10) === 0
}

function rollingUpdateCauses({ strategy }: DeploymentSpec): StatusCause[] {
  const at = 'spec.strategy.rollingUpdate'
  const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {}
  const causes = [
    ...amountCauses(`${at}.maxUnavailable`, maxUnavailable),
    ...amountCauses(`${at}.maxSurge`, maxSurge),
  ]
  if (causes.length > 0) return causes
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    return [invalid(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
  }
  if (typeof maxUnavailable === 'string' && Number.parseInt(maxUnavailable, 10) > 100) {
    return [invalid(`${at}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%')]
  }
  return []
}

function strategyCauses(spec: DeploymentSpec): StatusCause[] {
  const { strategy } = spec
  if (strategy?.type === 'RollingUpdate') return rollingUpdateCauses(spec)
  if (strategy?.type === 'Recreate') {
    return strategy.rollingUpdate
      ? [
          forbidden(
            'spec.strategy.rollingUpdate',
            "may not be specified when strategy `type` is 'Recreate'",
          ),
        ]
      : []
  }
  return [notSupported('spec.strategy.type', strategy?.type, ['Recreate', 'RollingUpdate'])]
}

function deadlineCauses(spec: DeploymentSpec): StatusCause[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec
  const field = 'spec.progressDeadlineSeconds'
  const causes = notNegative(field, deadline)
  if (deadline !== undefined && deadline <= minReadySeconds) {
    causes.push(invalid(field, deadline, 'must be greater than minReadySeconds'))
  }
  return causes
}

export const deploymentStrategy: Strategy<Deployment> = {
  kind: deployments,
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    count('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    count('Available', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...workloadColumns<Deployment>(({ spec }) => selectorText(spec.selector) || NONE),
  ],
  default(deployment) {
    deployment.spec ??= {} as DeploymentSpec
    defaultTemplate(deployment.spec.template)
    defaultSpec(deployment.spec)
  },
  prepareForCreate(deployment) {
    deployment.status = {}
  },
  validate: (deployment) => [
    ...nameFollows(subdomain, deployment),
    ...replicaCauses(deployment.spec),
    ...notNegative('spec.revisionHistoryLimit', deployment.spec.revisionHistoryLimit),
    ...selectorCauses(deployment.spec.selector, deployment.spec.template, 'deployment'),
    ...templateCauses(deployment.spec.template),
    ...strategyCauses(deployment.spec),
    ...deadlineCauses(deployment.spec),
  ],
  validateUpdate: fixedSelector,
  scale: scaleBy(({ spec }) => selectorText(spec.selector)),
}
