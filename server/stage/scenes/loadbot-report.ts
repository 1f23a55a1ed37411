// What a loadbot says of its own requests, read through the API: full latency histograms, and one traced request.
import type { KubeClient, ObjectKey } from '../../../shared/client.ts'
import { Histogram } from '../../../shared/histogram.ts'
import type { HistogramDelta } from '../../../shared/histogram.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { BotCount, TracedRequest } from '../../../shared/load.ts'
import { HISTOGRAM } from '../../../shared/traffic.ts'
import type { ModeMeasure } from '../../../shared/traffic.ts'
import { jsonOf } from '../answers.ts'
import type { Play } from './script.ts'

interface Line {
  count: BotCount
  latency: HistogramDelta
}

const failedOf = ({ failed }: BotCount): number =>
  Object.values(failed).reduce((sum, count) => sum + count, 0)

/**
 * Listens to the loadbot at `key` (`pod:port`) for `ms`.
 * @returns what it counted in that time
 */
export async function listenTo(
  { client, clock, signal }: Pick<Play, 'client' | 'clock' | 'signal'>,
  key: ObjectKey,
  ms: number,
): Promise<Omit<ModeMeasure, 'mode' | 'sentFrom' | 'seenFrom'>> {
  const before = await slippedOf(client, key)
  const ended = new AbortController()
  const timer = clock.after(ms, () => ended.abort())
  const latencies = new Histogram()
  let first: BotCount | undefined
  let last: BotCount | undefined
  try {
    const { body } = await client.stream(pods, key, {
      path: 'proxy/stream',
      signal: AbortSignal.any([signal, ended.signal]),
    })
    for await (const line of linesOf(body, ended.signal)) {
      const { count, latency } = JSON.parse(line) as Line
      // The first line's latencies are of a moment before.
      if (first) latencies.add(latency)
      first ??= count
      last = count
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error
  } finally {
    timer.cancel()
  }
  if (!first || !last) throw new Error('The loadbot said nothing.')
  const millis = (percent: number): number | null => {
    const micros = latencies.percentile(percent)
    return micros === null ? null : micros / 1000
  }
  return {
    answered: last.answered - first.answered,
    failed: failedOf(last) - failedOf(first),
    slipped: (await slippedOf(client, key)) - before,
    p50Ms: millis(50),
    p99Ms: millis(99),
    buckets: bucketsOf(latencies),
  }
}

/** The histogram in the buckets of `HISTOGRAM`; what is faster or slower than all of them counts as the nearest. */
export function bucketsOf(latencies: Histogram): number[] {
  const { firstMs, perOctave, octaves } = HISTOGRAM
  const buckets = Array<number>(perOctave * octaves).fill(0)
  latencies.forEach((micros, count) => {
    const place = Math.floor(Math.log2(Math.max(micros, 1) / 1000 / firstMs) * perOctave)
    const index = Math.min(buckets.length - 1, Math.max(0, place))
    buckets[index] = (buckets[index] ?? 0) + count
  })
  return buckets
}

async function slippedOf(client: KubeClient, key: ObjectKey): Promise<number> {
  const { slipped } = await jsonOf<{ slipped: number }>(client, key, { path: 'proxy/report' })
  return slipped
}

/** Has the loadbot send one request more, and answers where it left from and what the pod saw. */
export async function traceOf(
  client: KubeClient,
  key: ObjectKey,
): Promise<Pick<ModeMeasure, 'sentFrom' | 'seenFrom'>> {
  const traced = await jsonOf<TracedRequest>(client, key, { method: 'POST', path: 'proxy/trace' })
  return { sentFrom: hostOf(traced.from), seenFrom: traced.seenFrom && hostOf(traced.seenFrom) }
}

/** `127.64.0.3:40123` → `127.64.0.3`. */
function hostOf(address: string): string {
  const colon = address.lastIndexOf(':')
  return colon < 0 ? address : address.slice(0, colon)
}

async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  ended: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
    if (ended.aborted) return
  }
}
