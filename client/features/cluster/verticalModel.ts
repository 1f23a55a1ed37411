// A vertical autoscaler's advice beside what pods ask for: the container that is furthest from it. Pure.
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../../shared/kubernetes/pod.ts'
import type { VerticalPodAutoscaler } from '../../../shared/kubernetes/vertical.ts'
import { updateModeOf } from '../../../shared/kubernetes/vertical.ts'
import type { ContainerRecommendation } from '../../../shared/kubernetes/vertical-amounts.ts'
import { parseQuantity } from '../../../shared/quantity.ts'
import { mebibytes } from './mishaps.ts'

export interface AdviceRow {
  /** `CPU`, `Memory`. */
  name: string
  /** What the pods ask for, the least of them; null: nothing. In cores or bytes, like the others. */
  request: number | null
  target: number
  lower: number
  upper: number
  /** Before the policy of the autoscaler bounds it. */
  uncapped: number
  /** No container is recommended less. */
  least: number
  words: (amount: number) => string
}

export interface VerticalModel {
  /** The container that is shown; null: nothing is recommended yet. */
  container: string | null
  /** How many containers have a recommendation. */
  containers: number
  rows: readonly AdviceRow[]
  /** What becomes of the advice, as a sentence. */
  explanation: string
}

/** Pods of the target: a Deployment's are its ReplicaSets', which are named after it and their template's hash. */
export function podsOf({ spec, metadata }: VerticalPodAutoscaler, all: readonly Pod[]): Pod[] {
  const { kind, name } = spec.targetRef
  return all.filter((pod) => {
    if (pod.metadata.namespace !== metadata.namespace || isPodTerminal(pod)) return false
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)
    const hash = pod.metadata.labels?.['pod-template-hash']
    if (kind !== 'Deployment') return owner?.kind === kind && owner.name === name
    return owner?.kind === 'ReplicaSet' && owner.name === `${name}-${hash}`
  })
}

/** @param pods of the target */
export function verticalModel(
  autoscaler: VerticalPodAutoscaler,
  pods: readonly Pod[],
): VerticalModel {
  const advice = autoscaler.status?.recommendation?.containerRecommendations ?? []
  const all = advice.map((each) => ({ name: each.containerName, rows: rowsOf(each, pods) }))
  const [shown] = all.toSorted((a, b) => distanceOf(b.rows) - distanceOf(a.rows))
  return {
    container: shown?.name ?? null,
    containers: advice.length,
    rows: shown?.rows ?? [],
    explanation: explanationOf(autoscaler, advice, pods),
  }
}

/** The recommender's bounds before it has seen much are more than there is. */
const BOUNDLESS = { cores: 1e6, bytes: 1e13 }

function cores(amount: number): string {
  if (amount >= BOUNDLESS.cores) return '∞'
  return amount < 0.9995 ? `${Math.round(amount * 1000)}m` : String(Number(amount.toPrecision(3)))
}

const bytes = (amount: number): string => (amount >= BOUNDLESS.bytes ? '∞' : mebibytes(amount))

/** With --pod-recommendation-min-cpu-millicores and -memory-mb, which the containers of a pod share. */
const RESOURCES = [
  { resource: 'cpu', name: 'CPU', words: cores, leastOfPod: 0.025 },
  { resource: 'memory', name: 'Memory', words: bytes, leastOfPod: 250 * 2 ** 20 },
] as const

function requestOf(pod: Pod, container: string, resource: string): number | undefined {
  const found = pod.spec.containers.find(({ name }) => name === container)
  return parseQuantity(found?.resources?.requests?.[resource])
}

function rowsOf(advice: ContainerRecommendation, pods: readonly Pod[]): AdviceRow[] {
  return RESOURCES.flatMap(({ resource, name, words, leastOfPod }) => {
    const target = parseQuantity(advice.target[resource])
    if (target === undefined) return []
    const requests = pods.flatMap((pod) => requestOf(pod, advice.containerName, resource) ?? [])
    return {
      name,
      request: requests.length > 0 ? Math.min(...requests) : null,
      target,
      lower: parseQuantity(advice.lowerBound?.[resource]) ?? target,
      upper: parseQuantity(advice.upperBound?.[resource]) ?? target,
      uncapped: parseQuantity(advice.uncappedTarget?.[resource]) ?? target,
      least: leastOfPod / (pods[0]?.spec.containers.length ?? 1),
      words,
    }
  })
}

/** How the target comes about: the 90th percentile of what was used, a margin, and what bounds it. */
export function formulaOf({ least, uncapped, target, words }: AdviceRow): string {
  const sum = `max(p90 × 1.15, ${words(least)}) = ${words(uncapped)}`
  if (words(uncapped) === words(target)) return sum
  return `${sum}, ${target < uncapped ? 'at most' : 'at least'} ${words(target)}`
}

const distanceOf = (rows: readonly AdviceRow[]): number =>
  Math.max(0, ...rows.map(({ request, target }) => Math.abs((request ?? 0) - target) / target))

function explanationOf(
  autoscaler: VerticalPodAutoscaler,
  advice: readonly ContainerRecommendation[],
  pods: readonly Pod[],
): string {
  const trouble = autoscaler.status?.conditions?.find(
    ({ type, status }) => TROUBLE.has(type) && status === 'True',
  )
  if (trouble?.message) return trouble.message
  const mode = updateModeOf(autoscaler)
  if (mode === 'Off') return 'Advice only: pods stay as they are.'
  if (mode === 'Initial') return 'Pods ask for it when they are created, and not before.'
  const outside = pods.filter((pod) => advice.some((each) => isOutside(pod, each))).length
  if (outside === 0) return 'All pods ask for an amount within its bounds.'
  return `${outside} of ${pods.length} pods ask for an amount outside of its bounds, and are recreated.`
}

const TROUBLE = new Set(['ConfigUnsupported', 'NoPodsMatched'])

function isOutside(pod: Pod, advice: ContainerRecommendation): boolean {
  return rowsOf(advice, [pod]).some(
    ({ request, lower, upper }) => (request ?? 0) < lower || (request ?? 0) > upper,
  )
}

export interface AdviceBar {
  /** All from 0 to 1; `upper` null: it lies beyond the scale. */
  request: number
  target: number
  lower: number
  upper: number | null
}

/** Where everything lies on a scale on which request and target can be told apart. */
export function barOf({ request, target, lower, upper }: AdviceRow): AdviceBar {
  const most = Math.max(request ?? 0, target, lower)
  const end = upper <= most * 2 ? Math.max(upper, most) * 1.1 : most * 1.6
  const at = (amount: number): number => amount / Math.max(end, Number.MIN_VALUE)
  return {
    request: at(request ?? 0),
    target: at(target),
    lower: at(lower),
    upper: upper <= end ? at(upper) : null,
  }
}
