// Service, Endpoints (core/v1) and EndpointSlice (discovery.k8s.io/v1).
import type { KubeObject } from './meta.ts'

export interface Service extends KubeObject {
  spec: ServiceSpec
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
}

export interface ServiceSpec {
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
  selector?: Record<string, string>
  ports?: ServicePort[]
  /** 'None' makes a headless service. */
  clusterIP?: string
  clusterIPs?: string[]
  externalIPs?: string[]
  externalName?: string
  sessionAffinity?: 'None' | 'ClientIP'
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } }
  ipFamilies?: string[]
  ipFamilyPolicy?: string
  internalTrafficPolicy?: 'Cluster' | 'Local'
  externalTrafficPolicy?: 'Cluster' | 'Local'
  publishNotReadyAddresses?: boolean
}

export interface ServicePort {
  name?: string
  protocol?: 'TCP' | 'UDP' | 'SCTP'
  appProtocol?: string
  port: number
  targetPort?: number | string
  nodePort?: number
}

export interface ObjectReference {
  apiVersion?: string
  kind?: string
  namespace?: string
  name?: string
  uid?: string
  resourceVersion?: string
  fieldPath?: string
}

export interface Endpoints extends KubeObject {
  subsets?: EndpointSubset[]
}

export interface EndpointSubset {
  addresses?: EndpointAddress[]
  notReadyAddresses?: EndpointAddress[]
  ports?: { name?: string; port: number; protocol?: string; appProtocol?: string }[]
}

export interface EndpointAddress {
  ip: string
  hostname?: string
  nodeName?: string
  targetRef?: ObjectReference
}

export interface EndpointSlice extends KubeObject {
  addressType: 'IPv4' | 'IPv6' | 'FQDN'
  endpoints: SliceEndpoint[]
  ports?: { name?: string; port?: number; protocol?: string; appProtocol?: string }[]
}

export interface SliceEndpoint {
  addresses: string[]
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
  hostname?: string
  nodeName?: string
  targetRef?: ObjectReference
}

/** Services with this label are none of Podium's service proxy's business (kube-proxy: LabelServiceProxyName). */
export const SERVICE_PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name'

/** The label that ties an EndpointSlice to its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'
