// What is to be said of a ServiceExport. Pure. Types, statuses and reasons are those of the API (mcs-api, v1alpha1).
import type { Condition } from '../../shared/kubernetes/meta.ts'
import type { ServiceExport } from '../../shared/kubernetes/multicluster.ts'
import type { Service } from '../../shared/kubernetes/network.ts'
import type { Conflict } from './merge.ts'

type Said = Pick<Condition, 'type' | 'status' | 'reason' | 'message'> & {
  reason: string
  message: string
}

const said = (type: string, holds: boolean, reason: string, message: string): Said => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
})

/** Why this Service cannot be exported; undefined when it can. */
export function refusalOf(service: Service | undefined): Said | undefined {
  if (!service) return said('Valid', false, 'NoService', 'The Service does not exist.')
  if (service.spec.type !== 'ExternalName') return undefined
  const message = 'A Service of type ExternalName cannot be exported.'
  return said('Valid', false, 'InvalidServiceType', message)
}

/**
 * The conditions that an export is to have; one that already says so keeps its time.
 * @param now what conditions that change are dated, RFC 3339
 */
export function exportConditions(
  { metadata, status }: ServiceExport,
  service: Service | undefined,
  conflict: Conflict | undefined,
  now: string,
): Condition[] {
  const refusal = refusalOf(service)
  const wanted = refusal
    ? [refusal, said('Ready', false, 'Pending', 'Nothing is exported.')]
    : [
        said('Valid', true, 'Valid', 'The Service can be exported.'),
        said('Ready', true, 'Ready', 'The clusters of the set can import it.'),
        conflict
          ? said('Conflict', true, conflict.reason, conflict.message)
          : said('Conflict', false, 'NoConflicts', 'All exports agree.'),
      ]
  return wanted.map((one) => {
    const held = status?.conditions?.find(({ type }) => type === one.type)
    return {
      ...one,
      observedGeneration: metadata.generation ?? 0,
      lastTransitionTime: (held?.status === one.status && held.lastTransitionTime) || now,
    }
  })
}
