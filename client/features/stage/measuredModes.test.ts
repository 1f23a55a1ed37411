import { expect, test } from 'vitest'
import { middleOf, readMeasured } from './measuredModes.ts'

test('what is remembered of a mode is the middle of its last moments', () => {
  const at = (p99Ms: number, time: number) => ({ p99Ms, at: time })
  expect(middleOf([at(4, 1), at(90, 2), at(5, 3)])).toEqual({ p99Ms: 5, at: 3 })
  expect(middleOf([])).toBeUndefined()
})

test('a remembered figure is good for half a day, and only if it is one', () => {
  const text = JSON.stringify({ iptables: { p99Ms: 4.2, at: 1_000 }, userspace: { p99Ms: 'x' } })
  expect(readMeasured(text, 2_000)).toEqual({ iptables: { p99Ms: 4.2, at: 1_000 } })
  expect(readMeasured(text, 1_000 + 13 * 3_600_000)).toEqual({})
  expect(readMeasured('nonsense', 0)).toEqual({})
  expect(readMeasured(null, 0)).toEqual({})
})
