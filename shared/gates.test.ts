import { expect, test } from 'vitest'
import { can, gateStateOf, verdictOn } from './gates.ts'
import type { GateState, Verdict } from './gates.ts'
import type { Action, FleetView, NodeView, RolloutView } from './stage.ts'

const rollout: RolloutView = {
  kind: 'rollout',
  key: 'default/nginx',
  name: 'nginx',
  container: 'nginx',
  image: 'nginx:v1',
  replicas: 6,
  updated: 6,
  ready: 6,
  available: 6,
  old: 0,
  paused: false,
  phase: 'steady',
  message: null,
  fromVersion: null,
  toVersion: 'v1',
  previousVersion: 'v2',
  maxSurge: '25%',
  maxUnavailable: '0',
  startedAt: null,
  lowestReady: null,
  secondsLeft: null,
}
const node: NodeView = {
  kind: 'node',
  key: 'node-1',
  name: 'node-1',
  ready: true,
  simulated: false,
  unschedulable: false,
  failed: false,
}
const state: GateState = {
  rollout,
  fleet: {
    kind: 'fleet',
    key: 'default/loadbot',
    name: 'loadbot',
    replicas: 2,
    ready: 2,
    ratePerLoadbot: 25_000,
    adjustable: true,
    fullLoad: 1_000_000,
  },
  service: {
    kind: 'service',
    key: 'default/nginx',
    name: 'nginx',
    address: '127.96.0.2:80',
    endpoints: 6,
    proxyMode: 'userspace',
  },
  nodes: [node],
  scenes: [],
  readyServers: 6,
  limits: { loadbots: 40, replicas: 100 },
  versions: ['v1', 'v2', 'v3'],
  proxyModes: ['userspace'],
}
const withRollout = (change: Partial<RolloutView>): GateState => ({
  ...state,
  rollout: { ...rollout, ...change },
})
const withFleet = (change: Partial<FleetView>): GateState => ({
  ...state,
  fleet: { ...state.fleet!, ...change },
})
const yes: Verdict = { allowed: true }
const no = (words: RegExp): Verdict => ({
  allowed: false,
  reason: expect.stringMatching(words) as string,
})

test.each<[string, Verdict, Verdict]>([
  ['servers within the limit', can.scaleServers(state, 100), yes],
  ['no server at all', can.scaleServers(state, 0), yes],
  ['too many servers', can.scaleServers(state, 101), no(/at most 100/)],
  ['half a server', can.scaleServers(state, 1.5), no(/whole number/)],
  ['fewer than none', can.scaleServers(state, -1), no(/whole number/)],
  ['loadbots within the limit', can.scaleLoadbots(state, 40), yes],
  ['too many loadbots', can.scaleLoadbots(state, 41), no(/at most 40 loadbots/)],
  ['loadbots without a demo', can.scaleLoadbots({ ...state, fleet: null }, 1), no(/does not run/)],
  ['a load the machine sustains', can.load(state, 1_000_000), yes],
  ['more load than was measured', can.load(state, 1_000_001), no(/from 1 to 1000000/)],
  [
    'more load than was measured where the limit is higher',
    can.load({ ...state, limits: { ...state.limits, load: 4_000_000 } }, 1_000_001),
    yes,
  ],
  ['no load', can.load(state, 0), no(/from 1/)],
  [
    'a load nobody measured',
    can.load(withFleet({ fullLoad: null }), 5),
    no(/still being measured/),
  ],
  ['load from no loadbot', can.load(withFleet({ replicas: 0 }), 5), no(/no loadbot/)],
  ['load of fixed loadbots', can.load(withFleet({ adjustable: false }), 5), no(/ConfigMap/)],
  ['full load', can.fullLoad(state), yes],
  ['full load too early', can.fullLoad(withFleet({ fullLoad: null })), no(/being measured/)],
  ['full load without a demo', can.fullLoad({ ...state, fleet: null }), no(/does not run/)],
  ['another version', can.update(state, 'v2'), yes],
  ['an unknown version', can.update(state, 'v9'), no(/no version v9/)],
  ['the same version', can.update(state, 'v1'), no(/already runs v1/)],
  ['the version under way', can.update(withRollout({ phase: 'updating' }), 'v1'), no(/under way/)],
  [
    'back while an update runs',
    can.update(withRollout({ phase: 'updating', toVersion: 'v2' }), 'v1'),
    yes,
  ],
  ['shares', can.strategy(state, 1, '25%'), yes],
  ['no movement', can.strategy(state, 0, '0%'), no(/both be 0/)],
  ['nonsense shares', can.strategy(state, '1/3', 0), no(/percentages/)],
  ['pause', can.pause(state), yes],
  ['pause twice', can.pause(withRollout({ paused: true })), no(/already paused/)],
  ['resume when not paused', can.resume(state), no(/not paused/)],
  ['resume', can.resume(withRollout({ paused: true })), yes],
  ['roll back', can.rollBack(state), yes],
  ['roll back the first', can.rollBack(withRollout({ previousVersion: null })), no(/no earlier/)],
  ['kill', can.killPod(state), yes],
  ['kill when none is ready', can.killPod({ ...state, readyServers: 0 }), no(/none to kill/)],
  ['kill a pod by name', can.killPod({ ...state, readyServers: 0 }, 'nginx-x'), yes],
  ['fail a node', can.failNode(state, 'node-1'), yes],
  ['fail an unknown node', can.failNode(state, 'node-9'), no(/no node node-9/)],
  [
    'fail it twice',
    can.failNode({ ...state, nodes: [{ ...node, failed: true }] }, 'node-1'),
    no(/failed already/),
  ],
  ['restore what works', can.restoreNode(state, 'node-1'), no(/not been failed/)],
  ['the mode that runs', can.proxyMode(state, 'userspace'), no(/already runs/)],
  ['a mode the machine has not', can.proxyMode(state, 'iptables'), no(/kernel rules/)],
  [
    'a mode the machine has',
    can.proxyMode({ ...state, proxyModes: ['userspace', 'iptables'] }, 'iptables'),
    yes,
  ],
])('%s', (_, verdict, expected) => {
  expect(verdict).toEqual(expected)
})

const memory = { kind: 'scene', key: 'memory', phase: 'running', message: null, since: 0 } as const
const playing: GateState = { ...state, scenes: [memory] }

test.each<[string, Verdict, Verdict]>([
  ['a scene begins', can.startScene(state, 'memory'), yes],
  ['not twice', can.startScene(playing, 'memory'), no(/"Memory hogs" is on already/)],
  ['not two', can.startScene(playing, 'fanOut'), no(/"Memory hogs" is on; end it first/)],
  ['not without nodes', can.startScene({ ...state, nodes: [] }, 'memory'), no(/No node .* Ready/)],
  [
    'a bad release needs servers',
    can.startScene({ ...state, rollout: null }, 'badRelease'),
    no(/./),
  ],
  [
    'there has to be one',
    can.startScene({ ...state, versions: ['v1'] }, 'badRelease'),
    no(/no version v3/),
  ],
  [
    'one update at a time',
    can.startScene(withRollout({ phase: 'updating' }), 'badRelease'),
    no(/Another update/),
  ],
  ['both proxies are compared, or none', can.startScene(state, 'proxies'), no(/kernel rules/)],
  ['what is on can be ended', can.endScene(playing, 'memory'), yes],
  ['what is not on cannot', can.endScene(playing, 'fanOut'), no(/"Ingress fan-out" is not on/)],
  [
    'nor what is ending',
    can.endScene({ ...state, scenes: [{ ...memory, phase: 'ending' }] }, 'memory'),
    no(/is ending already/),
  ],
])('scenes: %s', (_, verdict, expected) => {
  expect(verdict).toEqual(expected)
})

test('without a demo every action is refused with a sentence', () => {
  const empty = gateStateOf(null, {
    rollouts: [],
    fleets: [],
    services: [],
    nodes: [],
    scenes: [],
    readyServers: 0,
  })
  const actions: Action[] = [
    { type: 'load', perSecond: 1 },
    { type: 'scale', target: 'servers', replicas: 1 },
    { type: 'scale', target: 'loadbots', replicas: 1 },
    { type: 'update', version: 'v1' },
    { type: 'strategy', maxSurge: 1, maxUnavailable: 0 },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'rollBack' },
    { type: 'killPod' },
    { type: 'failNode', node: 'node-1' },
    { type: 'restoreNode', node: 'node-1' },
    { type: 'proxyMode', mode: 'userspace' },
  ]
  for (const action of actions) {
    expect({ action, ...verdictOn(empty, action) }).toEqual({ action, ...no(/^[A-Z].*\.$/) })
  }
})
