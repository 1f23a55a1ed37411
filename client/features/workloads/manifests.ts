// Manifests from a few choices: what one would write by hand, and what kubectl's create, expose, create ingress and
// autoscale write with --dry-run. Pure.
import { stringify } from 'yaml'
import { parseImage } from '../../../shared/images.ts'

/** How far what runs can be reached: pod by pod, under one address, or under a host's path as well. */
export type Reach = 'pods' | 'service' | 'ingress'

/** What is chosen, as it was typed. An empty text leaves the field to the cluster. */
export interface Draft {
  name: string
  namespace: string
  image: string
  replicas: string
  port: string
  /** Kubernetes quantities, such as `100m` and `64Mi`. */
  cpu: string
  memory: string
  /** Whether what is requested is also the most that may be used. */
  isLimited: boolean
  reach: Reach
  servicePort: string
  host: string
  path: string
  ingressClass: string
  isScaled: boolean
  fewest: string
  most: string
  /** Percent of the CPU request. */
  cpuShare: string
}

/** What the choices begin with. */
export function beginningDraft(namespace: string | null): Draft {
  return {
    name: 'example',
    namespace: namespace ?? 'default',
    image: 'podium/web:v1',
    replicas: '2',
    port: '80',
    cpu: '100m',
    memory: '64Mi',
    isLimited: false,
    reach: 'service',
    servicePort: '80',
    host: 'example.test',
    path: '/',
    ingressClass: '',
    isScaled: false,
    fewest: '2',
    most: '10',
    cpuShare: '60',
  }
}

/** All that was chosen as YAML, one document an object. */
export function manifestsText(draft: Draft): string {
  return manifestsOf(draft)
    .map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n')
}

/** The objects, in the order in which they are applied. */
export function manifestsOf(draft: Draft): object[] {
  return [
    deployment(draft),
    ...(draft.reach === 'pods' ? [] : [service(draft)]),
    ...(draft.reach === 'ingress' ? [ingress(draft)] : []),
    ...(draft.isScaled ? [autoscaler(draft)] : []),
  ]
}

const labelsOf = ({ name }: Draft) => ({ app: name })

const metadataOf = (draft: Draft) => ({
  name: draft.name,
  namespace: draft.namespace,
  labels: labelsOf(draft),
})

// What is no number stays as it was typed, and the check of the text says so at its line.
const numberOf = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text)

/** The field; none where nothing was typed. */
const field = (name: string, typed: string): object =>
  typed === '' ? {} : { [name]: numberOf(typed) }

function deployment(draft: Draft): object {
  const labels = labelsOf(draft)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(draft),
    spec: {
      // An autoscaler's number is not written beside it: each apply would set it back.
      // https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
      ...(!draft.isScaled && field('replicas', draft.replicas)),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [containerOf(draft)] } },
    },
  }
}

function containerOf(draft: Draft): object {
  const resources = resourcesOf(draft)
  return {
    name: parseImage(draft.image).name || draft.name,
    image: draft.image,
    ...(draft.port !== '' && { ports: [{ containerPort: numberOf(draft.port) }] }),
    ...(resources && { resources }),
  }
}

function resourcesOf({ cpu, memory, isLimited }: Draft): object | null {
  const amounts = { ...(cpu !== '' && { cpu }), ...(memory !== '' && { memory }) }
  if (Object.keys(amounts).length === 0) return null
  return { requests: amounts, ...(isLimited && { limits: amounts }) }
}

function service(draft: Draft): object {
  const port = { ...field('port', draft.servicePort), ...field('targetPort', draft.port) }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(draft),
    spec: { selector: labelsOf(draft), ports: [port] },
  }
}

function ingress(draft: Draft): object {
  const { name, host, path, ingressClass, servicePort } = draft
  const backend = { service: { name, port: { number: numberOf(servicePort) } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadataOf(draft),
    spec: {
      ...(ingressClass !== '' && { ingressClassName: ingressClass }),
      rules: [
        {
          ...(host !== '' && { host }),
          http: { paths: [{ path: path || '/', pathType: 'Prefix', backend }] },
        },
      ],
    },
  }
}

function autoscaler(draft: Draft): object {
  const target = { type: 'Utilization', ...field('averageUtilization', draft.cpuShare) }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf(draft),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: draft.name },
      ...field('minReplicas', draft.fewest),
      ...field('maxReplicas', draft.most),
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  }
}
