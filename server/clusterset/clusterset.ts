// A set of clusters that share services: the Multi-Cluster Services API (KEP-1645), between Podiums or with any cluster that
// serves it the same way.
import type { ClusterProperty } from '../../shared/kubernetes/multicluster.ts'
import { CLUSTER_NAME_PROPERTY, clusterProperties } from '../../shared/kubernetes/multicluster.ts'
import { clusterRoles, customResourceDefinitions } from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { KubeClient } from '../../shared/client.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { OwnAccess } from './credentials.ts'
import { AGGREGATED_ROLES, DEFINITIONS } from './definitions.ts'
import { Imports } from './imports.ts'
import { startJoin } from './join.ts'
import { Members } from './members.ts'

export interface ClustersetOptions {
  /** What this cluster is called in its set, and where it answers. */
  own: OwnAccess
  /** Kubeconfig files of clusters to join. */
  join: readonly string[]
}

/** Brings the kinds of the API into the cluster, and its name. Comes before everything that watches them. */
export async function bringMulticlusterKinds(client: KubeClient, name: string): Promise<void> {
  for (const definition of DEFINITIONS) await make(client, customResourceDefinitions, definition)
  for (const role of AGGREGATED_ROLES) await make(client, clusterRoles, role)
  const property: ClusterProperty = {
    apiVersion: `${clusterProperties.group}/${clusterProperties.version}`,
    kind: clusterProperties.kind,
    metadata: { name: CLUSTER_NAME_PROPERTY },
    spec: { value: name },
  }
  if (await make(client, clusterProperties, property)) return
  const patch = { spec: property.spec }
  await client.patch(clusterProperties, property.metadata as { name: string }, patch, {
    type: 'merge',
  })
}

/** Answers whether it was not there. */
async function make(client: KubeClient, kind: Kind, object: KubeObject): Promise<boolean> {
  try {
    await client.create(kind, object)
    return true
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    return false
  }
}

/** Starts following the other clusters of the set, and sharing services with them. */
export function startClusterset(deps: RoomDeps, { own, join }: ClustersetOptions): Running {
  let imports: Imports | undefined
  let closed = false
  const members = new Members(deps, {
    own,
    onService: (key) => imports?.touch(key),
    onPeer: (peer, exported) => imports?.touchAllOf(peer, exported),
  })
  // Who is a member must be known before anything is taken for exported by nobody.
  const begun = members.settled().then(() => {
    if (closed) return
    imports = new Imports(deps, { own: own.name, peers: () => members.peers })
    for (const peer of members.peers) imports.touchAllOf(peer.name, peer.exported())
  })
  const joins = join.map((file) => startJoin(deps, { file, own: own.name }))
  return {
    async close() {
      closed = true
      await Promise.all(joins.map((one) => one.close()))
      await members.close()
      await begun
      await imports?.close()
    },
  }
}
