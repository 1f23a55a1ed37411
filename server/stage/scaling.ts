// What each autoscaler saw and wanted over the last minutes, kept from its status as it changes.
import type { HorizontalPodAutoscaler } from '../../shared/kubernetes/autoscaling.ts'
import { horizontalPodAutoscalers } from '../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { ScalingHistory, ScalingSample } from '../../shared/traffic.ts'
import type { RoomDeps } from '../machinery/room.ts'

const KEPT_MS = 600_000
const MOST_SAMPLES = 600

/** Starts keeping. */
export function startScaling({ informers, clock }: Pick<RoomDeps, 'informers' | 'clock'>): {
  history(): ScalingHistory
  close(): void
} {
  const kept = new Map<string, ScalingSample[]>()
  const close = informers.of(horizontalPodAutoscalers).subscribe(({ type, object }) => {
    const key = keyOf(object)
    if (type === 'deleted') return void kept.delete(key)
    const sample = sampleOf(object, clock.now())
    if (sample) kept.set(key, withSample(kept.get(key) ?? [], sample))
  })
  return { history: () => Object.fromEntries(kept), close }
}

/** undefined before the autoscaler has said anything. */
export function sampleOf(
  { status }: HorizontalPodAutoscaler,
  at: number,
): ScalingSample | undefined {
  if (status?.currentReplicas === undefined) return undefined
  const utilizations = (status.currentMetrics ?? []).map(
    ({ resource, containerResource }) =>
      (resource ?? containerResource)?.current.averageUtilization,
  )
  const utilization = utilizations.find((value) => value !== undefined) ?? null
  return { at, replicas: status.currentReplicas, wanted: status.desiredReplicas, utilization }
}

/** With one more; what is too old goes, but for the one that says how it was at the beginning. */
export function withSample(
  samples: readonly ScalingSample[],
  sample: ScalingSample,
): ScalingSample[] {
  const next = [...samples, sample].slice(-MOST_SAMPLES)
  while (next[1] && next[1].at < sample.at - KEPT_MS) next.shift()
  return next
}
