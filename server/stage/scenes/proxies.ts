// The same load through both proxies, one after the other: one loadbot in open loop, two pods, and what it measured.
import type { KubeClient } from '../../../shared/client.ts'
import { PROXY_MODE_ANNOTATION, SERVICE_PROXY } from '../../../shared/kubernetes/cluster.ts'
import { configMaps, leases, pods } from '../../../shared/kubernetes/kinds.ts'
import { isPodReady } from '../../../shared/kubernetes/pod.ts'
import type { ProxyMode } from '../../../shared/stage.ts'
import type { ComparisonView, ModeMeasure } from '../../../shared/traffic.ts'
import { messageOf } from '../../machinery/log.ts'
import { listenTo, traceOf } from './loadbot-report.ts'
import { loadbot, serviceOf, webServers } from './objects.ts'
import { create, pause, until } from './script.ts'
import type { Play, Scene } from './script.ts'

/** What was asked for before, and what was in force: `auto` does not say which. */
const ASKED_BEFORE = 'podium.dev/proxy-mode-asked-before'
const MODE_BEFORE = 'podium.dev/proxy-mode-before'
const SERVICE = 'echo'
const METER = 'meter'
const OFFERED_PER_SECOND = 2_000
const SECONDS = 5
/** Connections live for a second: after this none is left that the other mode made. */
const SETTLE_MS = 1_800
const RESTORE_BOUND_MS = 15_000

export const proxies: Scene = {
  endsItself: true,
  async before(client) {
    const [asked, mode] = [await wantedMode(client), await modeInForce(client)]
    return { [ASKED_BEFORE]: asked ?? '', ...(mode && { [MODE_BEFORE]: mode }) }
  },
  async restore({ client, clock, signal }, annotations) {
    const { [ASKED_BEFORE]: asked, [MODE_BEFORE]: mode } = annotations
    if (asked === undefined) return
    if (mode !== undefined && (await modeInForce(client)) !== mode) {
      await askFor(client, mode)
      const isBack = async () => ((await modeInForce(client)) === mode ? true : undefined)
      await until({ clock, signal }, `The switch back to ${mode}`, isBack, RESTORE_BOUND_MS)
    }
    if ((await wantedMode(client)) !== asked) await askFor(client, asked || null)
  },
  async play(play) {
    const comparison: ComparisonView = {
      startedAt: play.clock.now(),
      endedAt: null,
      offeredPerSecond: OFFERED_PER_SECOND,
      seconds: SECONDS,
      measuring: null,
      measures: [],
      problem: null,
    }
    const tell = (change: Partial<ComparisonView>): void => {
      play.compared(Object.assign(comparison, change))
    }
    tell({})
    try {
      await compare(play, tell)
      tell({ endedAt: play.clock.now(), measuring: null })
    } catch (error) {
      tell({ endedAt: play.clock.now(), measuring: null, problem: messageOf(error) })
    }
  },
}

async function compare(play: Play, tell: (change: Partial<ComparisonView>) => void): Promise<void> {
  play.say('Two pods and one loadbot of their own.')
  await create(play, [
    webServers(SERVICE, { version: 'v1', path: '/', replicas: 2 }),
    serviceOf(SERVICE),
    loadbot(METER, { host: SERVICE, path: '/', rate: OFFERED_PER_SECOND }),
  ])
  const bot = await until(play, 'The loadbot', () => readyPod(play, METER))
  await until(play, 'The pods', () => readyPod(play, SERVICE))
  const first = await until(play, 'The proxy', () => modeInForce(play.client))
  const measures: ModeMeasure[] = []
  // The mode that runs comes first: then there is one switch, and one back.
  for (const mode of [first, first === 'iptables' ? 'userspace' : 'iptables'] as const) {
    play.say(`Switching to ${mode}.`)
    await askFor(play.client, mode)
    const isInForce = async () => ((await modeInForce(play.client)) === mode ? true : undefined)
    await until(play, `The switch to ${mode}`, isInForce)
    await pause(play, SETTLE_MS)
    play.say(`${OFFERED_PER_SECOND} requests a second through ${mode}, for ${SECONDS} s.`)
    tell({ measuring: mode })
    measures.push(await measure(play, bot, mode))
    tell({ measures: [...measures] })
  }
}

async function measure(play: Play, bot: string, mode: ProxyMode): Promise<ModeMeasure> {
  const key = { namespace: play.namespace, name: `${bot}:8080` }
  const heard = await listenTo(play, key, SECONDS * 1000)
  const { sentFrom, seenFrom } = await traceOf(play.client, key)
  return { mode, ...heard, sentFrom, seenFrom }
}

async function readyPod({ client, namespace }: Play, app: string): Promise<string | undefined> {
  const { items } = await client.list(pods, { namespace, labelSelector: `app=${app}` })
  return items.find(isPodReady)?.metadata.name
}

async function wantedMode(client: KubeClient): Promise<string | undefined> {
  return (await client.get(configMaps, SERVICE_PROXY)).data?.['mode']
}

async function askFor(client: KubeClient, mode: string | null): Promise<void> {
  await client.patch(configMaps, SERVICE_PROXY, { data: { mode } }, { type: 'merge' })
}

async function modeInForce(client: KubeClient): Promise<ProxyMode | undefined> {
  const lease = await client.get(leases, SERVICE_PROXY)
  const mode = lease.metadata.annotations?.[PROXY_MODE_ANNOTATION]
  return mode === 'iptables' || mode === 'userspace' ? mode : undefined
}
