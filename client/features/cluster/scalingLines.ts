// The lines of the autoscaler's picture, in u: use against its target, and replicas as steps. Pure.
import type { ScalingSample } from '../../../shared/traffic.ts'

export const PICTURE = { width: 484, height: 204, right: 408 }
/** Upper and lower edge of each of the two plots. */
const USE = { top: 28, bottom: 88 }
const REPLICAS = { top: 128, bottom: 198 }
const SPAN_MS = 600_000
/** A picture that begins a moment ago is not spread over the whole width. */
const SHORTEST_SPAN_MS = 120_000

export interface ScalingLines {
  /** Points of the use, as steps: a value holds until the next is said. null: there is none. */
  use: string | null
  /** Where the lines begin. */
  useFrom: number
  replicasFrom: number
  target: number
  now: { use: number | null; replicas: number; wanted: number }
  replicas: string
  /** `2 min`: how far back the left edge is. */
  span: string
}

/** @param targetUse the target in percent; null where the target is no percentage */
export function scalingLines(
  samples: readonly ScalingSample[],
  targetUse: number | null,
  wanted: number,
  now: number,
): ScalingLines {
  const first = Math.max(now - SPAN_MS, samples[0]?.at ?? now)
  const span = Math.min(SPAN_MS, Math.max(SHORTEST_SPAN_MS, now - first))
  const x = (at: number): number => Math.max(0, Math.min(1, 1 - (now - at) / span)) * PICTURE.right
  const values = samples.flatMap(({ utilization }) => (utilization === null ? [] : [utilization]))
  const topUse = Math.max(100, targetUse ?? 0, ...values) * 1.08
  const most = Math.max(2, wanted, ...samples.map(({ replicas }) => replicas))
  const useY = (value: number): number => USE.bottom - (value / topUse) * (USE.bottom - USE.top)
  const replicasY = (value: number): number =>
    REPLICAS.bottom - (value / most) * (REPLICAS.bottom - REPLICAS.top)
  const steps = (points: readonly [number, number][]): string =>
    points
      .map(([left, y], at) =>
        at === 0 ? `M${left.toFixed(1)} ${y.toFixed(1)}` : `H${left.toFixed(1)}V${y.toFixed(1)}`,
      )
      .join('') + `H${PICTURE.right}`
  const usePoints = samples.flatMap(({ at, utilization }): [number, number][] =>
    utilization === null ? [] : [[x(at), useY(utilization)]],
  )
  const last = samples.at(-1)
  return {
    use: usePoints.length > 0 ? steps(usePoints) : null,
    useFrom: usePoints[0]?.[0] ?? 0,
    replicasFrom: x(first),
    target: useY(targetUse ?? 0),
    now: {
      use: typeof last?.utilization === 'number' ? useY(last.utilization) : null,
      replicas: replicasY(last?.replicas ?? 0),
      wanted: replicasY(wanted),
    },
    replicas:
      samples.length > 0
        ? steps(samples.map(({ at, replicas }) => [x(at), replicasY(replicas)]))
        : '',
    span: `${Math.round(span / 60_000)} min`,
  }
}

export const FLOOR = REPLICAS.bottom
