// One look at a HorizontalPodAutoscaler: what its target should be scaled to now, and what to say about it. Pure; after
// reconcileAutoscaler and computeReplicasForMetrics of pkg/controller/podautoscaler/horizontal.go.
import type { HorizontalPodAutoscaler, MetricStatus } from '../../shared/kubernetes/autoscaling.ts'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import type { History, Limits, Normalized } from './behavior.ts'
import { normalize } from './behavior.ts'

/** What one metric of the spec asks for, or why it says nothing. */
export type Evaluated =
  | { replicas: number; name: string; status: MetricStatus }
  | { failed: { reason: string; message: string } }

export interface Plan {
  /** What the target's scale should be; undefined when nothing is known. */
  replicas: number | undefined
  /** What the metrics asked for, before bounds and windows; remembered for the windows. */
  recommended: number | undefined
  /** Why it is changed, as the event SuccessfulRescale says it. */
  reason: string
  conditions: Condition[]
  metrics: MetricStatus[]
  failures: { reason: string; message: string }[]
}

type Say = Pick<Condition, 'type' | 'status'> & { reason: string; message: string }

/** The plan for a target that has `current` replicas now. `now` in milliseconds. */
export function planScale(
  hpa: HorizontalPodAutoscaler,
  current: number,
  evaluated: readonly Evaluated[],
  limits: Pick<Limits, 'downscaleStabilizationMs' | 'speed'>,
  history: History,
  now: number,
): Plan {
  const { spec } = hpa
  const minReplicas = spec.minReplicas ?? 1
  const { maxReplicas } = spec
  if (current === 0 && minReplicas !== 0) return disabled()
  if (current > maxReplicas) {
    return bounded(maxReplicas, 'Current number of replicas above Spec.MaxReplicas')
  }
  if (current < minReplicas) {
    return bounded(minReplicas, 'Current number of replicas below Spec.MinReplicas')
  }
  const good = evaluated.filter((each) => 'replicas' in each)
  const failures = evaluated.flatMap((each) => ('failed' in each ? [each.failed] : []))
  const highest = good.reduce<(typeof good)[number] | undefined>(
    (best, each) => (best === undefined || each.replicas > best.replicas ? each : best),
    undefined,
  )
  // A metric that is not known might have wanted more: then nothing is taken away.
  const isKnown = highest && (failures.length === 0 || highest.replicas >= current)
  if (!isKnown)
    return unknown(
      failures,
      good.map(({ status }) => status),
    )
  const all = { ...limits, minReplicas, maxReplicas }
  const allowed = normalize(highest.replicas, current, spec, all, history, now)
  return {
    replicas: allowed.replicas,
    recommended: highest.replicas,
    reason:
      highest.replicas > current ? `${highest.name} above target` : 'All metrics below target',
    conditions: conditionsOf(allowed, highest.name),
    metrics: good.map(({ status }) => status),
    failures,
  }
}

function conditionsOf(allowed: Normalized, metric: string): Condition[] {
  const held: Record<NonNullable<Normalized['stabilized']>, string> = {
    ScaleUpStabilized:
      'recent recommendations were lower than current one, applying the lowest recent recommendation',
    ScaleDownStabilized:
      'recent recommendations were higher than current one, applying the highest recent recommendation',
  }
  return [
    allowed.stabilized
      ? say('AbleToScale', 'True', allowed.stabilized, held[allowed.stabilized])
      : say('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size'),
    active(metric),
    say('ScalingLimited', allowed.limited ? 'True' : 'False', allowed.reason, allowed.message),
  ]
}

function active(metric: string): Say {
  return say(
    'ScalingActive',
    'True',
    'ValidMetricFound',
    `the HPA was able to successfully calculate a replica count from ${metric}`,
  )
}

function say(type: string, status: 'True' | 'False', reason: string, message: string): Say {
  return { type, status, reason, message }
}

const GOT_SCALE = say(
  'AbleToScale',
  'True',
  'SucceededGetScale',
  "the HPA controller was able to get the target's current scale",
)

function disabled(): Plan {
  const message = 'scaling is disabled since the replica count of the target is zero'
  return {
    ...nothing(),
    replicas: 0,
    conditions: [GOT_SCALE, say('ScalingActive', 'False', 'ScalingDisabled', message)],
  }
}

function bounded(replicas: number, reason: string): Plan {
  return { ...nothing(), replicas, reason, conditions: [GOT_SCALE] }
}

function unknown(failures: Plan['failures'], metrics: MetricStatus[]): Plan {
  const [first] = failures
  const message = `the HPA was unable to compute the replica count: ${first?.message ?? 'no metric is given'}`
  const reason = first?.reason ?? 'InvalidMetricSourceType'
  return {
    ...nothing(),
    metrics,
    failures,
    conditions: [GOT_SCALE, say('ScalingActive', 'False', reason, message)],
  }
}

function nothing(): Plan {
  return {
    replicas: undefined,
    recommended: undefined,
    reason: '',
    conditions: [],
    metrics: [],
    failures: [],
  }
}
