// The memory of the cluster as rows: what each node promises, what its pods ask for, may use and do use. Pure.
import type { PodMetrics } from '../../../shared/kubernetes/autoscaling.ts'
import type { Node } from '../../../shared/kubernetes/cluster.ts'
import { isNodeReady, isSimulated } from '../../../shared/kubernetes/cluster.ts'
import { conditionOf, keyOf } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../../shared/kubernetes/pod.ts'
import { wholeUnits } from '../../../shared/quantity.ts'
import type { Mishap } from './mishaps.ts'
import { mishapOf } from './mishaps.ts'

export type Qos = 'Guaranteed' | 'Burstable' | 'BestEffort'

export interface Segment {
  uid: string
  key: string
  /** What is written on it: what the pod is part of. */
  label: string
  qos: Qos
  /** Percent of what the node promises: where it begins, and how wide it is. */
  from: number
  width: number
  /** null: it runs, and that is how much it uses. */
  mishap: Mishap | null
  /** It is gone: the outline of what it used last. */
  isGone: boolean
}

export interface NodeRow {
  name: string
  /** Bytes it promises. */
  allocatable: number
  pods: number
  /** Pods that run and that nobody has measured yet. */
  unmeasured: number
  /** Percent of what it promises; used is null where nothing is measured. */
  used: number | null
  requests: number
  limits: number
  segments: readonly Segment[]
  isReady: boolean
  isSimulated: boolean
  isPressed: boolean
}

export interface MemoryModel {
  rows: readonly NodeRow[]
  /** Of all nodes together, percent; null while nothing is measured. */
  used: number | null
  requests: number
  limits: number
}

export interface MemoryInput {
  nodes: readonly Node[]
  pods: readonly Pod[]
  metrics: readonly PodMetrics[]
  /** What pods used when they were measured last, by uid, in bytes: for those that are gone. */
  lastUse: ReadonlyMap<string, number>
  /** ms since the epoch. */
  now: number
}

const byName = new Intl.Collator('en', { numeric: true })
const EVICTED_LAST: readonly Qos[] = ['Guaranteed', 'Burstable', 'BestEffort']
/** A pod that is gone and was never measured still has an outline, in percent. */
const LEAST_OUTLINE = 3

/** What a pod uses, in bytes. */
export function memoryOf({ containers }: PodMetrics): number {
  return containers.reduce((sum, { usage }) => sum + wholeUnits(usage.memory), 0)
}

function sumOf({ spec }: Pod, which: 'requests' | 'limits'): number {
  return spec.containers.reduce(
    (sum, { resources }) => sum + wholeUnits(resources?.[which]?.['memory']),
    0,
  )
}

/** The rows of the nodes, by name; simulated ones come last. */
export function memoryModel(input: MemoryInput): MemoryModel {
  const useBy = new Map(input.metrics.map((each) => [keyOf(each), memoryOf(each)]))
  const podsBy = new Map<string, Pod[]>()
  for (const pod of input.pods) {
    const node = pod.spec.nodeName ?? ''
    podsBy.set(node, [...(podsBy.get(node) ?? []), pod])
  }
  const rows = input.nodes
    .map((node) => rowOf(node, podsBy.get(node.metadata.name ?? '') ?? [], useBy, input))
    .toSorted(
      (a, b) => Number(a.isSimulated) - Number(b.isSimulated) || byName.compare(a.name, b.name),
    )
  const real = rows.filter((row) => !row.isSimulated)
  const total = real.reduce((sum, { allocatable }) => sum + allocatable, 0)
  const mean = (of: (row: NodeRow) => number): number =>
    total === 0 ? 0 : real.reduce((sum, row) => sum + of(row) * row.allocatable, 0) / total
  return {
    rows,
    used: real.some(({ used }) => used !== null) ? mean(({ used }) => used ?? 0) : null,
    requests: mean(({ requests }) => requests),
    limits: mean(({ limits }) => limits),
  }
}

function rowOf(
  node: Node,
  pods: readonly Pod[],
  useBy: ReadonlyMap<string, number>,
  { lastUse, now }: MemoryInput,
): NodeRow {
  const allocatable = wholeUnits(node.status?.allocatable?.['memory'])
  const percent = (bytes: number): number => (allocatable === 0 ? 0 : (bytes / allocatable) * 100)
  const living = pods.filter((pod) => !isPodTerminal(pod))
  const measured = living.filter((pod) => useBy.has(keyOf(pod)))
  const useOf = (pod: Pod): number => useBy.get(keyOf(pod)) ?? 0
  const sum = (of: (pod: Pod) => number): number => living.reduce((all, pod) => all + of(pod), 0)
  let at = 0
  const segmentOf = (pod: Pod, width: number, isGone: boolean): Segment => {
    const from = at
    at += width
    const { uid = '' } = pod.metadata
    const qos = pod.status?.qosClass ?? 'BestEffort'
    const mishap = mishapOf(pod, now)
    return { uid, key: keyOf(pod), label: labelOf(pod), qos, from, width, mishap, isGone }
  }
  const standing = measured
    .toSorted((a, b) => order(a, useOf(a)) - order(b, useOf(b)))
    .map((pod) => segmentOf(pod, percent(useOf(pod)), false))
  const gone = pods
    .filter((pod) => mishapOf(pod, now) !== null && !measured.includes(pod))
    .map((pod) => {
      const last = percent(lastUse.get(pod.metadata.uid ?? '') ?? 0)
      return segmentOf(pod, Math.max(LEAST_OUTLINE, last), true)
    })
  const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running'
  return {
    name: node.metadata.name ?? '',
    allocatable,
    pods: living.length,
    unmeasured: living.filter((pod) => isRunning(pod) && !measured.includes(pod)).length,
    used: isSimulated(node) ? null : percent(measured.reduce((all, pod) => all + useOf(pod), 0)),
    requests: percent(sum((pod) => sumOf(pod, 'requests'))),
    limits: percent(sum((pod) => sumOf(pod, 'limits'))),
    segments: [...standing, ...gone],
    isReady: isNodeReady(node),
    isSimulated: isSimulated(node),
    isPressed: conditionOf(node.status?.conditions, 'MemoryPressure')?.status === 'True',
  }
}

/** From who goes last to who goes first: by QoS, then by how much is used beyond the request (kubelet's own order). */
function order(pod: Pod, bytes: number): number {
  const rank = EVICTED_LAST.indexOf(pod.status?.qosClass ?? 'BestEffort')
  const excess = bytes - sumOf(pod, 'requests')
  return rank * 2 + Math.atan(excess / 2 ** 28) / Math.PI + 0.5
}

/** What most people call it: its app, else its name without what controllers append. */
function labelOf({ metadata }: Pod): string {
  const { labels = {}, ownerReferences = [], name = '' } = metadata
  const known = labels['app'] ?? labels['run'] ?? labels['app.kubernetes.io/name']
  if (known !== undefined && ownerReferences.length > 0) return known
  return ownerReferences.length > 0 ? name.replace(/-[a-z0-9]{5,10}(-[a-z0-9]{5})?$/, '') : name
}

/** How far the scale goes, in percent of a node: wide enough for what is used and asked for, and no wider than that. */
const SCALES = [1.5, 5, 15, 50, 150] as const
export const WHOLE_SCALE = 150

/** @param before the scale of before: it shrinks only when the picture would be less than a third full */
export function scaleFor(rows: readonly NodeRow[], before = 0): number {
  const needed = rows.flatMap(({ segments, requests, limits }) => [
    ...segments.map(({ from, width }) => from + width),
    requests,
    limits,
  ])
  const most = Math.max(0.01, ...needed) * 1.12
  const fitting = SCALES.find((scale) => scale >= most) ?? WHOLE_SCALE
  return fitting < before && most > before / 4 ? before : fitting
}
