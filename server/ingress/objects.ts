// The objects that a data plane consists of, in kube-system, named after its class. Pure.
import type { Secret } from '../../shared/kubernetes/cluster.ts'
import type { IngressClass } from '../../shared/kubernetes/ingress.ts'
import type { ObjectMeta } from '../../shared/kubernetes/meta.ts'
import type { Service } from '../../shared/kubernetes/network.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import type { DataPlane } from './data-plane.ts'
import { ADMIN_PORT, FILES_AT, HTTP_PORT, HTTPS_PORT } from './data-plane.ts'

export const NAMESPACE = 'kube-system'
/** On everything that belongs to a data plane: the name of its class. */
export const CLASS_LABEL = 'podium.dev/ingress-class'

export const nameOf = (className: string): string => `ingress-${className}`

/** With the class go its objects. */
function metaOf({ metadata }: IngressClass): ObjectMeta {
  const { name = '', uid = '' } = metadata
  const owner = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name, uid }
  return {
    name: nameOf(name),
    namespace: NAMESPACE,
    labels: { [CLASS_LABEL]: name },
    ownerReferences: [owner],
  }
}

export function serviceFor(ingressClass: IngressClass): Service {
  const selector = { [CLASS_LABEL]: ingressClass.metadata.name ?? '' }
  return {
    metadata: metaOf(ingressClass),
    spec: {
      selector,
      ports: [
        { name: 'http', port: 80, targetPort: HTTP_PORT },
        { name: 'https', port: 443, targetPort: HTTPS_PORT },
      ],
    },
  }
}

/** Certificates are in it, so it is a Secret. */
export function secretFor(ingressClass: IngressClass, files: Record<string, string>): Secret {
  const data = Object.entries(files).map(
    ([name, text]) => [name, Buffer.from(text).toString('base64')] as const,
  )
  return { metadata: metaOf(ingressClass), type: 'Opaque', data: Object.fromEntries(data) }
}

export function deploymentFor(ingressClass: IngressClass, dataPlane: DataPlane): Deployment {
  const labels = { [CLASS_LABEL]: ingressClass.metadata.name ?? '' }
  return {
    metadata: metaOf(ingressClass),
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          volumes: [{ name: 'routing', secret: { secretName: metaOf(ingressClass).name ?? '' } }],
          containers: [
            {
              name: 'ingress',
              image: dataPlane.image,
              args: [...dataPlane.args],
              ports: [
                { name: 'http', containerPort: HTTP_PORT },
                { name: 'https', containerPort: HTTPS_PORT },
              ],
              readinessProbe: { httpGet: { path: '/healthz', port: ADMIN_PORT } },
              resources: { requests: { cpu: '50m', memory: '64Mi' } },
              volumeMounts: [{ name: 'routing', mountPath: FILES_AT }],
            },
          ],
        },
      },
    },
  }
}
