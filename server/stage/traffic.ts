// What is measured beside the demo's own load: ingress pods and other loadbots, asked while somebody looks and not else.
import type { KubeClient } from '../../shared/client.ts'
import { parseImage } from '../../shared/images.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { BotReport } from '../../shared/load.ts'
import type {
  BotRates,
  ComparisonView,
  IngressPodRates,
  TrafficReport,
} from '../../shared/traffic.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Informers } from '../machinery/informer.ts'
import { messageOf } from '../machinery/log.ts'
import { jsonOf } from './answers.ts'
import type { Cast } from './cast.ts'
import { rateBetween } from './rates.ts'

/** Asked more often than that, the answer of before is given: ten browsers cost what one does. */
const LOOK_EVERY_MS = 900
/** Looks further apart say nothing about now. */
const STALE_MS = 5_000
/** The label of an ingress data plane's pods, and where they tell what they count (server/ingress). */
const CLASS_LABEL = 'podium.dev/ingress-class'
const INGRESS_STATS = { port: 10_254, path: 'proxy/stats' }
const LOADBOT_REPORT = { port: 8080, path: 'proxy/report' }
const BY_MEASURED = 'stage/measured'

interface Counts {
  requests: number
  failed: number
}

interface Look {
  at: number
  /** By pod uid, then by backend; a loadbot has one, `''`. */
  counts: Map<string, Map<string, Counts>>
  /** Answers by loadbot's uid and server pod. */
  servers: Map<string, Map<string, number>>
}

export interface TrafficDeps {
  client: Pick<KubeClient, 'stream'>
  informers: Informers
  clock: Clock
  cast: Cast | null
  comparison: () => ComparisonView | null
}

/** Answers what passed since the look before; looks at most once in a while. */
export function createTraffic(deps: TrafficDeps): { report(): Promise<TrafficReport> } {
  const { informers, clock, cast } = deps
  const informer = informers.of(pods)
  informer.addIndex(BY_MEASURED, (pod) => {
    if (pod.metadata.labels?.[CLASS_LABEL] !== undefined) return ['ingress']
    return isForeignBot(pod, cast) ? ['bot'] : []
  })
  let before: Look | undefined
  let newest: { at: number; report: Promise<Omit<TrafficReport, 'comparison'>> } | undefined

  const look = async (): Promise<Omit<TrafficReport, 'comparison'>> => {
    const now: Look = { at: clock.now(), counts: new Map(), servers: new Map() }
    const then = before && now.at - before.at < STALE_MS ? before : undefined
    const ready = (what: string): Pod[] => informer.byIndex(BY_MEASURED, what).filter(isPodReady)
    const [ingress, bots] = await Promise.all([
      Promise.all(ready('ingress').map((pod) => lookAtIngress(deps, pod, now, then))),
      Promise.all(ready('bot').map((pod) => lookAtBot(deps, pod, now, then))),
    ])
    before = now
    return { at: now.at, ingress, bots: bots.filter((bot) => bot !== null) }
  }
  return {
    async report() {
      const now = clock.now()
      if (!newest || now - newest.at >= LOOK_EVERY_MS) newest = { at: now, report: look() }
      return { ...(await newest.report), comparison: deps.comparison() }
    },
  }
}

/** A loadbot that the aggregator does not count. */
function isForeignBot({ metadata, spec }: Pod, cast: Cast | null): boolean {
  const [container] = spec.containers
  if (!container || parseImage(container.image ?? '').name !== 'loadbot') return false
  const isOfCast =
    metadata.namespace === cast?.namespace && metadata.labels?.['run'] === cast?.loadbots
  return !isOfCast
}

async function lookAtIngress(
  { client }: TrafficDeps,
  pod: Pod,
  now: Look,
  then: Look | undefined,
): Promise<IngressPodRates> {
  const { name = '', uid = '', namespace, labels } = pod.metadata
  const head = { pod: keyOf(pod), className: labels?.[CLASS_LABEL] ?? '' }
  const key = { namespace, name: `${name}:${INGRESS_STATS.port}` }
  try {
    const told = await jsonOf<{ backends?: Record<string, Counts> }>(client, key, INGRESS_STATS)
    const counts = new Map(Object.entries(told.backends ?? {}))
    now.counts.set(uid, counts)
    const earlier = then?.counts.get(uid)
    const rates = [...counts].map(([backend, held]) => {
      // What was not there a moment ago had counted nothing.
      const from = earlier && (earlier.get(backend) ?? { requests: 0, failed: 0 })
      return [backend, edgeOf(from, held, then, now)] as const
    })
    return { ...head, backends: Object.fromEntries(rates), problem: null }
  } catch (error) {
    return { ...head, backends: {}, problem: messageOf(error) }
  }
}

async function lookAtBot(
  { client }: TrafficDeps,
  pod: Pod,
  now: Look,
  then: Look | undefined,
): Promise<BotRates | null> {
  const { name = '', uid = '', namespace = '' } = pod.metadata
  const key = { namespace, name: `${name}:${LOADBOT_REPORT.port}` }
  try {
    const told = await jsonOf<BotReport>(client, key, LOADBOT_REPORT)
    const failed = Object.values(told.failed).reduce((sum, count) => sum + count, 0)
    const held = { requests: told.answered + failed, failed }
    const earlier = then?.counts.get(uid)?.get('')
    now.counts.set(uid, new Map([['', held]]))
    const servers = new Map<string, number>()
    for (const { pod: by, answered } of told.servers) {
      servers.set(by, (servers.get(by) ?? 0) + answered)
    }
    now.servers.set(uid, servers)
    return {
      namespace,
      pod: name,
      ip: pod.status?.podIP ?? '',
      target: told.target ?? null,
      ...edgeOf(earlier, held, then, now),
      byServer: ratesOf(then?.servers.get(uid), servers, then, now),
    }
  } catch {
    // It is going, or has only come: the next look tells.
    return null
  }
}

function edgeOf(
  from: Counts | undefined,
  to: Counts,
  then: Look | undefined,
  now: Look,
): { perSecond: number | null; failedPerSecond: number | null } {
  const ms = then ? now.at - then.at : 0
  return {
    perSecond: rateBetween(from?.requests, to.requests, ms),
    failedPerSecond: rateBetween(from?.failed, to.failed, ms),
  }
}

function ratesOf(
  from: ReadonlyMap<string, number> | undefined,
  to: ReadonlyMap<string, number>,
  then: Look | undefined,
  now: Look,
): Record<string, number> {
  if (!from || !then) return {}
  const rates = [...to].map(
    ([name, count]) =>
      [name, rateBetween(from.get(name) ?? 0, count, now.at - then.at) ?? 0] as const,
  )
  return Object.fromEntries(rates.filter(([, rate]) => rate > 0))
}
