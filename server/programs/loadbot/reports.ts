// What a loadbot tells: its counts, what one reader has not heard yet, and vegeta's metrics of the last second.
import { randomUUID } from 'node:crypto'
import { Histogram } from '../../../shared/histogram.ts'
import {
  FAILURE_CAUSES,
  type BotCount,
  type FailureRecord,
  type PodCount,
} from '../../../shared/load.ts'
import type { Report } from '../stream.ts'
import type { Ledger } from './ledger.ts'

const MAX_EPOCHS = 16
const MICROSECOND = 1000

/** The Metrics of vegeta 6 as it writes them to JSON; durations in nanoseconds. */
export interface VegetaMetrics {
  latencies: {
    total: number
    mean: number
    '50th': number
    '95th': number
    '99th': number
    max: number
  }
  bytes_in: { total: number; mean: number }
  bytes_out: { total: number; mean: number }
  earliest: string
  latest: string
  end: string
  duration: number
  wait: number
  requests: number
  rate: number
  success: number
  status_codes: Record<string, number>
  errors: string[]
}

interface Second {
  answered: number
  failed: Ledger['failed']
  failedTotal: number
  bytesIn: number
  bytesOut: number
}

function secondOf(ledger: Ledger): Second {
  const { answered, failedTotal, bytesIn, bytesOut } = ledger
  return { answered, failed: { ...ledger.failed }, failedTotal, bytesIn, bytesOut }
}

/** Reports of one ledger. */
export class Reports {
  private readonly ledger: Ledger
  private readonly pod: string
  private readonly uid: string
  private readonly clockZero: number
  private readonly run = randomUUID()
  /** What every epoch had been told before it began, by server. */
  private readonly baselines = new Map<string, Map<string, number>>()
  private told = new Map<string, number>()
  private before: Second
  private readonly latenciesBefore = new Histogram()
  private metrics: VegetaMetrics

  /** @param clockZero when the ledger's clock stood at 0, in ms since the epoch */
  constructor(ledger: Ledger, pod: string, uid: string, at: Date, clockZero = 0) {
    this.ledger = ledger
    this.clockZero = clockZero
    this.pod = pod
    this.uid = uid
    this.before = secondOf(ledger)
    this.metrics = this.measure(at, 1)
  }

  count(final: boolean): BotCount {
    const { sent, answered, failed, retried, inFlight } = this.ledger
    const { pod, uid } = this
    const count = { pod, uid, sent, answered, failed: { ...failed }, retried, inFlight }
    return final ? { ...count, final } : count
  }

  /**
   * A reader of reports. Readers of one epoch are told the same counts, which start where the epochs before it were left;
   * without an epoch they are told everything since the start.
   */
  reader(epoch: string): { next: (final: boolean) => Report } {
    const baseline = this.baselineOf(epoch)
    const latencies = new Histogram()
    // A new reader wants the latencies of now, not those of the whole past.
    this.ledger.latencies.takeDelta(latencies)
    let heard = 0
    return {
      next: (final) => {
        const failures = this.failures(heard)
        heard = failures.at(-1)?.seq ?? heard
        return {
          run: this.run,
          count: this.count(final),
          servers: this.servers(baseline),
          latency: this.ledger.latencies.takeDelta(latencies),
          ...(failures.length > 0 && { failures }),
        }
      },
    }
  }

  /** Closes a second (or however long it was, in seconds): what `vegeta` answers from now on. */
  tick(at: Date, seconds: number): void {
    this.metrics = this.measure(at, seconds)
    this.before = secondOf(this.ledger)
  }

  vegeta(): VegetaMetrics {
    return this.metrics
  }

  private baselineOf(epoch: string): Map<string, number> {
    if (epoch === '') return new Map()
    let baseline = this.baselines.get(epoch)
    if (baseline === undefined) {
      baseline = new Map(this.told)
      this.baselines.set(epoch, baseline)
      const oldest = this.baselines.keys().next().value
      if (this.baselines.size > MAX_EPOCHS && oldest !== undefined) this.baselines.delete(oldest)
    }
    return baseline
  }

  private servers(baseline: Map<string, number>): PodCount[] {
    const servers: PodCount[] = []
    for (const [key, { pod, version, answered }] of this.ledger.servers) {
      servers.push({ pod, version, answered: answered - (baseline.get(key) ?? 0) })
      this.told.set(key, answered)
    }
    return servers
  }

  private failures(after: number): FailureRecord[] {
    const { run, pod: bot } = this
    const epochOf = (time: number): number => Math.round(this.clockZero + time)
    return this.ledger.failures.after(after).map((failure) => ({
      ...failure,
      run,
      bot,
      at: epochOf(failure.at),
      connectedAt: failure.connectedAt === null ? null : epochOf(failure.connectedAt),
    }))
  }

  private measure(at: Date, seconds: number): VegetaMetrics {
    const { before } = this
    const now = secondOf(this.ledger)
    const latencies = new Histogram()
    latencies.add(this.ledger.latencies.takeDelta(this.latenciesBefore))
    const answered = now.answered - before.answered
    const errors = FAILURE_CAUSES.filter((cause) => now.failed[cause] > before.failed[cause])
    const requests = answered + now.failedTotal - before.failedTotal
    const nanoseconds = (percent: number): number =>
      (latencies.percentile(percent) ?? 0) * MICROSECOND
    const mean = (total: number): number => (requests === 0 ? 0 : total / requests)
    const total = latencies.sum() * MICROSECOND
    const bytesIn = now.bytesIn - before.bytesIn
    const bytesOut = now.bytesOut - before.bytesOut
    return {
      latencies: {
        total,
        mean: latencies.total === 0 ? 0 : Math.round(total / latencies.total),
        '50th': nanoseconds(50),
        '95th': nanoseconds(95),
        '99th': nanoseconds(99),
        max: nanoseconds(100),
      },
      bytes_in: { total: bytesIn, mean: mean(bytesIn) },
      bytes_out: { total: bytesOut, mean: mean(bytesOut) },
      earliest: new Date(at.getTime() - seconds * 1000).toISOString(),
      latest: at.toISOString(),
      end: at.toISOString(),
      duration: Math.round(seconds * 1e9),
      wait: 0,
      requests,
      rate: requests / seconds,
      success: requests === 0 ? 0 : answered / requests,
      status_codes: answered === 0 ? {} : { '200': answered },
      errors,
    }
  }
}
