// Requests per second of each pod: reads what the aggregator counted, as a metrics adapter reads a Prometheus, while some
// autoscaler asks for it.
import type { HorizontalPodAutoscaler } from '../../shared/kubernetes/autoscaling.ts'
import { horizontalPodAutoscalers, services } from '../../shared/kubernetes/kinds.ts'
import type { PodRate } from '../../shared/usage.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { Timer } from '../machinery/clock.ts'

export interface RequestRates extends Running {
  /** The newest; empty while nobody asks for it or the aggregator does not answer. */
  current(): readonly PodRate[]
}

/** The Service that says what pods answered. */
const AGGREGATOR = { namespace: 'default', name: 'aggregator' }
const EVERY_MS = 2_000
const ANSWERS = /^podium_server_answers_total\{pod="([^"]+)",version="[^"]*"\} (\d+)$/gm

/** Starts reading. */
export function startRequestRates(deps: RoomDeps): RequestRates {
  const autoscalers = deps.informers.of(horizontalPodAutoscalers)
  const stopping = new AbortController()
  const log = deps.log.named('request-rates')
  let before: { at: number; counts: ReadonlyMap<string, number> } | undefined
  let rates: readonly PodRate[] = []
  let timer: Timer | undefined

  const look = async (): Promise<void> => {
    if (![...autoscalers.all()].some(asksForRates)) {
      before = undefined
      rates = []
      return
    }
    const text = await textOf(deps, stopping.signal)
    const now = { at: deps.clock.now(), counts: countsIn(text) }
    if (before) rates = ratesBetween(before, now)
    before = now
  }
  const again = (): void => {
    timer = deps.clock.after(EVERY_MS, () => {
      looking = look()
        .catch((error: unknown) => {
          before = undefined
          rates = []
          log.debug(`the aggregator does not answer: ${messageOf(error)}`)
        })
        .finally(() => {
          if (!stopping.signal.aborted) again()
        })
    })
  }
  let looking: Promise<void> = Promise.resolve()
  again()
  return {
    current: () => rates,
    async close() {
      stopping.abort()
      timer?.cancel()
      await looking
    },
  }
}

function asksForRates({ spec }: HorizontalPodAutoscaler): boolean {
  return (spec.metrics ?? []).some(({ type }) => type === 'Pods' || type === 'Object')
}

async function textOf({ client }: RoomDeps, signal: AbortSignal): Promise<string> {
  const request = { path: 'proxy/metrics', signal }
  const response = await client.stream(services, AGGREGATOR, request)
  if (response.status !== 200) throw new Error(`status ${response.status}`)
  const pieces: Uint8Array[] = []
  for await (const piece of response.body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Answers by pod, over all its versions. */
export function countsIn(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [, pod = '', count] of text.matchAll(ANSWERS)) {
    counts.set(pod, (counts.get(pod) ?? 0) + Number(count))
  }
  return counts
}

interface Counts {
  at: number
  counts: ReadonlyMap<string, number>
}

/** What each pod answered per second between two looks. One that counts from zero again is known next time. */
export function ratesBetween(before: Counts, now: Counts): PodRate[] {
  const seconds = (now.at - before.at) / 1000
  if (!(seconds > 0)) return []
  return [...now.counts].flatMap(([name, count]) => {
    const grown = count - (before.counts.get(name) ?? count)
    if (grown < 0 || !before.counts.has(name)) return []
    const { namespace } = AGGREGATOR
    return [{ namespace, name, requestsPerSecond: grown / seconds, at: now.at }]
  })
}
