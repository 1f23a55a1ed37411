// What is measured beside the demo's own load, for the Traffic and Cluster views: asked for while somebody looks.
import type { LoadTarget } from './load.ts'
import type { ProxyMode } from './stage.ts'

/** Requests per second, and how many of them failed; null before there were two looks to compare. */
export interface EdgeRate {
  perSecond: number | null
  failedPerSecond: number | null
}

/** One pod of an ingress data plane. */
export interface IngressPodRates {
  pod: string
  /** Of its IngressClass. */
  className: string
  /** By backend, as `namespace/service:port`. */
  backends: Record<string, EdgeRate>
  /** Why it could not be asked; null when it answered. */
  problem: string | null
}

/** One loadbot that is not of the demo's fleet. */
export interface BotRates extends EdgeRate {
  namespace: string
  pod: string
  ip: string
  target: LoadTarget | null
  /** Answers per second by the pod that gave them. */
  byServer: Record<string, number>
}

/** Answer of `GET /api/traffic`. */
export interface TrafficReport {
  at: number
  ingress: IngressPodRates[]
  bots: BotRates[]
  /** The newest comparison of the proxies, under way or done; null: none since the stage runs. */
  comparison: ComparisonView | null
}

/** What one proxy mode did with the offered load. */
export interface ModeMeasure {
  mode: ProxyMode
  answered: number
  failed: number
  /** Requests the loadbot could not send in time; they are in no histogram. */
  slipped: number
  p50Ms: number | null
  p99Ms: number | null
  /** Answers by latency: bucket i holds those from `HISTOGRAM.firstMs * 2^(i/perOctave)` on. */
  buckets: number[]
  /** The address a request left from, and the one the pod saw; null where it was not told. */
  sentFrom: string | null
  seenFrom: string | null
}

/** How `ModeMeasure.buckets` are cut. */
export const HISTOGRAM = { firstMs: 1 / 64, perOctave: 5, octaves: 20 } as const

export interface ComparisonView {
  startedAt: number
  /** null while it runs. */
  endedAt: number | null
  /** Open loop: so many requests are due each second, whatever becomes of them. */
  offeredPerSecond: number
  seconds: number
  /** The mode that is measured now; null when none is. */
  measuring: ProxyMode | null
  measures: ModeMeasure[]
  /** Why it did not come to its end; null when nothing was wrong. */
  problem: string | null
}

/** What an autoscaler saw and wanted, at one moment. */
export interface ScalingSample {
  at: number
  replicas: number
  wanted: number
  /** Percent of the request; null while it is not measured. */
  utilization: number | null
}

/** Answer of `GET /api/scaling`: by `namespace/name` of the autoscaler, oldest first. */
export type ScalingHistory = Record<string, ScalingSample[]>
