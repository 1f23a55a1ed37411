// What a loadbot says to the aggregator: `GET /stream?epoch=…` answers lines of JSON, one Report each.
import type { HistogramDelta } from '../../shared/histogram.ts'
import type { BotCount, FailureRecord, PodCount } from '../../shared/load.ts'

/** How often a loadbot reports and the aggregator makes a frame (ms). */
export const REPORT_MS = 100

export interface Report {
  /** Names this run of the loadbot: a container that is restarted counts from zero again. */
  run: string
  /** Since the loadbot started. */
  count: BotCount
  /** Since this epoch's first report; whatever no earlier epoch was told is in it. */
  servers: PodCount[]
  /** Latencies (microseconds) since the last report on this stream. */
  latency: HistogramDelta
  /** What failed since the last report on this stream; the first tells all that is remembered. */
  failures?: FailureRecord[]
}
