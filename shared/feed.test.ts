import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyBatch, applyChange, applyReset, changeBetween, emptyFeed } from './feed.ts'
import type { CommandView, FeedChange, NodeView, View } from './stage.ts'

const node = (name: string, ready: boolean): NodeView => ({
  kind: 'node',
  key: name,
  name,
  ready,
  simulated: false,
  unschedulable: false,
  failed: false,
})
const command = (key: string, at: number): CommandView => ({
  kind: 'command',
  key,
  at,
  line: 'kubectl get pods',
  by: 'stage',
})

test('a reset replaces everything, a batch changes it', () => {
  const state = emptyFeed()
  applyReset(state, { run: 'a', position: 7, at: 0, views: [node('n1', true), node('n2', true)] })
  const result = applyBatch(state, {
    from: 7,
    to: 9,
    at: 1,
    changes: [
      { patch: { kind: 'node', key: 'n1', set: { ready: false } } },
      { drop: { kind: 'node', key: 'n2' } },
    ],
  })
  expect(result).toEqual({ outcome: 'applied', touched: new Set(['node']) })
  expect([...state.views.node.values()]).toEqual([node('n1', false)])
  expect(state.position).toBe(9)
  applyReset(state, { run: 'b', position: 0, at: 2, views: [command('c', 1)] })
  expect(state.views.node.size).toBe(0)
  expect(state.views.command.size).toBe(1)
})

test('a batch that leaves a gap changes nothing, and one seen before neither', () => {
  const state = emptyFeed()
  const changes: FeedChange[] = [{ put: node('n1', true) }]
  expect(applyBatch(state, { from: 0, to: 1, at: 0, changes }).outcome).toBe('gap')
  applyReset(state, { run: 'a', position: 5, at: 0, views: [] })
  expect(applyBatch(state, { from: 6, to: 7, at: 0, changes }).outcome).toBe('gap')
  expect(applyBatch(state, { from: 4, to: 5, at: 0, changes }).outcome).toBe('seen')
  expect(applyBatch(state, { from: 4, to: 6, at: 0, changes }).outcome).toBe('gap')
  expect(state.views.node.size).toBe(0)
  expect(state.position).toBe(5)
})

test('patching or dropping what is unknown is harmless', () => {
  const state = emptyFeed()
  applyChange(state, { patch: { kind: 'node', key: 'x', set: { ready: true } } })
  applyChange(state, { drop: { kind: 'node', key: 'x' } })
  expect(state.views.node.size).toBe(0)
})

test('a patched view is a new object, so that a change can be seen by identity', () => {
  const state = emptyFeed()
  applyChange(state, { put: node('n1', true) })
  const before = state.views.node.get('n1')
  applyChange(state, { patch: { kind: 'node', key: 'n1', set: { ready: false } } })
  expect(state.views.node.get('n1')).not.toBe(before)
  expect(before?.ready).toBe(true)
})

test('whoever applies the differences holds the same as whoever puts every view', () => {
  const views = fc.array(
    fc.record({ name: fc.constantFrom('a', 'b', 'c'), ready: fc.boolean(), gone: fc.boolean() }),
  )
  fc.assert(
    fc.property(views, (steps) => {
      const direct = emptyFeed()
      const byDifference = emptyFeed()
      for (const { name, ready, gone } of steps) {
        const view: View = node(name, ready)
        const change: FeedChange | undefined = gone
          ? { drop: { kind: 'node', key: name } }
          : changeBetween(byDifference.views.node.get(name), view)
        applyChange(direct, gone ? { drop: { kind: 'node', key: name } } : { put: view })
        if (change) applyChange(byDifference, change)
      }
      expect(byDifference.views.node).toEqual(direct.views.node)
    }),
  )
})

test('equal views make no change', () => {
  expect(changeBetween(node('a', true), node('a', true))).toBeUndefined()
})
