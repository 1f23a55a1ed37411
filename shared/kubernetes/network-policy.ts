// NetworkPolicy (networking.k8s.io/v1).
import type { KubeObject, LabelSelector } from './meta.ts'

export interface NetworkPolicyPort {
  protocol?: string
  port?: number | string
  endPort?: number
}

export interface IPBlock {
  cidr: string
  except?: string[]
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: IPBlock
}

export interface NetworkPolicyRule {
  ports?: NetworkPolicyPort[]
  from?: NetworkPolicyPeer[]
  to?: NetworkPolicyPeer[]
}

export interface NetworkPolicy extends KubeObject {
  spec?: {
    podSelector?: LabelSelector
    ingress?: NetworkPolicyRule[]
    egress?: NetworkPolicyRule[]
    policyTypes?: string[]
  }
}
