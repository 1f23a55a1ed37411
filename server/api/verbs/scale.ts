// autoscaling/v1 Scale: the few fields of a workload that say how many.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Scale } from '../../../shared/kubernetes/workloads.ts'
import { conflict, invalid, noSuchPath } from '../../../shared/status.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { ageColumn, count, nameColumn } from '../kinds/rules/print.ts'
import { copyOf } from '../values.ts'

/** How `kubectl get --subresource=scale` shows one. */
export const scaleColumns = [
  nameColumn,
  count<Scale>('Desired', ({ spec }) => spec.replicas ?? 0),
  count<Scale>('Available', ({ status }) => status?.replicas ?? 0),
  ageColumn,
]

/** The object's replicas, as it shows them under `/scale`. */
export function scaleOf(strategy: Strategy, object: KubeObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas, statusReplicas, selector } = scaleAccess(strategy).read(object)
  return copyOf({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as Scale['metadata'],
    spec: { replicas },
    status: { replicas: statusReplicas, ...(selector && { selector }) },
  })
}

/**
 * The object with the replicas that `scale` asks for.
 * @throws ApiError 422 for replicas that are no count, 409 when the scale speaks of another version or object.
 */
export function withScale(strategy: Strategy, old: KubeObject, scale: KubeObject): KubeObject {
  const { kind } = strategy
  const name = old.metadata.name ?? ''
  const replicas = (scale as Scale).spec?.replicas ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.replicas' }
    throw invalid({ kind: 'Scale', group: 'autoscaling' }, name, [cause])
  }
  const { uid } = scale.metadata
  if (uid !== undefined && uid !== old.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    )
  }
  const next = copyOf(old)
  scaleAccess(strategy).write(next, replicas)
  return next
}

function scaleAccess(strategy: Strategy): NonNullable<Strategy['scale']> {
  if (!strategy.scale) throw noSuchPath()
  return strategy.scale
}
