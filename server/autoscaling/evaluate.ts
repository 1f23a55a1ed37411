// What each metric of an autoscaler asks for: reads it from the metrics APIs and puts it to the calculator.
import type { KubeClient } from '../../shared/client.ts'
import type {
  MetricSpec,
  MetricTarget,
  MetricValueStatus,
  PodMetrics,
} from '../../shared/kubernetes/autoscaling.ts'
import {
  customPodMetrics,
  customServiceMetrics,
  podMetrics,
} from '../../shared/kubernetes/measured-kinds.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { formatMilliCpu, parseQuantity } from '../../shared/quantity.ts'
import { messageOf } from '../machinery/log.ts'
import type { Evaluated } from './horizontal-plan.ts'
import type { Measures, Recommendation, Target, Timing } from './replica-calculator.ts'
import { NoMetricError, replicasFor, replicasForObject } from './replica-calculator.ts'

export interface Scene {
  client: KubeClient
  namespace: string
  /** Of the target's selector, as text. */
  selector: string
  pods: readonly Pod[]
  currentReplicas: number
  timing: Timing
  now: number
}

/** Never throws: a metric that cannot be read says so. */
export async function evaluate(spec: MetricSpec, scene: Scene): Promise<Evaluated> {
  try {
    return await evaluations[spec.type](spec, scene)
  } catch (error) {
    return { failed: { reason: `FailedGet${spec.type}Metric`, message: messageOf(error) } }
  }
}

const evaluations: Record<
  MetricSpec['type'],
  (spec: MetricSpec, scene: Scene) => Promise<Evaluated>
> = {
  Resource: ({ resource }, scene) => {
    if (!resource) throw new NoMetricError('the metric has no resource')
    return ofResource(resource, scene)
  },
  ContainerResource: ({ containerResource }, scene) => {
    if (!containerResource) throw new NoMetricError('the metric has no containerResource')
    return ofResource(containerResource, scene)
  },
  Pods: ofPods,
  Object: ofObject,
  External: () => {
    throw new NoMetricError('external metrics are not implemented by Podium')
  },
}

const milli = (quantity: string | undefined): number =>
  Math.ceil((parseQuantity(quantity) ?? 0) * 1000)
/** Milliunits as a quantity, without a unit prefix of its own: what status.currentMetrics shows. */
const quantity = (value: number): string => formatMilliCpu(Math.round(value))

async function ofResource(
  wanted: { name: string; container?: string; target: MetricTarget },
  scene: Scene,
): Promise<Evaluated> {
  const { name, container, target } = wanted
  const { items } = await scene.client.list(podMetrics, {
    namespace: scene.namespace,
    labelSelector: scene.selector,
  })
  const measures = measuresOf(items, name, container)
  const isCpu = name === 'cpu'
  const question = { ...scene, measures, isCpu }
  const recommendation = replicasFor({ ...question, target: targetOf(wanted, scene.pods) })
  const current: MetricValueStatus = {
    averageValue: quantity(recommendation.average),
    ...(target.type === 'Utilization' && { averageUtilization: recommendation.utilization ?? 0 }),
  }
  const what = container === undefined ? `${name} resource` : `${name} container resource`
  return {
    replicas: recommendation.replicas,
    name: target.type === 'Utilization' ? `${what} utilization (percentage of request)` : what,
    status:
      container === undefined
        ? { type: 'Resource', resource: { name, current } }
        : { type: 'ContainerResource', containerResource: { name, container, current } },
  }
}

/** Milliunits used by each pod, or by one container of each. A pod of which not everything is known is not measured. */
function measuresOf(
  items: readonly PodMetrics[],
  resource: string,
  container: string | undefined,
): Measures {
  const measures = new Map<string, { value: number; at: number; windowMs: number }>()
  for (const { metadata, containers, timestamp, window } of items) {
    const counted = containers.filter(({ name }) => container === undefined || name === container)
    if (counted.length === 0) continue
    const value = counted.reduce(
      (sum, { usage }) => sum + milli(usage[resource === 'cpu' ? 'cpu' : 'memory']),
      0,
    )
    const windowMs = (parseFloat(window) || 0) * 1000
    measures.set(metadata.name ?? '', { value, at: Date.parse(timestamp), windowMs })
  }
  return measures
}

function targetOf(
  { name, container, target }: { name: string; container?: string; target: MetricTarget },
  pods: readonly Pod[],
): Target {
  if (target.type !== 'Utilization') return { type: 'average', perPod: milli(target.averageValue) }
  const requests = new Map<string, number>()
  for (const pod of pods) requests.set(pod.metadata.name ?? '', requestOf(pod, name, container))
  return { type: 'utilization', percent: target.averageUtilization ?? 0, requests }
}

/** What a pod's containers request together (calculatePodRequests). */
function requestOf(pod: Pod, resource: string, container: string | undefined): number {
  let sum = 0
  for (const each of pod.spec.containers) {
    if (container !== undefined && each.name !== container) continue
    const request = each.resources?.requests?.[resource]
    if (request === undefined) {
      throw new NoMetricError(
        `failed to get ${resource} utilization: missing request for ${resource} in container ${each.name} of Pod ${pod.metadata.name}`,
      )
    }
    sum += milli(request)
  }
  return sum
}

async function ofPods({ pods: wanted }: MetricSpec, scene: Scene): Promise<Evaluated> {
  if (!wanted) throw new NoMetricError('the metric has no pods')
  const { metric, target } = wanted
  const key = { namespace: scene.namespace, name: '*' }
  const { items } = await scene.client.get(customPodMetrics, key, metric.name)
  const known = new Set(scene.pods.map(({ metadata }) => metadata.name))
  const measures = new Map(
    items
      .filter(({ describedObject }) => known.has(describedObject.name))
      .map(({ describedObject, value, timestamp }) => [
        describedObject.name,
        { value: milli(value), at: Date.parse(timestamp), windowMs: 0 },
      ]),
  )
  const perPod = milli(target.averageValue)
  const recommendation = replicasFor({
    ...scene,
    measures,
    isCpu: false,
    target: { type: 'average', perPod },
  })
  const current = { averageValue: quantity(recommendation.average) }
  return {
    replicas: recommendation.replicas,
    name: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current } },
  }
}

async function ofObject({ object: wanted }: MetricSpec, scene: Scene): Promise<Evaluated> {
  if (!wanted) throw new NoMetricError('the metric has no object')
  const { describedObject, metric, target } = wanted
  if (describedObject.kind !== 'Service') {
    throw new NoMetricError(
      `unable to get metric ${metric.name}: ${describedObject.kind} on ${scene.namespace} ${describedObject.name}: only Services have metrics of their own`,
    )
  }
  const key = { namespace: scene.namespace, name: describedObject.name }
  const { items } = await scene.client.get(customServiceMetrics, key, metric.name)
  const [found] = items
  if (!found) throw new NoMetricError(`no metric ${metric.name} of ${describedObject.name}`)
  const value = milli(found.value)
  const { replicas, average }: Recommendation = replicasForObject(
    value,
    target.type === 'Value'
      ? { value: milli(target.value) }
      : { average: milli(target.averageValue) },
    {
      readyPods: scene.pods.filter(isPodReady).length,
      currentReplicas: scene.currentReplicas,
      timing: scene.timing,
    },
  )
  const current =
    target.type === 'Value' ? { value: quantity(value) } : { averageValue: quantity(average) }
  return {
    replicas,
    name: `${describedObject.kind} metric ${metric.name}`,
    status: { type: 'Object', object: { describedObject, metric, current } },
  }
}
