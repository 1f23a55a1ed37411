// HorizontalPodAutoscaler as it was before autoscaling/v2: one number, the CPU utilization. What else an autoscaler has
// travels in annotations, so that reading and writing the old form loses nothing (pkg/apis/autoscaling/v1/conversion.go).
import { horizontalPodAutoscalers as kind } from '../../../shared/kubernetes/kinds.ts'
import { isJsonObject, type JsonObject } from '../values.ts'
import type { Face } from './strategy.ts'

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'

const objectIn = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})
const listIn = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

function cpuUtilization(percent: unknown): JsonObject {
  const target = { type: 'Utilization', averageUtilization: percent }
  return { type: 'Resource', resource: { name: 'cpu', target } }
}

/** The percentage, when the metric is the one the old form can say. */
function percentOf(metric: JsonObject): unknown {
  const resource = objectIn(metric['resource'])
  const isCpu = metric['type'] === 'Resource' && resource['name'] === 'cpu'
  return isCpu ? objectIn(resource['target'])['averageUtilization'] : undefined
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

/** `percent` and what the annotations keep, as the new form says it. */
function toStored(object: JsonObject, percent: unknown): JsonObject {
  const spec = objectIn(object['spec'])
  const metadata = objectIn(object['metadata'])
  const annotations = { ...objectIn(metadata['annotations']) }
  const others = listIn(parsed(annotations[METRICS]))
  const metrics = [...others, ...(percent === undefined ? [] : [cpuUtilization(percent)])]
  const behavior = parsed(annotations[BEHAVIOR])
  for (const name of [METRICS, BEHAVIOR, CONDITIONS]) delete annotations[name]
  if (Object.keys(annotations).length > 0) metadata['annotations'] = annotations
  else delete metadata['annotations']
  if (metrics.length > 0) spec['metrics'] = metrics
  if (isJsonObject(behavior)) spec['behavior'] = behavior
  return object
}

/** The object without what only the new form says, which moves to annotations; and the percentages wanted and measured. */
function fromStored(object: JsonObject): { object: JsonObject; target: unknown; current: unknown } {
  const { metrics, behavior, ...spec } = objectIn(object['spec'])
  const { currentMetrics, conditions, ...status } = objectIn(object['status'])
  const all = listIn(metrics)
  const said = all.find((metric) => percentOf(metric) !== undefined)
  const others = all.filter((metric) => metric !== said)
  const kept: Record<string, unknown> = {
    ...(others.length > 0 && { [METRICS]: others }),
    ...(behavior !== undefined && { [BEHAVIOR]: behavior }),
    ...(conditions !== undefined && { [CONDITIONS]: conditions }),
  }
  const metadata = objectIn(object['metadata'])
  const annotations = {
    ...objectIn(metadata['annotations']),
    ...Object.fromEntries(
      Object.entries(kept).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
  }
  const measured = listIn(currentMetrics).map(
    (metric) => objectIn(objectIn(metric['resource'])['current'])['averageUtilization'],
  )
  return {
    object: {
      ...object,
      metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
      spec,
      ...(object['status'] !== undefined && { status }),
    },
    target: said && percentOf(said),
    current: measured.find((value) => value !== undefined),
  }
}

function withStatus(object: JsonObject, name: string, value: unknown): JsonObject {
  if (value === undefined) return object
  return { ...object, status: { ...objectIn(object['status']), [name]: value } }
}

/** autoscaling/v1. */
export const autoscalerV1: Face = {
  kind: { ...kind, version: 'v1' },
  toStored(object) {
    const spec = objectIn(object['spec'])
    const percent = spec['targetCPUUtilizationPercentage']
    delete spec['targetCPUUtilizationPercentage']
    delete objectIn(object['status'])['currentCPUUtilizationPercentage']
    return toStored(object, percent)
  },
  fromStored(stored) {
    const { object, target, current } = fromStored(stored)
    const wanted = target === undefined ? {} : { targetCPUUtilizationPercentage: target }
    const shown = { ...object, spec: { ...objectIn(object['spec']), ...wanted } }
    return withStatus(shown, 'currentCPUUtilizationPercentage', current)
  },
}

/** extensions/v1beta1, the autoscaler of 2015. */
export const autoscalerExtension: Face = {
  kind: { ...kind, group: 'extensions', version: 'v1beta1' },
  warning:
    'extensions/v1beta1 HorizontalPodAutoscaler is deprecated in v1.2+, unavailable in v1.7+; use autoscaling/v2 HorizontalPodAutoscaler',
  toStored(object) {
    const spec = objectIn(object['spec'])
    const percent = objectIn(spec['cpuUtilization'])['targetPercentage']
    const { subresource: _, ...target } = objectIn(spec['scaleRef'])
    if (spec['scaleRef'] !== undefined) spec['scaleTargetRef'] = target
    delete spec['cpuUtilization']
    delete spec['scaleRef']
    delete objectIn(object['status'])['currentCPUUtilizationPercentage']
    return toStored(object, percent)
  },
  fromStored(stored) {
    const { object, target, current } = fromStored(stored)
    const { scaleTargetRef, ...spec } = objectIn(object['spec'])
    const wanted = target === undefined ? {} : { cpuUtilization: { targetPercentage: target } }
    const scaleRef = { ...objectIn(scaleTargetRef), subresource: 'scale' }
    const shown = { ...object, spec: { ...spec, scaleRef, ...wanted } }
    return withStatus(shown, 'currentCPUUtilizationPercentage', current)
  },
}
