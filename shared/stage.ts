// What the stage and the browser say to each other. Both ends import these types, so neither can drift.
import type { FailureCause, FailureCounts, TracedRequest } from './load.ts'
import type { SceneName } from './scenes.ts'

export const PROTOCOL_VERSION = 1

/** The states of the tile vocabulary. */
export type PodState =
  'pending' | 'starting' | 'ready' | 'stopping' | 'failed' | 'unknown' | 'succeeded'

/** What part a pod plays in the show. */
export type PodRole = 'server' | 'loadbot' | 'aggregator' | 'other'

export interface PodView {
  kind: 'pod'
  /** `namespace/name` */
  key: string
  uid: string
  name: string
  role: PodRole
  /** null until scheduled. */
  node: string | null
  /** Its place among the pods of its role on its node, kept for life; null until scheduled. */
  slot: number | null
  /** A small number that is this pod's alone while it lives: what `LoadUpdate.byPod` is ordered by. */
  index: number
  /** The image tag of its first container: `v1`. */
  version: string
  state: PodState
  /** 0–1: how far a starting pod is (scheduled, process up, probes passed), or a stopping pod through its grace. */
  progress: number
  restarts: number
  ip: string | null
  /** Why it is not ready, in Kubernetes' words (`CrashLoopBackOff`, `Unschedulable: 0/4 nodes …`). */
  reason: string | null
  /** When it entered this state, ms since epoch. */
  since: number
  /** While stopping: when its grace ends (ms since epoch), so that the tile can shrink without further news; else null. */
  stopsBy: number | null
}

export interface NodeView {
  kind: 'node'
  key: string
  name: string
  ready: boolean
  simulated: boolean
  unschedulable: boolean
  /** Failed on purpose from the stage. */
  failed: boolean
}

/** The Deployment of the nginx pods and where its rollout stands. */
export interface RolloutView {
  kind: 'rollout'
  key: string
  name: string
  container: string
  /** The image of that container. */
  image: string
  replicas: number
  updated: number
  ready: number
  available: number
  /** Old pods still there. */
  old: number
  paused: boolean
  phase: 'steady' | 'scaling' | 'updating' | 'paused' | 'stuck'
  /** What the phase means right now, as a sentence for the hall; null when steady. */
  message: string | null
  fromVersion: string | null
  toVersion: string
  /** The version `rollout undo` would go back to; null when there is no older revision. */
  previousVersion: string | null
  maxSurge: string
  maxUnavailable: string
  /** When the present update began (ms since epoch), null when none runs. */
  startedAt: number | null
  /** Lowest number of ready pods seen since the update began. */
  lowestReady: number | null
  /** Estimated from the pace so far; null when unknown. */
  secondsLeft: number | null
  /** The update paused itself: why, and which pods failed. `rollBack` and `resume` (proceed anyway) lead out of it. */
  pausedItself?: { because: string; pods: string[] }
}

/** The ReplicationController of the loadbots. */
export interface FleetView {
  kind: 'fleet'
  key: string
  name: string
  replicas: number
  ready: number
  /** What each is set to send per second; null when that is not set: they go as fast as they can, or there are none. */
  ratePerLoadbot: number | null
  /** Whether the stage can set it (action `load`): the loadbots take it from their ConfigMap. */
  adjustable: boolean
  /** What this machine was found to sustain per second in all; null until it has been measured. */
  fullLoad: number | null
}

export type ProxyMode = 'userspace' | 'iptables'

export interface ServiceView {
  kind: 'service'
  key: string
  name: string
  /** `127.96.0.42:80` */
  address: string
  /** Endpoints that get traffic now. */
  endpoints: number
  proxyMode: ProxyMode | null
}

/** How the service proxy leads a new connection to one pod. */
export interface RuleView {
  /** The pod's address: `127.72.3.1:80`. */
  target: string
  /** The kernel's rule, as it was written; null where no rule leads there but a process (userspace). */
  text: string | null
  /** 0–1: how likely this rule takes a connection that reached it, the rules before it having passed it on. */
  probability: number
}

/** What is in force for a port of a service. */
export interface ServiceRules {
  /** The service's own address: `127.96.0.42:80`. */
  address: string
  mode: ProxyMode
  /** In the order in which they are asked. */
  rules: RuleView[]
}

/** Answer of `POST /api/trace`: one real request that a loadbot sent, and what is known of its way. */
export interface TraceView extends TracedRequest {
  /** Of the loadbot, the Service and the pod. */
  namespace: string
  bot: string
  botNode: string | null
  service: string
  mode: ProxyMode | null
  /** The rule that led it there, of how many; null when it is not known which. */
  rule: (RuleView & { place: number; of: number }) | null
  /** The pod's node and address; null when the answer did not say which pod it was. */
  node: string | null
  podAddress: string | null
}

/** What a pod did at a moment, as far as its failures are concerned. */
export type PodPhaseWord = 'starting' | 'ready' | 'draining' | 'failed' | 'gone' | 'unknown'

/** Failed requests that have their story in common. */
export interface FailureGroup {
  cause: FailureCause
  count: number
  /** ms since the epoch. */
  first: number
  last: number
  /** The pod of the connection; null: there was no connection, or nobody had answered on it. */
  pod: string | null
  version: string | null
  node: string | null
  /** What the pod was when the request failed, and when the connection was made. */
  phase: PodPhaseWord
  phaseAtConnect: PodPhaseWord
  /** What became of the pod within the two seconds after: `gone` after so many ms; null: nothing. */
  aftermath: { phase: PodPhaseWord; afterMs: number } | null
  /** What led the connection there: the rule, or the process; null: not known. */
  rule: string | null
  bots: number
}

/** Answer of `GET /api/failures`. */
export interface FailureReport {
  /** Exact, by cause, since the stage began to count. */
  byCause: FailureCounts
  /** Newest first. */
  groups: FailureGroup[]
  /** Failed requests without a story: from before the stage ran, or too many to remember. */
  untold: number
}

export interface EventView {
  kind: 'event'
  key: string
  at: number
  type: 'Normal' | 'Warning'
  reason: string
  /** `Pod nginx-6f7-abcde` */
  about: string
  message: string
}

/** What was done, as a command: by the stage's own controls, kubectl, another program, or a controller of the cluster. */
export interface CommandView {
  kind: 'command'
  key: string
  at: number
  /** The kubectl line that equals what was done. */
  line: string
  by: 'stage' | 'kubectl' | 'script' | 'cluster'
}

/** A scene that is on: its Namespace exists. */
export interface SceneView {
  kind: 'scene'
  key: SceneName
  phase: 'running' | 'ending'
  /** Where it stands, as a sentence; null when there is nothing to add. */
  message: string | null
  /** When its Namespace was made, ms since epoch. */
  since: number
}

/** Where the show stands in its script (shared/acts.ts); there is none while no act is on. */
export interface CueView {
  kind: 'cue'
  key: 'now'
  /** Index in CUES. */
  cue: number
  /** When the first cue was given, ms since epoch. */
  beganAt: number
  /** When this cue was given. */
  at: number
}

/** How fast a replay goes; 0 stands still. */
export type ReplaySpeed = 0 | 1 | 4 | 16

/** Which moment of the past every screen of the hall shows; there is none before somebody looked back. */
export interface ReplayView {
  kind: 'replay'
  key: 'now'
  /** Grows with each request: of two that cross on their way the later one counts. */
  turn: number
  /** What was shown at `at`, ms since epoch; null: the stage is live again. */
  moment: number | null
  speed: ReplaySpeed
  /** When this was asked for. */
  at: number
}

/** Body of `POST /api/replay`. */
export interface ReplayRequest {
  /** The moment to show, ms since epoch; null: live again. */
  moment: number | null
  speed: ReplaySpeed
}

/** Body of `POST /api/cue`. */
export interface CueRequest {
  /** Index in CUES; null ends the show. */
  cue: number | null
  /** Whether to do what the step says, or only to show where the show stands. */
  run: boolean
}

export type View =
  | PodView
  | NodeView
  | RolloutView
  | FleetView
  | ServiceView
  | EventView
  | CommandView
  | SceneView
  | CueView
  | ReplayView
export type ViewKind = View['kind']
/** The view of one kind: `ViewOf<'pod'>` is PodView. */
export type ViewOf<K extends ViewKind> = Extract<View, { kind: K }>

/** One step of the feed. Dropping or patching something unknown is harmless; `set` replaces whole fields. */
export type FeedChange =
  | { put: View }
  | { patch: { kind: ViewKind; key: string; set: Record<string, unknown> } }
  | { drop: { kind: ViewKind; key: string } }

/** Changes from one browser frame's worth of time, in order. */
export interface FeedBatch {
  /** The feed position before and after; a batch whose `from` is not ours means: resubscribe. */
  from: number
  to: number
  /** The stage's clock, ms since epoch. */
  at: number
  changes: FeedChange[]
}

/** Everything there is, sent on first subscribe and when `from` is no longer held. */
export interface FeedReset {
  /** Changes when the stage restarts; positions of another run mean nothing. */
  run: string
  position: number
  at: number
  views: View[]
}

/** The load as measured, several times a second. Totals are exact integers since `since`. */
export interface LoadView {
  at: number
  since: number
  /** Requests answered per second over the last second. */
  rate: number
  /** Sum of what the loadbots are set to send per second; null when they go as fast as they can. */
  target: number | null
  answered: number
  failed: number
  failedByCause: FailureCounts
  retried: number
  inFlight: number
  p50Ms: number | null
  p99Ms: number | null
  /** Requests per second by serving version, by loadbot pod name and by server pod name. */
  byVersion: Record<string, number>
  byBot: Record<string, number>
  byServer: Record<string, number>
  /** False while the aggregator cannot be read: the numbers are then as old as `at`. */
  live: boolean
}

/** A LoadView as it travels: pods are named by `PodView.index`, which keeps a thousand rates small. */
export interface LoadUpdate extends Omit<LoadView, 'byBot' | 'byServer'> {
  /** Requests per second of the pod with that index, whole numbers; 0 for none. */
  byPod: number[]
}

/** What does not change while the stage runs; said once after connecting. */
export interface StageInfo {
  protocol: number
  version: string
  /** `podium` or the context name of an attached cluster. */
  cluster: string
  /** `Podium web` or `nginx 1.22`: what really answers the requests. */
  server: string
  /** `2 cores, pipelining depth 64`: the honest label of the machine and the load. */
  machine: string
  /** Versions the update control offers. */
  versions: string[]
  limits: {
    loadbots: number
    replicas: number
    /** Requests per second in all that may be asked for; absent: only what was measured. */
    load?: number
  }
  /** Proxy modes this machine can run; absent: only the one that runs. */
  proxyModes?: ProxyMode[]
}

export interface ServerToClientEvents {
  info: (info: StageInfo) => void
  reset: (reset: FeedReset) => void
  batch: (batch: FeedBatch) => void
  load: (load: LoadUpdate) => void
  /** The 60 s before now, once after connecting, oldest first, one a second; without byBot and byServer. */
  history: (history: LoadView[]) => void
}

export interface ClientToServerEvents {
  /** `from`: the last position seen and the run it belongs to, or null for a fresh start. */
  subscribe: (from: { run: string; position: number } | null) => void
}

/** What a control asks for; sent as JSON to `POST /api/actions`. */
export type Action =
  /** Sets what all loadbots together send per second; `FleetView.fullLoad` is the most this machine sustains. */
  | { type: 'load'; perSecond: number }
  | { type: 'scale'; target: 'loadbots' | 'servers'; replicas: number }
  | { type: 'update'; version: string }
  | { type: 'strategy'; maxSurge: number | string; maxUnavailable: number | string }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'rollBack' }
  | { type: 'killPod'; pod?: string }
  | { type: 'failNode'; node: string }
  | { type: 'restoreNode'; node: string }
  | { type: 'proxyMode'; mode: ProxyMode }
  /** The rolling update of 2015, pod by pod, of one of the demo's ReplicationControllers. */
  | { type: 'rollingUpdate'; target: 'loadbots' | 'aggregator'; version: string }
  /** Puts a scene's objects into a namespace of its own. */
  | { type: 'startScene'; scene: SceneName }
  /** Takes them away again. */
  | { type: 'endScene'; scene: SceneName }

/** Answer of `POST /api/actions`: what was done, as kubectl would have said it. */
export interface ActionResult {
  command: string
  message: string
}

/** Answer of `GET /api/summary`, for scripts. */
export interface Summary {
  requestsPerSecond: number
  served: number
  failed: number
  failedByCause: FailureCounts
  retried: number
  inFlight: number
  p50Ms: number | null
  p99Ms: number | null
  byVersion: Record<string, number>
  proxyMode: ProxyMode | null
  pods: Record<PodState, number>
}
