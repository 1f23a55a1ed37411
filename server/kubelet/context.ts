// What everything on one node shares.
import type { EventRecorder } from '../machinery/events.ts'
import type { RoomDeps } from '../machinery/room.ts'
import type { AddressPool } from './address-pool.ts'
import type { NodeResources } from './downward.ts'
import type { ObjectFinder } from './object-finder.ts'
import type { RestartPolicy } from './observed.ts'
import type { ClusterDns } from './pod-names.ts'
import type { FileSystems } from './runtime/own-files.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'

export interface NodeContext {
  deps: RoomDeps
  nodeName: string
  hostIP: string
  /** This node's own directory. */
  directory: string
  runtime: ContainerRuntime
  events: EventRecorder
  objects: ObjectFinder
  addresses: AddressPool
  restarts: RestartPolicy
  allocatable: NodeResources
  /** The API's certificate authority, for pods. */
  caPem: string
  /** With it containers have file systems of their own. */
  fileSystems: FileSystems | undefined
  /** Where the cluster's names are asked for. */
  clusterDns: ClusterDns | undefined
  /** Where the API listens, for pods that start before the service `kubernetes` exists. */
  apiAddress: { host: string; port: number }
}
