// How much of a quota an object takes (pkg/quota/v1/evaluator/core): admission and the quota controller count alike.
import { formatBytes, formatMilliCpu, parseQuantity } from '../quantity.ts'
import type { Kind } from './kinds.ts'
import type { KubeObject } from './meta.ts'
import type { Service } from './network.ts'
import type { Container, Pod } from './pod.ts'
import { isPodTerminal } from './pod.ts'
import type { ResourceQuota } from './policy.ts'
import type { PersistentVolumeClaim } from './storage.ts'

/** Resource name to base units (cores, bytes, things). */
export type Use = Map<string, number>

/** Kinds that are counted under their plain name; all are counted as `count/<plural>.<group>`. */
const PLAIN = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
])

/** What an object of the kind takes. Pods that have finished take nothing but their place in `count/pods`. */
export function useOf({ plural, group }: Kind, object: KubeObject): Use {
  const use: Use = new Map([[group ? `count/${plural}.${group}` : `count/${plural}`, 1]])
  if (group !== '') return use
  if (PLAIN.has(plural)) use.set(plural, 1)
  if (plural === 'persistentvolumeclaims') addClaim(use, object as PersistentVolumeClaim)
  if (plural === 'services') addService(use, object as Service)
  if (plural === 'pods' && !isPodTerminal(object as Pod)) addPod(use, object as Pod)
  return use
}

/** Storage is counted in all, and by class (pkg/quota/v1/evaluator/core/persistent_volume_claims.go). */
function addClaim(use: Use, { spec }: PersistentVolumeClaim): void {
  const bytes = parseQuantity(spec?.resources?.requests?.['storage']) ?? 0
  use.set('requests.storage', bytes)
  const { storageClassName } = spec ?? {}
  if (!storageClassName) return
  const ofClass = `${storageClassName}.storageclass.storage.k8s.io`
  use.set(`${ofClass}/requests.storage`, bytes)
  use.set(`${ofClass}/persistentvolumeclaims`, 1)
}

function addService(use: Use, { spec }: Service): void {
  if (spec.type === 'LoadBalancer') use.set('services.loadbalancers', 1)
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    use.set('services.nodeports', spec.ports?.length ?? 0)
  }
}

function addPod(use: Use, pod: Pod): void {
  use.set('pods', 1)
  for (const list of ['requests', 'limits'] as const) {
    for (const [name, amount] of podAmounts(pod, list)) {
      use.set(`${list}.${name}`, amount)
      if (list === 'requests' && COMPUTE.has(name)) use.set(name, amount)
    }
  }
}

const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** All containers together, or the largest init container if that is more. */
function podAmounts({ spec }: Pod, list: 'requests' | 'limits'): Map<string, number> {
  const sums = new Map<string, number>()
  const amounts = ({ resources }: Container): [string, number][] =>
    Object.entries(resources?.[list] ?? {}).map(([name, text]) => [name, parseQuantity(text) ?? 0])
  for (const container of spec.containers) {
    for (const [name, amount] of amounts(container)) sums.set(name, (sums.get(name) ?? 0) + amount)
  }
  for (const container of spec.initContainers ?? []) {
    for (const [name, amount] of amounts(container)) {
      sums.set(name, Math.max(sums.get(name) ?? 0, amount))
    }
  }
  return sums
}

/** Whether the quota's scopes are about this object; quotas without scopes are about everything. */
export function inScope(
  { spec }: ResourceQuota,
  { plural, group }: Kind,
  object: KubeObject,
): boolean {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  const scopes = [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])]
  if (scopes.length === 0) return true
  if (plural !== 'pods' || group !== '') return false
  const pod = object as Pod
  return scopes.every((scope) => {
    switch (scope.scopeName) {
      case 'BestEffort':
        return pod.status?.qosClass === 'BestEffort'
      case 'NotBestEffort':
        return pod.status?.qosClass !== 'BestEffort'
      case 'Terminating':
        return pod.spec.activeDeadlineSeconds !== undefined
      case 'NotTerminating':
        return pod.spec.activeDeadlineSeconds === undefined
      case 'PriorityClass':
        return classMatches(pod.spec.priorityClassName, scope)
      default:
        return false
    }
  })
}

function classMatches(
  name: string | undefined,
  { operator, values = [] }: { operator: string; values?: string[] },
): boolean {
  if (operator === 'In') return name !== undefined && values.includes(name)
  if (operator === 'NotIn') return name === undefined || !values.includes(name)
  return operator === 'Exists' ? Boolean(name) : !name
}

/** An amount of that resource as Kubernetes writes it. */
export function amountText(resource: string, amount: number): string {
  const name = resource.replace(/^.*\//, '').replace(/^(requests|limits)\./, '')
  if (name === 'cpu') return formatMilliCpu(Math.round(amount * 1000))
  return COMPUTE.has(name) || name === 'storage' ? formatBytes(amount) : String(amount)
}
