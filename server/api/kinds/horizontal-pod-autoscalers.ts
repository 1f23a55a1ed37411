// HorizontalPodAutoscaler, autoscaling/v2: defaults of pkg/apis/autoscaling/v2, validation of pkg/apis/autoscaling/validation.
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  ScalingPolicy,
  ScalingRules,
} from '../../../shared/kubernetes/autoscaling.ts'
import { horizontalPodAutoscalers } from '../../../shared/kubernetes/kinds.ts'
import { parseQuantity } from '../../../shared/quantity.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, invalid, oneOf, required } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

const METRIC_FIELDS = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
} as const
/** Which targets each type of metric knows. */
const TARGETS: Record<MetricSpec['type'], readonly MetricTarget['type'][]> = {
  Resource: ['Utilization', 'AverageValue'],
  ContainerResource: ['Utilization', 'AverageValue'],
  Pods: ['AverageValue'],
  Object: ['Value', 'AverageValue'],
  External: ['Value', 'AverageValue'],
}
const LONGEST_WINDOW = 3600
const LONGEST_PERIOD = 1800

function targetCauses(
  field: string,
  target: MetricTarget | undefined,
  allowed: readonly MetricTarget['type'][],
): StatusCause[] {
  if (!target) return [required(field, 'must specify a metric target')]
  const causes = target.type
    ? oneOf(`${field}.type`, target.type, allowed)
    : [required(`${field}.type`, 'must specify a metric target type')]
  const { averageUtilization, averageValue, value } = target
  if (averageUtilization !== undefined && averageUtilization < 1) {
    causes.push(
      invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'),
    )
  }
  for (const [name, quantity] of Object.entries({ averageValue, value })) {
    if (quantity !== undefined && !((parseQuantity(quantity) ?? 0) > 0)) {
      causes.push(invalid(`${field}.${name}`, quantity, 'must be positive'))
    }
  }
  const wanted = { Utilization: averageUtilization, AverageValue: averageValue, Value: value }
  if (causes.length === 0 && wanted[target.type] === undefined) {
    const name = target.type[0]!.toLowerCase() + target.type.slice(1)
    const missing = target.type === 'Utilization' ? 'averageUtilization' : name
    causes.push(required(`${field}.${missing}`, `must set a target for type ${target.type}`))
  }
  return causes
}

function metricCauses(field: string, metric: MetricSpec): StatusCause[] {
  if (!metric.type) return [required(`${field}.type`, 'must specify a metric source type')]
  const causes = oneOf(`${field}.type`, metric.type, Object.keys(METRIC_FIELDS))
  if (causes.length > 0) return causes
  const own = METRIC_FIELDS[metric.type]
  for (const other of Object.values(METRIC_FIELDS)) {
    if (other !== own && metric[other] !== undefined) {
      causes.push(
        forbidden(`${field}.${other}`, 'must populate information for the given metric source'),
      )
    }
  }
  const source = metric[own]
  if (!source) {
    const why = 'must populate information for the given metric source'
    return [...causes, required(`${field}.${own}`, why)]
  }
  if ('name' in source || own === 'resource' || own === 'containerResource') {
    if (!('name' in source) || !source.name) {
      causes.push(required(`${field}.${own}.name`, 'must specify a resource name'))
    }
  } else if (!('metric' in source) || !source.metric?.name) {
    causes.push(required(`${field}.${own}.metric.name`, 'must specify a metric name'))
  }
  if (own === 'containerResource' && !metric.containerResource?.container) {
    causes.push(required(`${field}.${own}.container`, 'must specify a container name'))
  }
  return [...causes, ...targetCauses(`${field}.${own}.target`, source.target, TARGETS[metric.type])]
}

function policyCauses(field: string, { type, value, periodSeconds }: ScalingPolicy): StatusCause[] {
  const causes = oneOf(`${field}.type`, type, ['Pods', 'Percent'])
  if (!(value > 0)) causes.push(invalid(`${field}.value`, value, 'must be greater than zero'))
  if (!(periodSeconds > 0)) {
    causes.push(invalid(`${field}.periodSeconds`, periodSeconds, 'must be greater than zero'))
  } else if (periodSeconds > LONGEST_PERIOD) {
    const why = `must be less than or equal to ${LONGEST_PERIOD}`
    causes.push(invalid(`${field}.periodSeconds`, periodSeconds, why))
  }
  return causes
}

function rulesCauses(field: string, rules: ScalingRules | undefined): StatusCause[] {
  if (!rules) return []
  const { stabilizationWindowSeconds: window, selectPolicy, policies } = rules
  const causes: StatusCause[] = []
  if (window !== undefined && window < 0) {
    const why = 'must be greater than or equal to zero'
    causes.push(invalid(`${field}.stabilizationWindowSeconds`, window, why))
  } else if (window !== undefined && window > LONGEST_WINDOW) {
    const why = `must be less than or equal to ${LONGEST_WINDOW}`
    causes.push(invalid(`${field}.stabilizationWindowSeconds`, window, why))
  }
  if (selectPolicy !== undefined) {
    causes.push(...oneOf(`${field}.selectPolicy`, selectPolicy, ['Max', 'Min', 'Disabled']))
  }
  if (policies?.length === 0) {
    causes.push(required(`${field}.policies`, 'must specify at least one Policy'))
  }
  const each = (policies ?? []).map((policy, i) => policyCauses(`${field}.policies[${i}]`, policy))
  return [...causes, ...each.flat()]
}

function specCauses({ spec }: HorizontalPodAutoscaler): StatusCause[] {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [], behavior } = spec
  const causes: StatusCause[] = []
  if (minReplicas !== undefined && minReplicas < 1) {
    causes.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  }
  if (!(maxReplicas >= 1)) {
    causes.push(invalid('spec.maxReplicas', maxReplicas ?? 0, 'must be greater than 0'))
  } else if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const why = 'must be greater than or equal to `minReplicas`'
    causes.push(invalid('spec.maxReplicas', maxReplicas, why))
  }
  if (!scaleTargetRef?.kind) causes.push(required('spec.scaleTargetRef.kind'))
  if (!scaleTargetRef?.name) causes.push(required('spec.scaleTargetRef.name'))
  return [
    ...causes,
    ...metrics.flatMap((metric, index) => metricCauses(`spec.metrics[${index}]`, metric)),
    ...rulesCauses('spec.behavior.scaleUp', behavior?.scaleUp),
    ...rulesCauses('spec.behavior.scaleDown', behavior?.scaleDown),
  ]
}

/** What a behavior that says only something means for the rest (GenerateHPAScaleUpRules, GenerateHPAScaleDownRules). */
function defaultBehavior({ spec }: HorizontalPodAutoscaler): void {
  if (!spec.behavior) return
  const percent = { type: 'Percent' as const, value: 100, periodSeconds: 15 }
  const pods = { type: 'Pods' as const, value: 4, periodSeconds: 15 }
  const fill = (rules: ScalingRules, policies: ScalingPolicy[]): ScalingRules => ({
    ...rules,
    selectPolicy: rules.selectPolicy ?? 'Max',
    policies: rules.policies ?? policies,
  })
  spec.behavior.scaleUp = fill(
    {
      ...spec.behavior.scaleUp,
      stabilizationWindowSeconds: spec.behavior.scaleUp?.stabilizationWindowSeconds ?? 0,
    },
    [pods, percent],
  )
  spec.behavior.scaleDown = fill(spec.behavior.scaleDown ?? {}, [percent])
}

/** `cpu: 12%/50%`, `250m/500m (avg)`: as kubectl prints a real cluster's (formatHPAMetrics). */
function targetsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const texts = metrics.map((metric) =>
    metricText(metric, currentOf(metric, status?.currentMetrics)),
  )
  const shown = texts.slice(0, 2).join(', ')
  return texts.length > 2 ? `${shown} + ${texts.length - 2} more...` : shown
}

function currentOf(metric: MetricSpec, currents: MetricStatus[] | null | undefined) {
  const own = METRIC_FIELDS[metric.type]
  const name = (source: { name?: string; metric?: { name: string } } | undefined) =>
    source?.name ?? source?.metric?.name
  const found = currents?.find((each) => {
    const source = own === 'external' ? undefined : each[own]
    return each.type === metric.type && name(source) === name(metric[own])
  })
  return own === 'external' ? undefined : found?.[own]?.current
}

function metricText(
  metric: MetricSpec,
  current: { value?: string; averageValue?: string; averageUtilization?: number } | undefined,
): string {
  const source = metric[METRIC_FIELDS[metric.type]]
  const { target } = source ?? {}
  const prefix =
    metric.type === 'Resource' || metric.type === 'ContainerResource'
      ? `${metric.containerResource?.name ?? metric.resource?.name ?? ''}: `
      : ''
  if (target?.averageUtilization !== undefined) {
    const now = current?.averageUtilization
    return `${prefix}${now === undefined ? '<unknown>' : `${now}%`}/${target.averageUtilization}%`
  }
  if (target?.averageValue !== undefined) {
    const average = metric.type === 'Object' || metric.type === 'External' ? ' (avg)' : ''
    return `${prefix}${current?.averageValue ?? '<unknown>'}/${target.averageValue}${average}`
  }
  return `${prefix}${current?.value ?? '<unknown>'}/${target?.value ?? '<auto>'}`
}

export const horizontalPodAutoscalerStrategy: Strategy<HorizontalPodAutoscaler> = {
  kind: horizontalPodAutoscalers,
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
    text('Targets', targetsText),
    text('MinPods', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
    count('MaxPods', ({ spec }) => spec.maxReplicas),
    count('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn,
  ],
  default(autoscaler) {
    // Validation names what is missing.
    autoscaler.spec ??= {} as HorizontalPodAutoscaler['spec']
    const { spec } = autoscaler
    spec.minReplicas ??= 1
    if (!spec.metrics?.length) {
      spec.metrics = [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ]
    }
    defaultBehavior(autoscaler)
  },
  prepareForCreate(autoscaler) {
    delete autoscaler.status
  },
  prepareForUpdate(autoscaler, old) {
    if (old.status) autoscaler.status = old.status
    else delete autoscaler.status
  },
  validate: (autoscaler) => [...nameFollows(subdomain, autoscaler), ...specCauses(autoscaler)],
}
