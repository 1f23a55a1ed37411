// The kinds whose objects are measured and not stored: metrics.k8s.io, custom.metrics.k8s.io and ComponentStatus.
import type { MetricValueList, NodeMetrics, PodMetrics } from './autoscaling.ts'
import type { ComponentStatus } from './cluster.ts'
import type { Kind } from './kinds.ts'
import type { KubeObject } from './meta.ts'

function measured<T extends KubeObject>(
  groupVersion: string,
  kind: string,
  plural: string,
  namespaced = true,
): Kind<T> {
  const [group = '', version = ''] = groupVersion.split('/')
  const singular = kind === 'MetricValueList' ? '' : plural.replace(/s$/, '')
  return Object.freeze({ group, version, kind, plural, singular, shortNames: [], namespaced })
}

export const podMetrics = measured<PodMetrics>('metrics.k8s.io/v1beta1', 'PodMetrics', 'pods')
export const nodeMetrics = measured<NodeMetrics>(
  'metrics.k8s.io/v1beta1',
  'NodeMetrics',
  'nodes',
  false,
)
const CUSTOM = 'custom.metrics.k8s.io/v1beta2'
export const customPodMetrics = measured<MetricValueList>(CUSTOM, 'MetricValueList', 'pods')
export const customServiceMetrics = measured<MetricValueList>(CUSTOM, 'MetricValueList', 'services')
export const componentStatuses: Kind<ComponentStatus> = Object.freeze({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
})
