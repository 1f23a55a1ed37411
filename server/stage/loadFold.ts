// What the loadbots counted, summed without loss or double counting, whatever restarts in between. No I/O, no clock.
//
// A loadbot counts from zero in each life of its process; one aggregator adds up the lives it has seen, the next one
// has not seen the earlier ones; and servers are counted from zero by each. So no number may be shown as it comes: the
// fold adds up what each pod's counts grew by.
import { FAILURE_CAUSES } from '../../shared/load.ts'
import type { BotCount, FailureCounts, LoadFrame } from '../../shared/load.ts'

/** Rates are taken over this long. */
const RATE_WINDOW_MS = 1_000
/** A frame older than the newest is a repetition; one this much older means that a clock was set back. */
const CLOCK_STEP_MS = 60_000

interface Counts {
  answered: number
  failed: FailureCounts
  retried: number
}

interface BotTally {
  /** As it was told last, by that aggregator, in that life of its process. */
  last: BotCount
  epoch: string
  /** Answers seen since the fold first saw it, over all its lives: what rates are made of. */
  grown: number
}

interface ServerTally {
  pod: string
  /** As of the newest frame, within the epoch. */
  last: number
  grown: number
}

/** What had been counted at one frame; differences of two samples are rates. */
interface Sample {
  at: number
  answered: number
  byVersion: ReadonlyMap<string, number>
  byBot: ReadonlyMap<string, number>
  byServer: ReadonlyMap<string, number>
}

export interface LoadFold {
  bots: Map<string, BotTally>
  /** By pod and version: a container may be given another image. */
  servers: Map<string, ServerTally>
  totals: Counts
  /** Answers grown, in all and by version. */
  grown: number
  grownByVersion: Map<string, number>
  /** Oldest first; the first may be older than the window, so that a gap is averaged over and not skipped. */
  samples: Sample[]
  newest: LoadFrame | undefined
}

/** Numbers per second and totals, as of the newest frame. */
export interface LoadReading extends Counts {
  rate: number
  inFlight: number
  p50Ms: number | null
  p99Ms: number | null
  byVersion: Record<string, number>
  /** By pod name; only pods that had some. */
  byBot: Record<string, number>
  byServer: Record<string, number>
}

const NOTHING: Counts = { answered: 0, failed: noFailures(), retried: 0 }

/** A fold that has seen nothing. */
export function emptyFold(): LoadFold {
  return {
    bots: new Map(),
    servers: new Map(),
    totals: { answered: 0, failed: noFailures(), retried: 0 },
    grown: 0,
    grownByVersion: new Map(),
    samples: [],
    newest: undefined,
  }
}

/** No failure of any cause. */
export function noFailures(): FailureCounts {
  return Object.fromEntries(FAILURE_CAUSES.map((cause) => [cause, 0])) as FailureCounts
}

/** Adds one frame in place. Frames that are repeated or late change nothing. */
export function foldFrame(fold: LoadFold, frame: LoadFrame): void {
  const before = fold.newest
  const age = before ? before.at - frame.at : -1
  if (age >= 0 && age < CLOCK_STEP_MS) return
  if (age >= CLOCK_STEP_MS) fold.samples = []
  for (const bot of frame.bots) foldBot(fold, bot, frame.epoch)
  foldServers(fold, frame, before)
  fold.newest = frame
  addSample(fold, frame)
}

function foldBot(fold: LoadFold, bot: BotCount, epoch: string): void {
  const known = fold.bots.get(bot.uid)
  const base = baseOf(known, bot, epoch)
  const growth = (of: (counts: Counts) => number): number => Math.max(0, of(bot) - of(base))
  const answered = growth((counts) => counts.answered)
  fold.totals.answered += answered
  fold.totals.retried += growth((counts) => counts.retried)
  for (const cause of FAILURE_CAUSES) {
    fold.totals.failed[cause] += growth((counts) => counts.failed[cause])
  }
  // What a pod had counted before it was first seen belongs to the totals, but not to this second.
  const grown = known ? answered : 0
  fold.grown += grown
  fold.bots.set(bot.uid, { last: bot, epoch, grown: (known?.grown ?? 0) + grown })
}

/** The counts from which `bot` went on. */
function baseOf(known: BotTally | undefined, bot: BotCount, epoch: string): Counts {
  if (!known) return NOTHING
  // The same aggregator counts on through restarts.
  if (known.epoch === epoch) return known.last
  const wentDown = bot.answered < known.last.answered
  const isSameLife = bot.run === undefined ? !wentDown : bot.run === known.last.run
  if (!isSameLife) return NOTHING
  // The same life with less: this aggregator has not seen the lives before, which are counted already.
  return wentDown ? bot : known.last
}

function foldServers(fold: LoadFold, frame: LoadFrame, before: LoadFrame | undefined): void {
  const isFirstOfEpoch = before?.epoch !== frame.epoch
  // An aggregator that starts anew does not know those that are gone; neither need we.
  const present = new Map<string, ServerTally>()
  for (const { pod, version, answered } of frame.servers) {
    const key = `${pod} ${version}`
    const known = fold.servers.get(key)
    const growth = isFirstOfEpoch ? 0 : Math.max(0, answered - (known?.last ?? 0))
    present.set(key, { pod, last: answered, grown: (known?.grown ?? 0) + growth })
    fold.grownByVersion.set(version, (fold.grownByVersion.get(version) ?? 0) + growth)
  }
  fold.servers = present
}

function addSample(fold: LoadFold, frame: LoadFrame): void {
  fold.samples.push({
    at: frame.at,
    answered: fold.grown,
    byVersion: new Map(fold.grownByVersion),
    byBot: new Map(frame.bots.map(({ pod, uid }) => [pod, fold.bots.get(uid)?.grown ?? 0])),
    byServer: grownByPod(fold.servers.values()),
  })
  const windowStart = frame.at - RATE_WINDOW_MS
  while (fold.samples[1] && fold.samples[1].at <= windowStart) fold.samples.shift()
}

function grownByPod(servers: Iterable<ServerTally>): Map<string, number> {
  const byPod = new Map<string, number>()
  for (const { pod, grown } of servers) byPod.set(pod, (byPod.get(pod) ?? 0) + grown)
  return byPod
}

/** Reads the numbers as of the newest frame. */
export function readLoad(fold: LoadFold): LoadReading {
  const first = fold.samples[0]
  const last = fold.samples.at(-1)
  const latency = fold.newest?.latency
  const seconds = first && last ? (last.at - first.at) / 1000 : 0
  const rates = (of: (sample: Sample) => ReadonlyMap<string, number>): Record<string, number> =>
    first && last && seconds > 0 ? differences(of(first), of(last), seconds) : {}
  return {
    answered: fold.totals.answered,
    failed: { ...fold.totals.failed },
    retried: fold.totals.retried,
    rate: first && last && seconds > 0 ? Math.round((last.answered - first.answered) / seconds) : 0,
    inFlight: (fold.newest?.bots ?? []).reduce((sum, { inFlight }) => sum + inFlight, 0),
    p50Ms: latency?.p50 ?? null,
    p99Ms: latency?.p99 ?? null,
    byVersion: rates(({ byVersion }) => byVersion),
    byBot: rates(({ byBot }) => byBot),
    byServer: rates(({ byServer }) => byServer),
  }
}

/** Per second, whole numbers; what did not grow is left out. */
function differences(
  from: ReadonlyMap<string, number>,
  to: ReadonlyMap<string, number>,
  seconds: number,
): Record<string, number> {
  const rates: Record<string, number> = {}
  for (const [name, count] of to) {
    const rate = Math.round((count - (from.get(name) ?? 0)) / seconds)
    if (rate > 0) rates[name] = rate
  }
  return rates
}

/** One line of the aggregator; undefined when it is not a frame. */
export function parseFrame(line: string): LoadFrame | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { at, epoch, bots, servers } = value as Partial<LoadFrame>
  const isFrame =
    typeof at === 'number' &&
    typeof epoch === 'string' &&
    Array.isArray(bots) &&
    Array.isArray(servers)
  return isFrame ? (value as LoadFrame) : undefined
}
