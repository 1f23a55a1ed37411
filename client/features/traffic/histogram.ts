// Latency histograms side by side: one scale for both, a logarithm. Pure.
import { HISTOGRAM } from '../../../shared/traffic.ts'
import type { ModeMeasure } from '../../../shared/traffic.ts'

export interface LatencyScale {
  /** Buckets from here to there, the first and the one after the last. */
  first: number
  last: number
  /** ms, and where they stand (0–1). */
  ticks: readonly { ms: number; at: number }[]
}

/** Beyond this share of the answers on either side nothing is drawn: single ones would stretch the scale. */
const TAIL = 0.0005

/** ms at which a bucket begins. */
export function msOf(bucket: number): number {
  return HISTOGRAM.firstMs * 2 ** (bucket / HISTOGRAM.perOctave)
}

/** The scale that holds what was measured. */
export function scaleOf(measures: readonly ModeMeasure[]): LatencyScale {
  const { perOctave, octaves } = HISTOGRAM
  let first = perOctave * octaves
  let last = 0
  for (const { buckets } of measures) {
    const total = buckets.reduce((sum, count) => sum + count, 0)
    let seen = 0
    buckets.forEach((count, bucket) => {
      seen += count
      if (count === 0) return
      if (seen > total * TAIL) first = Math.min(first, bucket)
      if (seen - count < total * (1 - TAIL)) last = Math.max(last, bucket + 1)
    })
  }
  if (last <= first) return { first: 0, last: perOctave * octaves, ticks: [] }
  // Whole octaves, and never fewer than six: a narrow scale would make noise look like a finding.
  const from = Math.max(0, Math.floor(first / perOctave) - 1) * perOctave
  const to = Math.max(from + 6 * perOctave, Math.ceil(last / perOctave) * perOctave)
  return { first: from, last: to, ticks: ticksOf(from, to) }
}

function ticksOf(first: number, last: number): LatencyScale['ticks'] {
  const octaves = (last - first) / HISTOGRAM.perOctave
  const step = octaves > 8 ? 3 : 2
  const ticks = []
  for (let octave = 0; octave <= octaves; octave += step) {
    ticks.push({ ms: msOf(first + octave * HISTOGRAM.perOctave), at: octave / octaves })
  }
  return ticks
}

/** Where so many ms stand on the scale, 0–1. */
export function placeOf({ first, last }: LatencyScale, ms: number): number {
  const bucket = Math.log2(ms / HISTOGRAM.firstMs) * HISTOGRAM.perOctave
  return Math.min(1, Math.max(0, (bucket - first) / (last - first)))
}

/** The share of the highest, 0–1, by bucket of the scale. */
export function heightsOf({ first, last }: LatencyScale, { buckets }: ModeMeasure): number[] {
  const shown = Array.from({ length: last - first }, (_, at) => buckets[first + at] ?? 0)
  const most = Math.max(1, ...shown)
  return shown.map((count) => count / most)
}

/** `0.25 ms`, `16 ms`, `1 s`. */
export function tickText(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(1))} s`
  return ms >= 1 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(2))} ms`
}

/** `4.7×` and its words; null before both modes were measured. */
export function ratioOf(
  measures: readonly ModeMeasure[],
): { figure: string; words: string } | null {
  const p99 = (mode: string): number | null | undefined =>
    measures.find((measure) => measure.mode === mode)?.p99Ms
  const [kernel, process] = [p99('iptables'), p99('userspace')]
  if (!kernel || !process) return null
  if (Math.abs(process / kernel - 1) < 0.05) return { figure: '1×', words: 'the same p99 in both' }
  return process > kernel
    ? { figure: `${(process / kernel).toFixed(1)}×`, words: 'lower p99 by iptables' }
    : { figure: `${(kernel / process).toFixed(1)}×`, words: 'lower p99 by userspace' }
}
