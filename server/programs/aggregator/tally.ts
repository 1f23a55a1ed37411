// What all loadbots together counted. Pure: reports and the time are handed in, frames come out.
import { Histogram } from '../../../shared/histogram.ts'
import type {
  BotCount,
  FailureCause,
  FailureCounts,
  FailureRecord,
  LoadFrame,
} from '../../../shared/load.ts'
import type { Report } from '../stream.ts'

/** A loadbot that is gone stays in the frames this long (ms), so that no reader misses its last counts. */
const KEEP_MS = 60_000
/** Latencies are of so many frames: of the last second. */
const WINDOW = 10
const MILLISECOND = 1000
/** So many of the newest failures are in a frame; a reader that skips frames misses none unless more come at once. */
const FAILURES_TOLD = 200
/** Failures are repeated for so long (ms), which is longer than a reader that keeps up is ever behind. */
const REPEAT_FAILURES_MS = 5_000

interface Bot {
  run: string
  count: BotCount
  /** What earlier runs of the same pod counted. */
  carried: BotCount | null
  servers: Map<string, number>
  goneAt: number | null
}

interface Server {
  pod: string
  version: string
  answered: number
}

function sum(left: FailureCounts, right: FailureCounts): FailureCounts {
  const total = { ...left }
  for (const cause of Object.keys(right) as FailureCause[]) total[cause] += right[cause]
  return total
}

/** A pod's counts over all of its runs. What an earlier run had in flight when it died was never heard of again. */
function countOf({ count, carried }: Bot): BotCount {
  if (carried === null) return count
  return {
    ...count,
    sent: count.sent + carried.sent - carried.inFlight,
    answered: count.answered + carried.answered,
    failed: sum(count.failed, carried.failed),
    retried: count.retried + carried.retried,
  }
}

/** Merges the reports of any number of loadbots since `epoch` began. */
export class Tally {
  private readonly epoch: string
  private readonly bots = new Map<string, Bot>()
  private readonly servers = new Map<string, Server>()
  private readonly window: Histogram[] = Array.from({ length: WINDOW }, () => new Histogram())
  private current = 0
  private failures: FailureRecord[] = []
  /** Up to where each run's failures are known, for a stream that is opened again tells them again. */
  private readonly failuresHeard = new Map<string, number>()

  constructor(epoch: string) {
    this.epoch = epoch
  }

  /** Takes one loadbot's report; throws, and keeps what it had, when it is not one. */
  report({ run, count, servers, latency, failures = [] }: Report): void {
    this.window[this.current]?.add(latency)
    const before = this.bots.get(count.uid)
    const bot = this.botFor(run, count, before)
    for (const { pod, version, answered } of servers) {
      const key = `${pod}\n${version}`
      const server = this.servers.get(key) ?? { pod, version, answered: 0 }
      server.answered += answered - (bot.servers.get(key) ?? 0)
      bot.servers.set(key, answered)
      this.servers.set(key, server)
    }
    this.bots.set(count.uid, bot)
    if (failures.length > 0) this.hear(run, failures)
  }

  /** The loadbot is gone; it is kept for a while. */
  gone(uid: string, at: number): void {
    const bot = this.bots.get(uid)
    if (bot) bot.goneAt ??= at
  }

  /** The state at `at` (ms since the epoch); every call moves the window of latencies on by one frame. */
  frame(at: number, unreachable: string[]): LoadFrame {
    for (const [uid, { goneAt, run }] of this.bots) {
      if (goneAt === null || at - goneAt <= KEEP_MS) continue
      this.failuresHeard.delete(run)
      this.bots.delete(uid)
    }
    const second = new Histogram()
    for (const histogram of this.window) if (histogram.total > 0) second.merge(histogram)
    this.current = (this.current + 1) % WINDOW
    this.window[this.current]?.clear()
    return {
      at,
      epoch: this.epoch,
      bots: [...this.bots.values()].map((bot) => ({ ...countOf(bot), run: bot.run })),
      servers: [...this.servers.values()],
      latency: latencyOf(second),
      unreachable,
      ...this.failuresAt(at),
    }
  }

  private hear(run: string, failures: readonly FailureRecord[]): void {
    const heard = this.failuresHeard.get(run) ?? 0
    const fresh = failures.filter(({ seq }) => seq > heard)
    this.failuresHeard.set(run, Math.max(heard, ...fresh.map(({ seq }) => seq)))
    this.failures = [...this.failures, ...fresh].slice(-FAILURES_TOLD)
  }

  private failuresAt(now: number): Pick<LoadFrame, 'failures'> {
    if (this.failures.length === 0) return {}
    this.failures = this.failures.filter(({ at }) => now - at < REPEAT_FAILURES_MS)
    return this.failures.length > 0 ? { failures: [...this.failures] } : {}
  }

  private botFor(run: string, count: BotCount, before: Bot | undefined): Bot {
    if (before === undefined) {
      return { run, count, carried: null, servers: new Map(), goneAt: null }
    }
    if (before.run === run) return { ...before, count, goneAt: null }
    return { run, count, carried: countOf(before), servers: new Map(), goneAt: null }
  }
}

function latencyOf(second: Histogram): LoadFrame['latency'] {
  if (second.total === 0) return null
  const percentile = (percent: number): number => (second.percentile(percent) ?? 0) / MILLISECOND
  return { p50: percentile(50), p90: percentile(90), p99: percentile(99), max: percentile(100) }
}
