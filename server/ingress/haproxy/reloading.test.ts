import { expect, it } from 'vitest'
import type { ReloadState } from './reloading.ts'
import { mustSignal } from './reloading.ts'

const old = { pid: '1', fingerprint: 'a' }
const state = (change: Partial<ReloadState>): ReloadState => ({
  wanted: 'b',
  running: old,
  signalled: undefined,
  now: 10_000,
  ...change,
})

it.each<[string, Partial<ReloadState>, boolean]>([
  ['a new configuration', {}, true],
  ['the one in force', { wanted: 'a' }, false],
  ['nothing to read yet', { wanted: undefined }, false],
  ['it is still starting', { running: undefined }, false],
  ['it was just told', { signalled: { at: 9_900, pid: '1' } }, false],
  ['it did not hear', { signalled: { at: 7_000, pid: '1' } }, true],
  ['it read one that is old by now', { signalled: { at: 9_900, pid: '0' } }, true],
])('%s', (_, change, signals) => {
  expect(mustSignal(state(change))).toBe(signals)
})
