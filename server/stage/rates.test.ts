import { expect, test } from 'vitest'
import { rateBetween } from './rates.ts'

test.each([
  ['so many a second', 100, 700, 1000, 600],
  ['a tenth below ten', 0, 5, 2000, 2.5],
  ['nothing to compare with', undefined, 700, 1000, null],
  ['counted anew', 100, 5, 1000, null],
  ['no time between', 1, 2, 0, null],
])('%s', (_, from, to, ms, rate) => {
  expect(rateBetween(from, to, ms)).toBe(rate)
})
