import { endpointSlices } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
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

/** Where the Service's requests go. */
export function Endpoints({ service }: { service: KubeObject }) {
  const { name, namespace } = service.metadata
  const { data } = useObjects(endpointSlices, {
    namespace,
    labelSelector: `${SERVICE_NAME_LABEL}=${name}`,
  })
  if (!data) return null
  const endpoints = data.flatMap((slice) => slice.endpoints ?? [])
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

function Target({ endpoint, namespace }: { endpoint: SliceEndpoint; namespace: string | null }) {
  const { targetRef } = endpoint
  const pod = targetRef?.kind === 'Pod' ? targetRef.name : undefined
  if (pod === undefined) return 'No pod of this cluster'
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
