// The kinds that describe the cluster and its configuration.
import type { Condition, KubeObject } from './meta.ts'
import { conditionOf } from './meta.ts'
import type { ObjectReference } from './network.ts'
import type { TaintEffect } from './pod.ts'

export interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] }
  status?: { phase?: 'Active' | 'Terminating'; conditions?: Condition[] }
}

export interface Taint {
  key: string
  value?: string
  effect: TaintEffect
  timeAdded?: string
}

export interface Node extends KubeObject {
  spec?: {
    podCIDR?: string
    podCIDRs?: string[]
    providerID?: string
    unschedulable?: boolean
    taints?: Taint[]
  }
  status?: NodeStatus
}

export interface NodeStatus {
  capacity?: Record<string, string>
  allocatable?: Record<string, string>
  conditions?: Condition[]
  addresses?: { type: string; address: string }[]
  nodeInfo?: Record<string, string>
  daemonEndpoints?: { kubeletEndpoint?: { Port: number } }
  images?: { names?: string[]; sizeBytes?: number }[]
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>
  binaryData?: Record<string, string>
  immutable?: boolean
}

/** `data` values are base64; `stringData` is write-only. */
export interface Secret extends KubeObject {
  data?: Record<string, string>
  stringData?: Record<string, string>
  type?: string
  immutable?: boolean
}

export interface ServiceAccount extends KubeObject {
  secrets?: ObjectReference[]
  imagePullSecrets?: { name: string }[]
  automountServiceAccountToken?: boolean
}

/** core/v1 Event: something that happened to `involvedObject`, counted when it repeats. */
export interface Event extends KubeObject {
  involvedObject: ObjectReference
  reason?: string
  message?: string
  source?: { component?: string; host?: string }
  firstTimestamp?: string | null
  lastTimestamp?: string | null
  eventTime?: string | null
  count?: number
  type?: 'Normal' | 'Warning'
  action?: string
  reportingComponent?: string
  reportingInstance?: string
}

/** coordination.k8s.io/v1 Lease: a node's heartbeat, or who leads. */
export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string
    leaseDurationSeconds?: number
    acquireTime?: string
    renewTime?: string
    leaseTransitions?: number
  }
}

/** authentication.k8s.io/v1 TokenRequest, made on serviceaccounts/<name>/token. */
export interface TokenRequest extends KubeObject {
  spec: { audiences?: string[]; expirationSeconds?: number; boundObjectRef?: ObjectReference }
  status?: { token: string; expirationTimestamp: string }
}

/** core/v1 Binding, made on pods/<name>/binding by the scheduler. */
export interface Binding extends KubeObject {
  target: ObjectReference
}

export function isNodeReady(node: Node): boolean {
  return conditionOf(node.status?.conditions, 'Ready')?.status === 'True'
}

/** A node that runs no processes; the label is what every screen goes by to say so. */
export const SIMULATED_LABEL = 'podium.dev/simulated'
export function isSimulated(node: Node): boolean {
  return node.metadata.labels?.[SIMULATED_LABEL] === 'true'
}

/** `"true"` on a Node: its kubelet kills everything it runs and falls silent until the annotation goes. */
export const FAILED_ANNOTATION = 'podium.dev/failed'
export function isFailedOnPurpose(node: Node): boolean {
  return node.metadata.annotations?.[FAILED_ANNOTATION] === 'true'
}

/** The ConfigMap (`data.mode`) that asks for a proxy mode, and the Lease that reports the one in force. */
export const SERVICE_PROXY = { namespace: 'kube-system', name: 'service-proxy' } as const
export const PROXY_MODE_ANNOTATION = 'podium.dev/proxy-mode'
/** On the same Lease: the resourceVersion of the newest EndpointSlice change that is in force. */
export const PROGRAMMED_REVISION_ANNOTATION = 'podium.dev/programmed-resource-version'

/** What of the control plane is there (core/v1, deprecated). */
export interface ComponentStatus extends KubeObject {
  conditions?: { type: string; status: string; message?: string; error?: string }[]
}
