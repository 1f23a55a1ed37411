// Kinds whose objects are measured when they are asked for: get and list, and nothing else.
import type { ObjectKey } from '../../../shared/client.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { methodNotSupported, noSuchPath, notFound } from '../../../shared/status.ts'
import type { Entry } from '../../store/store.ts'
import type { Core } from '../core.ts'
import type { Measures, Strategy } from '../kinds/strategy.ts'
import { contextOf } from '../verbs/context.ts'
import { componentStatusStrategy } from './component-statuses.ts'
import { customPodMetricsStrategy, customServiceMetricsStrategy } from './custom-metrics.ts'
import { nodeMetricsStrategy, podMetricsStrategy } from './resource-metrics.ts'

/** In the order in which discovery lists them. */
export const measuredStrategies = [
  componentStatusStrategy,
  nodeMetricsStrategy,
  podMetricsStrategy,
  customPodMetricsStrategy,
  customServiceMetricsStrategy,
] as unknown as readonly Strategy[]

function measuresOf(core: Core): Measures {
  const { now, read, readAll } = contextOf(core, [])
  return { use: core.use, now, read, readAll }
}

/** What is measured now, as entries that no revision wrote. */
export function measuredEntries(
  core: Core,
  { kind, measured }: Strategy,
  namespace: string | undefined,
): Entry[] {
  if (!measured?.list) throw methodNotSupported(kind, 'list')
  const objects = measured.list(measuresOf(core), namespace)
  return objects.map((value) => ({ key: '', value, revision: 0, createRevision: 0 }))
}

/** One measured object, or what stands below a name. @throws ApiError 404 */
export function measuredObject(
  core: Core,
  strategy: Strategy,
  key: ObjectKey,
  below: string | undefined,
): KubeObject {
  const { kind, measured } = strategy
  const { namespace = '', name } = key
  if (below !== undefined) {
    if (!measured?.below) throw noSuchPath()
    return measured.below(measuresOf(core), { namespace, name }, below)
  }
  const found = measuredEntries(core, strategy, key.namespace).find(
    ({ value }) => (value as KubeObject).metadata.name === name,
  )
  if (!found) throw notFound(kind, name)
  return found.value as KubeObject
}
