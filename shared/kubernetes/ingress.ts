// Ingress and IngressClass (networking.k8s.io/v1).
import type { KubeObject } from './meta.ts'

export interface Ingress extends KubeObject {
  spec: IngressSpec
  status?: { loadBalancer?: { ingress?: IngressAddress[] } }
}

export interface IngressAddress {
  ip?: string
  hostname?: string
  ports?: { port: number; protocol: string; error?: string }[]
}

export interface IngressSpec {
  ingressClassName?: string
  /** What no rule matches goes there. */
  defaultBackend?: IngressBackend
  tls?: IngressTLS[]
  rules?: IngressRule[]
}

export interface IngressTLS {
  hosts?: string[]
  /** A Secret of type kubernetes.io/tls in the Ingress' namespace. */
  secretName?: string
}

export interface IngressRule {
  /** A name, `*.` and a name for one more label in front, or absent for every host. */
  host?: string
  http?: { paths: HTTPIngressPath[] }
}

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific'

export interface HTTPIngressPath {
  path?: string
  pathType: PathType
  backend: IngressBackend
}

export interface IngressBackend {
  service?: { name: string; port?: { name?: string; number?: number } }
  resource?: { apiGroup?: string; kind: string; name: string }
}

export interface IngressClass extends KubeObject {
  spec?: {
    /** Whoever carries this class out: `podium.dev/ingress`. Cannot be changed. */
    controller?: string
    parameters?: {
      apiGroup?: string
      kind: string
      name: string
      scope?: string
      namespace?: string
    }
  }
}

/** How an Ingress named its class before there were IngressClasses. */
export const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
/** Marks the IngressClass of Ingresses that name none. */
export const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'

/** Of several default classes the newest counts, then the first by name (plugin/pkg/admission/network/defaultingressclass). */
export function defaultIngressClass(classes: Iterable<IngressClass>): IngressClass | undefined {
  const marked = [...classes].filter(
    ({ metadata }) => metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true',
  )
  const made = ({ metadata }: IngressClass): number => Date.parse(metadata.creationTimestamp ?? '')
  const named = ({ metadata }: IngressClass): string => metadata.name ?? ''
  return marked.sort((a, b) => made(b) - made(a) || (named(a) < named(b) ? -1 : 1))[0]
}
