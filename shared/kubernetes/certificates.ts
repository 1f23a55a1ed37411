// certificates.k8s.io/v1: asking the cluster's authority for a certificate.
import type { KubeObject } from './meta.ts'

export interface CertificateRequestCondition {
  /** Approved, Denied, Failed, or a signer's own. */
  type: string
  status: string
  reason?: string
  message?: string
  /** RFC 3339. */
  lastUpdateTime?: string
  lastTransitionTime?: string
}

export interface CertificateSigningRequestSpec {
  /** A PKCS #10 request in PEM, in base64. */
  request: string
  signerName: string
  /** How long the certificate shall hold; the signer may give less. */
  expirationSeconds?: number
  usages?: string[]
  /** Who asks, as the API knows them. */
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}

export interface CertificateSigningRequest extends KubeObject {
  spec: CertificateSigningRequestSpec
  status?: {
    conditions?: CertificateRequestCondition[]
    /** Certificates in PEM, in base64. */
    certificate?: string
  }
}

/** The signers of kube-controller-manager; whoever runs another takes a domain of their own. */
export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving'

/** What a signer makes of an approved request: a certificate (PEM), or why there is none. */
export type Signature = { certificate: string } | { refused: string }

/** Signs with the cluster's authority; undefined for signers that are somebody else's. */
export type CertificateSigner = (
  spec: CertificateSigningRequestSpec,
) => Promise<Signature | undefined>

/** The condition of that type, if it is there and true. */
export function trueCondition(
  { status }: CertificateSigningRequest,
  type: string,
): CertificateRequestCondition | undefined {
  return status?.conditions?.find((each) => each.type === type && each.status === 'True')
}
