import { expect, test } from 'vitest'
import { ACTS, CUES, PLANNED_SECONDS, secondsOf } from './acts.ts'
import { can, gateStateOf, verdictOn } from './gates.ts'
import type { FleetView, NodeView, RolloutView, ServiceView, StageInfo } from './stage.ts'

const INFO: StageInfo = {
  protocol: 1,
  version: '1',
  cluster: 'podium',
  server: 'nginx',
  machine: '2 cores',
  versions: ['v1', 'v2', 'v3'],
  limits: { loadbots: 3, replicas: 100 },
  proxyModes: ['userspace', 'iptables'],
}
const node = (name: string): NodeView => ({
  kind: 'node',
  key: name,
  name,
  ready: true,
  simulated: false,
  unschedulable: false,
  failed: false,
})
const state = gateStateOf(INFO, {
  rollouts: [
    { name: 'nginx', phase: 'steady', toVersion: 'v1', previousVersion: 'v1' } as RolloutView,
  ],
  fleets: [{ replicas: 2, adjustable: true, fullLoad: 900_000 } as FleetView],
  services: [{ proxyMode: 'iptables' } as ServiceView],
  nodes: [node('node-2'), node('node-10'), node('node-9')],
  readyServers: 4,
  scenes: [],
})

test('every step that does something asks for what the gates allow', () => {
  for (const { step } of CUES) {
    for (const action of step.actions?.(state) ?? []) {
      expect({ step: step.title, ...verdictOn(state, action) }).toEqual({
        step: step.title,
        allowed: true,
      })
    }
  }
  expect(can.scaleLoadbots(state, 4).allowed).toBe(false)
})

test('before anything is known no step fails', () => {
  const unknown = gateStateOf(null, {
    rollouts: [],
    fleets: [],
    services: [],
    nodes: [],
    readyServers: 0,
    scenes: [],
  })
  for (const { step } of CUES) expect(() => step.actions?.(unknown)).not.toThrow()
})

test('the node that is failed is the last one as people count', () => {
  const pull = CUES.find(({ step }) => step.title === 'Pull the plug')!.step
  expect(pull.actions?.(state)).toEqual([{ type: 'failNode', node: 'node-10' }])
})

test('cues follow each other without a gap, and add up to the plan', () => {
  let at = 0
  for (const { startsAt, step } of CUES) {
    expect(startsAt).toBe(at)
    at += step.seconds
  }
  expect(at).toBe(PLANNED_SECONDS)
  expect(ACTS.map(secondsOf).reduce((a, b) => a + b)).toBe(at)
  expect(CUES.at(-1)).toMatchObject({ actNumber: ACTS.length })
})
