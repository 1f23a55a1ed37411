import { leases } from '../../../shared/kubernetes/kinds.ts'
import {
  CLUSTER_NAME_PROPERTY,
  clusterProperties,
  PEER_LABEL,
  serviceExports,
  serviceImports,
} from '../../../shared/kubernetes/multicluster.ts'
import { useObject, useObjects } from '../../live/kubernetes.ts'
import css from './ClusterSet.module.css'
import { clusterSetOf } from './clusterSetModel.ts'

const MEMBERS = { namespace: 'kube-system', labelSelector: PEER_LABEL }

/** Other clusters that share Services with this one; nothing where there are none. */
export function ClusterSet() {
  const members = useObjects(leases, MEMBERS).data ?? []
  const which = members.length > 0 ? {} : null
  const exports = useObjects(serviceExports, which).data ?? []
  const imports = useObjects(serviceImports, which).data ?? []
  const own = useObject(clusterProperties, which && { name: CLUSTER_NAME_PROPERTY }).data
  if (members.length === 0) return null
  const { peers, exported } = clusterSetOf(members, exports, imports)
  return (
    <section className={css.set} aria-label="Cluster set">
      <h2>Cluster set</h2>
      <ul>
        <li data-tone="good">
          <b>{own?.spec.value ?? 'this cluster'}</b> this one, {sharing('exports', exported)}
        </li>
        {peers.map(({ name, tone, state, why, from }) => (
          <li key={name} data-tone={tone} title={why || undefined}>
            <b>{name}</b> {state}
            {tone === 'good' && `, ${sharing('shares', from)}`}
          </li>
        ))}
      </ul>
    </section>
  )
}

const sharing = (verb: string, names: readonly string[]): string =>
  `${verb} ${names.length > 0 ? names.join(', ') : 'nothing yet'}`
