// Everything behind the stage's door: the feed and what fills it, the load, the browsers that are told, and the actions.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { OnDeletion } from '../../shared/deletions.ts'
import { countReadyServers, gateStateOf } from '../../shared/gates.ts'
import type { GateState } from '../../shared/gates.ts'
import type {
  Action,
  ActionResult,
  CueRequest,
  FailureReport,
  LoadUpdate,
  LoadView,
  PodView,
  ReplayRequest,
  ReplayView,
  ServiceRules,
  StageInfo,
  TraceView,
  ViewKind,
  ViewOf,
} from '../../shared/stage.ts'
import { unavailable } from '../../shared/status.ts'
import type { ScalingHistory, TrafficReport } from '../../shared/traffic.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { startAutopsies } from './autopsies.ts'
import { startBrowsers } from './browsers.ts'
import { startCaptions } from './captions.ts'
import type { Captions } from './captions.ts'
import { castObjects } from './cast.ts'
import type { Cast, CastObjects } from './cast.ts'
import { giveCue } from './cues.ts'
import { createFeed } from './feed.ts'
import type { Feed } from './feed.ts'
import { targetRate } from './loadRate.ts'
import { startLoad } from './load.ts'
import type { Load, LoadDeps } from './load.ts'
import { noFailures } from './loadFold.ts'
import { perform } from './perform.ts'
import type { PerformDeps } from './perform.ts'
import { setReplay } from './replay.ts'
import { createRollingUpdates } from './rollingUpdates.ts'
import { startScaling } from './scaling.ts'
import { startScenes } from './scenes/scenes.ts'
import { previousSet } from './rolloutSets.ts'
import { traceRequest } from './trace.ts'
import { createTraffic } from './traffic.ts'
import { setsOf, startViews } from './views.ts'

export interface ShowOptions {
  cast: Cast | null
  info: StageInfo
  http: HttpServer
  /** May this WebSocket handshake come in? */
  admits: (request: IncomingMessage) => boolean
  /** Tells what kubectl deletes. */
  onDeletion: OnDeletion
  /** What the service proxy has in force for a service (`namespace/name`). */
  rules: (service: string) => readonly ServiceRules[]
}

export interface Show extends Running {
  feed: Feed
  /** Absent without a demo. */
  load: Load | undefined
  /** True once the feed shows the whole cluster. */
  isSynced(): boolean
  act(action: Action): Promise<ActionResult>
  /** Takes the show to a step of its script and does what it says. */
  cue(request: CueRequest): Promise<void>
  /** Has every screen of the hall show a moment of the past, or now again. */
  replay(request: ReplayRequest): ReplayView
  /** Has a loadbot send one request and tells its way. */
  trace(): Promise<TraceView>
  /** Why requests failed, as far as it is known. */
  failures(): FailureReport
  /** What passes through ingresses and loadbots beside the demo's. */
  traffic(): Promise<TrafficReport>
  /** What autoscalers saw and wanted. */
  scaling(): ScalingHistory
}

/** Starts the show; browsers are answered at once and see the cluster as soon as it has been read. */
export function startShow(deps: RoomDeps, options: ShowOptions): Show {
  const { cast, info, http, admits, rules, onDeletion } = options
  const { client, informers, clock } = deps
  const feed = createFeed(randomUUID())
  const objects = castObjects(informers, cast)
  const views = startViews({ informers, clock, feed, cast, objects })
  const autopsies = cast ? startAutopsies({ feed, clock, cast, rules }) : undefined
  const load = cast
    ? startLoadOf(deps, cast, objects, {
        onLoad: (view) => tell(view, cast),
        onFailures: (failures) => autopsies?.failed(failures),
      })
    : undefined
  const history = (): LoadView[] => load?.history() ?? []
  const browsers = startBrowsers(http, { feed, clock, info, history, admits })
  const tell = (view: LoadView, cast: Cast): void => browsers.tellLoad(loadUpdate(view, feed, cast))

  const updates = createRollingUpdates(deps)
  const beside = startBeside(deps, feed, cast)
  const { scenes } = beside
  let captions: Captions | undefined
  let closed = false
  void views.synced.then(() => {
    if (!closed) captions = startCaptions({ feed, clock, informers, cast, onDeletion })
  })
  const state = (): GateState => gateStateFrom(feed, info)
  const show: Show = {
    feed,
    load,
    isSynced: () => captions !== undefined,
    async act(action) {
      if (!captions) throw unavailable('The cluster is starting; try again in a moment.')
      const deployment = objects.deployment()
      const previous = deployment && previousSet(deployment, setsOf(informers, deployment))?.set
      const pods = [...feed.all('pod').values()]
      const scene = { client, captions, cast, state, deployment, previousSet: previous, pods }
      const controllerOf: PerformDeps['controllerOf'] = (target) => objects[target]()
      return perform({ ...scene, updates, scenes, controllerOf, random: Math.random }, action)
    },
    cue: (request) => giveCue({ feed, clock, state, act: (action) => show.act(action) }, request),
    replay: (request) => setReplay({ feed, clock }, request),
    trace() {
      const pods = (): PodView[] => [...feed.all('pod').values()]
      return traceRequest({ client, cast, pods, rules, random: Math.random })
    },
    failures: () => autopsies?.report(load?.current()) ?? NO_FAILURES,
    traffic: () => beside.traffic.report(),
    scaling: () => beside.scaling.history(),
    async close() {
      closed = true
      views.close()
      autopsies?.close()
      captions?.close()
      await Promise.all([beside.close(), updates.close(), load?.close(), browsers.close()])
    },
  }
  return show
}

/** What is played and measured beside the demo's own load. */
function startBeside(deps: RoomDeps, feed: Feed, cast: Cast | null) {
  const scenes = startScenes(deps, feed)
  const scaling = startScaling(deps)
  const traffic = createTraffic({ ...deps, cast, comparison: () => scenes.comparison() })
  const close = async (): Promise<void> => {
    scaling.close()
    await scenes.close()
  }
  return { scenes, scaling, traffic, close }
}

const NO_FAILURES: FailureReport = { byCause: noFailures(), groups: [], untold: 0 }

function startLoadOf(
  { client, clock }: RoomDeps,
  cast: Cast,
  objects: CastObjects,
  heard: Pick<LoadDeps, 'onLoad' | 'onFailures'>,
): Load {
  const aggregator = { namespace: cast.namespace, name: cast.aggregator }
  return startLoad({
    client,
    clock,
    aggregator,
    target: () => targetRate(objects.loadbots(), objects.loadbotConfig()),
    ...heard,
  })
}

function gateStateFrom(feed: Feed, info: StageInfo): GateState {
  const all = <K extends ViewKind>(kind: K): ViewOf<K>[] => [...feed.all(kind).values()]
  return gateStateOf(info, {
    rollouts: all('rollout'),
    fleets: all('fleet'),
    services: all('service'),
    nodes: all('node'),
    scenes: all('scene'),
    readyServers: countReadyServers(feed.all('pod').values()),
  })
}

/** The load as it travels: rates by the pods' small numbers instead of their names. */
function loadUpdate(load: LoadView, feed: Feed, cast: Cast): LoadUpdate {
  const { byBot, byServer, ...rest } = load
  const byPod: number[] = []
  for (const [name, rate] of [...Object.entries(byBot), ...Object.entries(byServer)]) {
    const pod = feed.get('pod', `${cast.namespace}/${name}`)
    if (pod) byPod[pod.index] = rate
  }
  // JSON writes holes as `null`; zeros are shorter.
  return { ...rest, byPod: Array.from(byPod, (rate) => rate ?? 0) }
}
