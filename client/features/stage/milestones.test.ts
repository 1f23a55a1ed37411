import { expect, test } from 'vitest'
import type { NodeView, RolloutView } from '../../../shared/stage.ts'
import type { Moment } from './milestones.ts'
import { milestoneBetween } from './milestones.ts'

const node = (ready: boolean): NodeView => ({ name: 'node-1', ready }) as NodeView
const moment = (phase: RolloutView['phase'], part: Partial<Moment> = {}): Moment => ({
  rollout: { name: 'nginx', toVersion: 'v2', replicas: 60, message: null, phase } as RolloutView,
  nodes: [node(true)],
  isLive: true,
  isReplay: false,
  ...part,
})

test('phases of the rollout are said, its steps are not', () => {
  expect(milestoneBetween(moment('steady'), moment('updating'))).toBe('Update of nginx to v2 runs.')
  expect(milestoneBetween(moment('updating'), moment('updating'))).toBeNull()
  expect(milestoneBetween(moment('updating'), moment('steady'))).toBe(
    'All 60 replicas of nginx run v2.',
  )
})

test('lost nodes and a lost connection are said', () => {
  expect(milestoneBetween(moment('steady'), moment('steady', { nodes: [node(false)] }))).toBe(
    'node-1 is not ready.',
  )
  expect(milestoneBetween(moment('steady'), moment('steady', { isLive: false }))).toBe(
    'Connection lost, trying again.',
  )
})
