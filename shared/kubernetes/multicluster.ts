// Services of several clusters: the Multi-Cluster Services API (KEP-1645, multicluster.x-k8s.io/v1alpha1) and what a cluster
// is called in its set (KEP-2149, about.k8s.io/v1beta1).
import type { Kind } from './kinds.ts'
import type { Condition, KubeObject } from './meta.ts'
import type { ServicePort, ServiceSpec } from './network.ts'

/** Says that the Service of the same name is for all clusters of the set. */
export interface ServiceExport extends KubeObject {
  spec?: {
    exportedLabels?: Record<string, string>
    exportedAnnotations?: Record<string, string>
  }
  status?: { conditions?: Condition[] }
}

export type ImportedPort = Pick<ServicePort, 'name' | 'protocol' | 'appProtocol' | 'port'>

export interface ServiceImportSpec extends Pick<
  ServiceSpec,
  'sessionAffinity' | 'sessionAffinityConfig' | 'internalTrafficPolicy'
> {
  /** ClusterSetIP: has an address of its own in each cluster. Headless: stands for its endpoints. */
  type: 'ClusterSetIP' | 'Headless'
  ports: ImportedPort[]
  ips?: string[]
}

/** A service of the set, as one cluster sees it. */
export interface ServiceImport extends KubeObject {
  spec: ServiceImportSpec
  status?: { clusters?: { cluster: string }[]; conditions?: Condition[] }
}

export interface ClusterProperty extends KubeObject {
  spec: { value: string }
}

export const MULTICLUSTER_GROUP = 'multicluster.x-k8s.io'
/** On a slice and on what is derived from an import: the import's name. */
export const MULTICLUSTER_SERVICE_LABEL = 'multicluster.kubernetes.io/service-name'
/** On a slice: the one cluster whose endpoints it lists. */
export const SOURCE_CLUSTER_LABEL = 'multicluster.kubernetes.io/source-cluster'
/** The property that holds a cluster's name (KEP-2149). */
export const CLUSTER_NAME_PROPERTY = 'cluster.clusterset.k8s.io'
/** On all that concerns one other cluster of the set: that cluster's name. */
export const PEER_LABEL = 'podium.dev/clusterset-peer'
/** On the Lease of a peer: how this cluster sees it (`connecting`, `connected`, `lost`, `refused`), and why. */
export const PEER_STATE_ANNOTATION = 'podium.dev/clusterset-state'
export const PEER_MESSAGE_ANNOTATION = 'podium.dev/clusterset-message'

export const serviceExports: Kind<ServiceExport> = Object.freeze({
  group: MULTICLUSTER_GROUP,
  version: 'v1alpha1',
  kind: 'ServiceExport',
  plural: 'serviceexports',
  singular: 'serviceexport',
  shortNames: ['svcex', 'svcexport'],
  namespaced: true,
})

export const serviceImports: Kind<ServiceImport> = Object.freeze({
  group: MULTICLUSTER_GROUP,
  version: 'v1alpha1',
  kind: 'ServiceImport',
  plural: 'serviceimports',
  singular: 'serviceimport',
  shortNames: ['svcim', 'svcimport'],
  namespaced: true,
})

export const clusterProperties: Kind<ClusterProperty> = Object.freeze({
  group: 'about.k8s.io',
  version: 'v1beta1',
  kind: 'ClusterProperty',
  plural: 'clusterproperties',
  singular: 'clusterproperty',
  shortNames: [],
  namespaced: false,
})
