// custom.metrics.k8s.io/v1beta2: requests per second, of pods and of Services, as the loadbots count them.
import type { MetricValueList } from '../../../shared/kubernetes/autoscaling.ts'
import {
  customPodMetrics,
  customServiceMetrics,
} from '../../../shared/kubernetes/measured-kinds.ts'
import { pods, services } from '../../../shared/kubernetes/kinds.ts'
import { matcherOf } from '../../../shared/selectors.ts'
import { ApiError } from '../../../shared/status.ts'
import type { PodRate } from '../../../shared/usage.ts'
import { timestamp } from '../core.ts'
import type { Measures, Strategy } from '../kinds/strategy.ts'

const METRIC = 'requests_per_second'

type Item = MetricValueList['items'][number]

function listOf(items: Item[]): MetricValueList {
  return {
    kind: 'MetricValueList',
    apiVersion: 'custom.metrics.k8s.io/v1beta2',
    metadata: {},
    items,
  }
}

function itemOf(kind: string, namespace: string, name: string, rate: number, at: number): Item {
  return {
    describedObject: { kind, namespace, name, apiVersion: '/v1' },
    metric: { name: METRIC },
    timestamp: timestamp(at),
    value: `${Math.round(rate * 1000)}m`,
  }
}

const ratesIn = ({ use }: Measures, namespace: string): PodRate[] =>
  use.rates().filter((rate) => rate.namespace === namespace)

function ofPods(measures: Measures, namespace: string, name: string): MetricValueList {
  const found = ratesIn(measures, namespace).filter((rate) => name === '*' || rate.name === name)
  if (found.length === 0 && name !== '*') throw noMetric(METRIC, 'pods', name)
  return listOf(
    found.map((rate) => itemOf('Pod', namespace, rate.name, rate.requestsPerSecond, rate.at)),
  )
}

/** A Service's rate is that of the pods it selects. */
function ofService(measures: Measures, namespace: string, name: string): MetricValueList {
  const service = measures.read(services, { namespace, name })
  const selector = service?.spec.selector
  if (!service || !selector) throw noMetric(METRIC, 'services', name)
  const matches = matcherOf({ matchLabels: selector })
  const chosen = ratesIn(measures, namespace).filter((rate) =>
    matches(measures.read(pods, { namespace, name: rate.name })?.metadata.labels),
  )
  const sum = chosen.reduce((total, rate) => total + rate.requestsPerSecond, 0)
  const at = chosen.reduce((newest, rate) => Math.max(newest, rate.at), 0)
  return listOf([itemOf('Service', namespace, name, sum, at || measures.now())])
}

function noMetric(metric: string, plural: string, name: string): ApiError {
  const message = `the server could not find the metric ${metric} for ${plural} ${name}`
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return new ApiError({ ...status, message, reason: 'NotFound', code: 404 })
}

function strategyOf(
  kind: typeof customPodMetrics,
  answer: (measures: Measures, namespace: string, name: string) => MetricValueList,
): Strategy<MetricValueList> {
  return {
    kind,
    subresources: [METRIC],
    hasGeneration: false,
    columns: [],
    validate: () => [],
    measured: {
      below(measures, { namespace, name }, metric) {
        if (metric === METRIC) return answer(measures, namespace, name)
        throw noMetric(metric, kind.plural, name)
      },
    },
  }
}

export const customPodMetricsStrategy = strategyOf(customPodMetrics, ofPods)
export const customServiceMetricsStrategy = strategyOf(customServiceMetrics, ofService)
