import { expect, test } from 'vitest'
import type { NodeView, RolloutView } from '../../../shared/stage.ts'
import { nodeInReach, offeredVersion } from './controls.ts'
import { comparison } from './ProxyControl.tsx'
import { asShare, stepShare } from './share.ts'

const rollout = (toVersion: string, phase: RolloutView['phase']): RolloutView =>
  ({ toVersion, phase }) as RolloutView

test('the version offered is the next one, or the one under way', () => {
  const versions = ['v1', 'v2', 'v3']
  expect(offeredVersion(rollout('v1', 'steady'), versions)).toBe('v2')
  expect(offeredVersion(rollout('v3', 'steady'), versions)).toBe('v1')
  expect(offeredVersion(rollout('v2', 'updating'), versions)).toBe('v2')
  expect(offeredVersion(null, [])).toBeNull()
})

test('the node button restores what is failed before it fails another, and never touches simulated nodes', () => {
  const node = (name: string, part: Partial<NodeView> = {}): NodeView =>
    ({ name, ready: true, simulated: false, failed: false, ...part }) as NodeView
  expect(
    nodeInReach([node('node-2'), node('node-10'), node('sim-1', { simulated: true })]),
  ).toEqual({
    name: 'node-10',
    restores: false,
  })
  expect(nodeInReach([node('node-1'), node('node-2', { ready: false, failed: true })])).toEqual({
    name: 'node-2',
    restores: true,
  })
  expect(nodeInReach([node('sim-1', { simulated: true })])).toBeNull()
})

test('shares step in their own kind', () => {
  expect([asShare('6'), asShare('25%')]).toEqual([6, '25%'])
  expect([stepShare('6', 1), stepShare('0', -1), stepShare('6', 10)]).toEqual([7, 0, 16])
  expect([stepShare('25%', 1), stepShare('0%', -1), stepShare('100%', 1)]).toEqual([
    '30%',
    '0%',
    '100%',
  ])
})

test('proxy modes are compared once both were measured', () => {
  const at = (p99Ms: number) => ({ p99Ms, at: 0 })
  expect(comparison('iptables', { iptables: at(4.2) })).toBeNull()
  expect(comparison('iptables', { iptables: at(4.2), userspace: at(19.6) })).toBe('4.7× lower p99')
  expect(comparison('userspace', { iptables: at(4.2), userspace: at(19.6) })).toBe(
    '4.7× higher p99',
  )
  expect(comparison('userspace', { iptables: at(4.2), userspace: at(4.3) })).toBe('same p99')
})
