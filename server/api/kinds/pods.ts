import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Container, Pod } from '../../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../../shared/kubernetes/pod.ts'
import { invalid } from '../../../shared/status.ts'
import { parseQuantity } from '../../../shared/quantity.ts'
import { fillFromLimitRanges, holdToLimitRanges } from './limit-ranges.ts'
import { addDefaultTolerations, addPriority, addServiceAccount } from './pod-admission.ts'
import { podColumns } from './pod-columns.ts'
import { addRecommendation } from './pod-recommendation.ts'
import { podUpdateCauses } from './pod-update.ts'
import { defaultPod } from './podspec/defaults.ts'
import { unenforced } from './podspec/unsupported.ts'
import { validatePodSpec } from './podspec/validate.ts'
import { forbidden } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import type { Strategy } from './strategy.ts'

const QOS_RESOURCES = ['cpu', 'memory']

function amounts(list: Record<string, string> | undefined): [string, number][] {
  return Object.entries(list ?? {}).flatMap(([name, text]) => {
    const amount = parseQuantity(text) ?? 0
    return QOS_RESOURCES.includes(name) && amount > 0 ? [[name, amount]] : []
  })
}

function isGuaranteed({ resources }: Container): boolean {
  const limits = new Map(amounts(resources?.limits))
  const requests = amounts(resources?.requests)
  const equal = requests.every(([name, amount]) => limits.get(name) === amount)
  return limits.size === QOS_RESOURCES.length && equal
}

/** How a pod is treated when its node runs short (helper/qos ComputePodQOS). */
export function qosClass({ spec }: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const asks = ({ resources }: Container) =>
    amounts(resources?.requests).length + amounts(resources?.limits).length > 0
  if (!containers.some(asks)) return 'BestEffort'
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

export const podStrategy: Strategy<Pod> = {
  kind: pods,
  categories: ['all'],
  subresources: [
    'status',
    'binding',
    'log',
    'proxy',
    'eviction',
    'exec',
    'attach',
    'portforward',
    'ephemeralcontainers',
  ],
  hasGeneration: true,
  fields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  columns: podColumns,
  default(pod) {
    pod.spec ??= { containers: [] }
    defaultPod(pod.spec)
  },
  prepareForCreate(pod, context) {
    const { spec } = pod
    if (spec.ephemeralContainers?.length) {
      const cause = forbidden('spec.ephemeralContainers', 'cannot be set on create')
      throw invalid({ kind: 'Pod' }, pod.metadata.name ?? '', [cause])
    }
    if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
    addServiceAccount(pod, context)
    addPriority(pod, context)
    addDefaultTolerations(spec)
    fillFromLimitRanges(pod, context)
    addRecommendation(pod, context)
    holdToLimitRanges(pod, context)
    pod.status = { phase: 'Pending', qosClass: qosClass(pod) }
    for (const line of unenforced(spec, 'spec')) context.warn(line)
  },
  validate: (pod) => [...nameFollows(subdomain, pod), ...validatePodSpec(pod.spec, 'spec')],
  validateUpdate: podUpdateCauses,
  /** podStrategy CheckGracefulDelete: only a node that runs the pod needs to be waited for. */
  deletion(pod, requested) {
    const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 30
    if (!pod.spec.nodeName || isPodTerminal(pod) || seconds === 0) return 'now'
    return { seconds: Math.max(seconds, 1) }
  },
}
