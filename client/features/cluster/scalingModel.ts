// An autoscaler's arithmetic in the numbers it has: from its status, as Kubernetes computes it. Pure.
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
} from '../../../shared/kubernetes/autoscaling.ts'
import { parseQuantity } from '../../../shared/quantity.ts'

export interface Formula {
  /** `CPU`, `requests_per_second`. */
  metric: string
  /** `84 %`, `1.2k`; null: it is not measured. */
  current: string | null
  target: string
  /** `ceil(3 × 84 / 60) = 5`; null while it is not measured. */
  line: string | null
  /** What it comes to, before bounds and windows; null while it is not measured. */
  wanted: number | null
  /** Current over target. */
  ratio: number | null
}

/** Kubernetes does nothing while the ratio is that near to 1 (--horizontal-pod-autoscaler-tolerance). */
const TOLERANCE = 0.1

/** One formula a metric; the one that asks for most comes first, for it decides. */
export function formulasOf({ spec, status }: HorizontalPodAutoscaler): Formula[] {
  const replicas = status?.currentReplicas ?? 0
  const formulas = (spec.metrics ?? []).map((metric) =>
    formulaOf(metric, statusOf(metric, status?.currentMetrics ?? []), replicas),
  )
  return formulas.toSorted((a, b) => (b.wanted ?? -1) - (a.wanted ?? -1))
}

type Source = NonNullable<MetricSpec['resource' | 'pods' | 'object' | 'containerResource']>

function sourceOf(metric: MetricSpec): Source | undefined {
  return metric.resource ?? metric.containerResource ?? metric.pods ?? metric.object
}

function nameOf(metric: MetricSpec): string {
  const resource = metric.resource ?? metric.containerResource
  if (resource) return resource.name === 'cpu' ? 'CPU' : resource.name
  return (metric.pods ?? metric.object ?? metric.external)?.metric.name ?? metric.type
}

function statusOf(metric: MetricSpec, all: readonly MetricStatus[]): MetricStatus | undefined {
  const isSame = (status: MetricStatus): boolean => {
    if (status.type !== metric.type) return false
    const held = status.resource ?? status.containerResource
    if (held) return held.name === (metric.resource ?? metric.containerResource)?.name
    return (
      (status.pods ?? status.object)?.metric.name === (metric.pods ?? metric.object)?.metric.name
    )
  }
  return all.find(isSame)
}

function formulaOf(
  metric: MetricSpec,
  status: MetricStatus | undefined,
  replicas: number,
): Formula {
  const target = sourceOf(metric)?.target
  const current = (status?.resource ?? status?.containerResource ?? status?.pods ?? status?.object)
    ?.current
  const head = { metric: nameOf(metric) }
  if (target?.averageUtilization !== undefined) {
    const [is, goal] = [current?.averageUtilization, target.averageUtilization]
    const words = (percent: number): string => `${percent} %`
    return { ...head, target: words(goal), ...reckon(is, goal, replicas, words) }
  }
  const isAverage = target?.averageValue !== undefined
  const goalText = (isAverage ? target.averageValue : target?.value) ?? ''
  const isText = isAverage ? current?.averageValue : current?.value
  const [is, goal] = [parseQuantity(isText), parseQuantity(goalText) ?? 0]
  return { ...head, target: goalText, ...reckon(is, goal, replicas, roundedText) }
}

function roundedText(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(2)))
}

function reckon(
  is: number | undefined,
  goal: number,
  replicas: number,
  words: (value: number) => string,
): Pick<Formula, 'current' | 'line' | 'wanted' | 'ratio'> {
  if (is === undefined || goal <= 0) return { current: null, line: null, wanted: null, ratio: null }
  const ratio = is / goal
  const plain = (value: number): string => words(value).replace(' %', '')
  const product = `${replicas} × ${plain(is)} / ${plain(goal)}`
  if (Math.abs(ratio - 1) <= TOLERANCE) {
    const line = `${plain(is)} / ${plain(goal)} is within 10 %: stay`
    return { current: words(is), line, wanted: replicas, ratio }
  }
  const wanted = Math.ceil(replicas * ratio)
  return { current: words(is), line: `ceil(${product}) = ${wanted}`, wanted, ratio }
}

const TELLING: Readonly<Record<string, 'True' | 'False'>> = {
  AbleToScale: 'False',
  ScalingActive: 'False',
  ScalingLimited: 'True',
}
/** Reasons that say why nothing is done although more or less is wanted. */
const HOLDING = new Set(['ScaleDownStabilized', 'ScaleUpStabilized', 'BackoffBoth'])

/** The condition that explains most, in Kubernetes' words; null when all is well. */
export function explanationOf({ status }: HorizontalPodAutoscaler): string | null {
  const conditions = status?.conditions ?? []
  const telling =
    conditions.find(({ type, status: is }) => TELLING[type] === is) ??
    conditions.find(({ reason = '' }) => HOLDING.has(reason))
  return telling?.message ?? null
}
