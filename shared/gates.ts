// What may be done in which state, and the sentence that says why not. The stage asks before it acts and the browser
// asks before it offers, through the same functions, so that a control never promises what will be refused.
import { SCENE_WORDS } from './scenes.ts'
import type { SceneName } from './scenes.ts'
import type {
  Action,
  FleetView,
  NodeView,
  PodView,
  ProxyMode,
  RolloutView,
  SceneView,
  ServiceView,
  StageInfo,
} from './stage.ts'

/** All that the gates look at. */
export interface GateState {
  rollout: RolloutView | null
  fleet: FleetView | null
  service: ServiceView | null
  nodes: readonly NodeView[]
  /** Those that are on. */
  scenes: readonly SceneView[]
  /** Server pods that serve now. */
  readyServers: number
  limits: StageInfo['limits']
  versions: readonly string[]
  /** Modes this machine can run. */
  proxyModes: readonly ProxyMode[]
}

export interface GateViews {
  rollouts: readonly RolloutView[]
  fleets: readonly FleetView[]
  services: readonly ServiceView[]
  nodes: readonly NodeView[]
  scenes: readonly SceneView[]
  readyServers: number
}

/** How many server pods serve now. */
export function countReadyServers(pods: Iterable<PodView>): number {
  let count = 0
  for (const { role, state } of pods) if (role === 'server' && state === 'ready') count += 1
  return count
}

/** The state the gates judge by. Before the stage has introduced itself (`info` null) nothing is possible. */
export function gateStateOf(info: StageInfo | null, views: GateViews): GateState {
  const service = views.services[0] ?? null
  return {
    rollout: views.rollouts[0] ?? null,
    fleet: views.fleets[0] ?? null,
    service,
    nodes: views.nodes,
    scenes: views.scenes,
    readyServers: views.readyServers,
    limits: info?.limits ?? { loadbots: 0, replicas: 0 },
    versions: info?.versions ?? [],
    proxyModes: info?.proxyModes ?? (service?.proxyMode ? [service.proxyMode] : []),
  }
}

export type Verdict = { allowed: true } | { allowed: false; reason: string }

const YES: Verdict = { allowed: true }
const no = (reason: string): Verdict => ({ allowed: false, reason })

const NO_SERVERS = 'The demo does not run, so there is no Deployment to change.'
const NO_LOADBOTS = 'The demo does not run, so there are no loadbots to change.'

function countVerdict(count: number, most: number, what: string): Verdict {
  if (!Number.isInteger(count) || count < 0) {
    return no(`The number of ${what} has to be a whole number from 0 to ${most}.`)
  }
  return count > most ? no(`This machine carries at most ${most} ${what}.`) : YES
}

function scaleServers(state: GateState, replicas: number): Verdict {
  if (!state.rollout) return no(NO_SERVERS)
  return countVerdict(replicas, state.limits.replicas, `${state.rollout.name} replicas`)
}

function scaleLoadbots(state: GateState, replicas: number): Verdict {
  if (!state.fleet) return no(NO_LOADBOTS)
  return countVerdict(replicas, state.limits.loadbots, 'loadbots')
}

/** Requests per second may be set up to the machine's limit, or to what was measured when that is more. */
function load({ fleet, limits }: GateState, perSecond: number): Verdict {
  if (!fleet) return no(NO_LOADBOTS)
  if (!fleet.adjustable) return no('These loadbots do not take their rate from a ConfigMap.')
  if (fleet.replicas === 0) return no('There is no loadbot to send anything; add one first.')
  const most = Math.max(limits.load ?? 0, fleet.fullLoad ?? 0)
  if (most === 0) return no('What this machine sustains is still being measured.')
  if (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > most) {
    return no(`The load has to be a whole number of requests per second from 1 to ${most}.`)
  }
  return YES
}

/** All that this machine was found to sustain. */
function fullLoad(state: GateState): Verdict {
  const { fleet } = state
  if (fleet?.adjustable && fleet.fullLoad === null) {
    return no('What this machine sustains is still being measured.')
  }
  return load(state, fleet?.fullLoad ?? 1)
}

function update({ rollout, versions }: GateState, version: string): Verdict {
  if (!rollout) return no(NO_SERVERS)
  if (!versions.includes(version)) {
    return no(`There is no version ${version}; there are ${versions.join(', ')}.`)
  }
  if (rollout.toVersion !== version) return YES
  if (rollout.phase === 'steady' || rollout.phase === 'scaling') {
    return no(`${rollout.name} already runs ${version}.`)
  }
  if (rollout.paused) return no(`The update to ${version} is paused; resume it.`)
  return no(`The update to ${version} is already under way.`)
}

const PERCENT = /^\d{1,3}%$/

function isShare(value: number | string): boolean {
  return typeof value === 'number' ? Number.isInteger(value) && value >= 0 : PERCENT.test(value)
}

function isZero(value: number | string): boolean {
  return Number.parseInt(String(value), 10) === 0
}

function strategy(
  { rollout }: GateState,
  maxSurge: number | string,
  maxUnavailable: number | string,
): Verdict {
  if (!rollout) return no(NO_SERVERS)
  if (!isShare(maxSurge) || !isShare(maxUnavailable)) {
    return no('Max surge and max unavailable are whole numbers or percentages such as 25%.')
  }
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    return no('Max surge and max unavailable cannot both be 0: no pod could ever be replaced.')
  }
  return YES
}

function pause({ rollout }: GateState): Verdict {
  if (!rollout) return no(NO_SERVERS)
  return rollout.paused ? no(`${rollout.name} is already paused.`) : YES
}

function resume({ rollout }: GateState): Verdict {
  if (!rollout) return no(NO_SERVERS)
  return rollout.paused ? YES : no(`${rollout.name} is not paused.`)
}

// Also while paused: kubectl wants a `rollout resume` first (polymorphichelpers/rollback.go), and the stage says both.
function rollBack({ rollout }: GateState): Verdict {
  if (!rollout) return no(NO_SERVERS)
  if (rollout.previousVersion === null) {
    return no(`${rollout.name} has no earlier version to go back to.`)
  }
  return YES
}

function killPod({ readyServers }: GateState, pod?: string): Verdict {
  if (pod) return YES
  return readyServers > 0 ? YES : no('No server pod is ready, so there is none to kill.')
}

function failNode({ nodes }: GateState, name: string): Verdict {
  const node = nodes.find((each) => each.name === name)
  if (!node) return no(`There is no node ${name}.`)
  if (node.failed) return no(`${name} has failed already; restore it first.`)
  return YES
}

function restoreNode({ nodes }: GateState, name: string): Verdict {
  const node = nodes.find((each) => each.name === name)
  if (!node) return no(`There is no node ${name}.`)
  return node.failed ? YES : no(`${name} has not been failed from here.`)
}

function proxyMode({ service, proxyModes }: GateState, mode: ProxyMode): Verdict {
  if (service?.proxyMode === mode) return no(`The service proxy already runs in ${mode} mode.`)
  if (proxyModes.includes(mode)) return YES
  return mode === 'iptables'
    ? no('iptables mode needs the right to change kernel rules, which this machine does not give.')
    : no(`This machine cannot run the ${mode} proxy.`)
}

const TAG = /^\w[\w.-]{0,127}$/

function rollingUpdate({ fleet }: GateState, version: string): Verdict {
  if (!fleet) return no(NO_LOADBOTS)
  return TAG.test(version) ? YES : no(`"${version}" is no version.`)
}

/** One at a time: a machine that plays two scenes shows neither. */
function startScene(state: GateState, scene: SceneName): Verdict {
  const [on] = state.scenes
  const title = on && SCENE_WORDS[on.key].title
  if (on?.key === scene) {
    return no(on.phase === 'ending' ? `"${title}" is still ending.` : `"${title}" is on already.`)
  }
  if (on) return no(`"${title}" is on; end it first.`)
  if (!state.nodes.some(({ ready, simulated }) => ready && !simulated)) {
    return no('No node that runs processes is Ready.')
  }
  if (scene === 'badRelease') return badRelease(state)
  if (scene !== 'proxies') return YES
  const missing = (['iptables', 'userspace'] as const).find(
    (mode) => !state.proxyModes.includes(mode),
  )
  return missing ? proxyMode({ ...state, service: null }, missing) : YES
}

function badRelease(state: GateState): Verdict {
  const { rollout } = state
  const shipping = update(state, 'v3')
  if (!rollout || !shipping.allowed) return shipping
  const isUnderWay = rollout.paused || !['steady', 'scaling'].includes(rollout.phase)
  return isUnderWay ? no(`Another update of ${rollout.name} is under way.`) : YES
}

function endScene({ scenes }: GateState, scene: SceneName): Verdict {
  const held = scenes.find(({ key }) => key === scene)
  const { title } = SCENE_WORDS[scene]
  if (!held) return no(`"${title}" is not on.`)
  return held.phase === 'ending' ? no(`"${title}" is ending already.`) : YES
}

/** One gate per control. Each is pure; a refusal carries a whole sentence. */
export const can = {
  scaleServers,
  scaleLoadbots,
  load,
  fullLoad,
  update,
  strategy,
  pause,
  resume,
  rollBack,
  killPod,
  failNode,
  restoreNode,
  proxyMode,
  rollingUpdate,
  startScene,
  endScene,
}

/** The gate of any action. */
export function verdictOn(state: GateState, action: Action): Verdict {
  switch (action.type) {
    case 'load':
      return load(state, action.perSecond)
    case 'scale':
      return action.target === 'servers'
        ? scaleServers(state, action.replicas)
        : scaleLoadbots(state, action.replicas)
    case 'update':
      return update(state, action.version)
    case 'strategy':
      return strategy(state, action.maxSurge, action.maxUnavailable)
    case 'pause':
      return pause(state)
    case 'resume':
      return resume(state)
    case 'rollBack':
      return rollBack(state)
    case 'killPod':
      return killPod(state, action.pod)
    case 'failNode':
      return failNode(state, action.node)
    case 'restoreNode':
      return restoreNode(state, action.node)
    case 'proxyMode':
      return proxyMode(state, action.mode)
    case 'rollingUpdate':
      return rollingUpdate(state, action.version)
    case 'startScene':
      return startScene(state, action.scene)
    case 'endScene':
      return endScene(state, action.scene)
  }
}
