// The whole show in one answer, for scripts and for whoever waits until it plays.
import type { LoadView, PodState, Summary } from '../../shared/stage.ts'
import type { Cast } from './cast.ts'
import type { Feed } from './feed.ts'
import type { Load } from './load.ts'
import { noFailures } from './loadFold.ts'

/** `GET /api/summary`. `pods` counts the servers of the demo, or all pods when there is none. */
export function summaryOf(feed: Feed, load: LoadView | undefined, cast: Cast | null): Summary {
  return {
    // What was measured last is not what happens now.
    requestsPerSecond: load?.live ? load.rate : 0,
    served: load?.answered ?? 0,
    failed: load?.failed ?? 0,
    failedByCause: load?.failedByCause ?? noFailures(),
    retried: load?.retried ?? 0,
    inFlight: load?.inFlight ?? 0,
    p50Ms: load?.p50Ms ?? null,
    p99Ms: load?.p99Ms ?? null,
    byVersion: load?.live ? load.byVersion : {},
    proxyMode: [...feed.all('service').values()][0]?.proxyMode ?? null,
    pods: countPods(feed, cast),
  }
}

function countPods(feed: Feed, cast: Cast | null): Record<PodState, number> {
  const counts: Record<PodState, number> = {
    pending: 0,
    starting: 0,
    ready: 0,
    stopping: 0,
    failed: 0,
    unknown: 0,
    succeeded: 0,
  }
  for (const { role, state } of feed.all('pod').values()) {
    if (!cast || role === 'server') counts[state] += 1
  }
  return counts
}

/** Why the show does not play yet, as a sentence; undefined when it does. */
export function whyNotReady(
  { feed, load }: { feed: Feed; load: Load | undefined },
  cast: Cast | null,
): string | undefined {
  const nodes = [...feed.all('node').values()]
  if (nodes.length > 0 && !nodes.some(({ ready }) => ready)) return 'No node is Ready.'
  if (!cast) return undefined
  const service = [...feed.all('service').values()][0]
  if (!service) return `The Service ${cast.service} does not exist yet.`
  if (service.endpoints === 0) return `No pod of the Service ${cast.service} is ready.`
  const fleet = [...feed.all('fleet').values()][0]
  if (!fleet) return 'The loadbots do not exist yet.'
  if (fleet.replicas === 0) return undefined
  const current = load?.current()
  if (!current?.live) return 'The aggregator does not answer yet.'
  return current.rate > 0 ? undefined : 'No request has been answered yet.'
}
