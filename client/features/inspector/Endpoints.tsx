import { endpointSlices } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import {
  MULTICLUSTER_SERVICE_LABEL,
  SOURCE_CLUSTER_LABEL,
} from '../../../shared/kubernetes/multicluster.ts'
import { SERVICE_NAME_LABEL } from '../../../shared/kubernetes/network.ts'
import type { SliceEndpoint } from '../../../shared/kubernetes/network.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { select } from '../../live/selection.ts'
import { plural } from '../../ui/numbers.ts'
import css from './Inspector.module.css'

/** Those who stop finish what they have; nobody new is sent to them. */
function stateOf({ conditions }: SliceEndpoint): string {
  if (conditions?.terminating) return conditions.serving ? 'stopping, still answers' : 'stopping'
  return conditions?.ready === false ? 'not ready, gets no requests' : 'ready'
}

/** Where the requests of a Service, or of one that clusters share, go. */
export function Endpoints({ service }: { service: KubeObject }) {
  const { name, namespace } = service.metadata
  const isShared = service.kind === 'ServiceImport'
  const { data } = useObjects(endpointSlices, {
    namespace,
    labelSelector: `${isShared ? MULTICLUSTER_SERVICE_LABEL : SERVICE_NAME_LABEL}=${name}`,
  })
  if (!data) return null
  const endpoints = data.flatMap(({ metadata, endpoints: listed }) =>
    (listed ?? []).map((one) => ({ ...one, cluster: metadata.labels?.[SOURCE_CLUSTER_LABEL] })),
  )
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false).length
  return (
    <section className={css.conditions} aria-label="Endpoints">
      <h3>
        {plural(endpoints.length, 'endpoint')}, {ready} ready
      </h3>
      <ul>
        {endpoints.map((endpoint) => (
          <li
            key={endpoint.addresses.join()}
            data-tone={endpoint.conditions?.ready === false ? 'unknown' : 'good'}
          >
            <Target endpoint={endpoint} namespace={namespace ?? null} />
            <small>
              {endpoint.addresses.join(', ')}, {stateOf(endpoint)}
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface Endpoint extends SliceEndpoint {
  /** Of a service that clusters share: the one it is in. */
  cluster: string | undefined
}

function Target({ endpoint, namespace }: { endpoint: Endpoint; namespace: string | null }) {
  const { targetRef, cluster } = endpoint
  const pod = targetRef?.kind === 'Pod' ? targetRef.name : undefined
  if (pod === undefined) return cluster ? `A pod of cluster ${cluster}` : 'No pod of this cluster'
  return (
    <button
      type="button"
      className={css.link}
      onClick={() => select({ kind: 'pods', namespace, name: pod })}
    >
      {pod}
    </button>
  )
}
