import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatIndexes, parseIndexes } from './indexes.ts'

it.each([
  [[], ''],
  [[1], '1'],
  [[1, 2], '1,2'],
  [[7, 3, 4, 5, 1], '1,3-5,7'],
])('%j is written %s', (indexes, text) => {
  expect(formatIndexes(indexes)).toBe(text)
})

it.each([
  ['a', 'cannot convert string to integer for index: "a"'],
  ['3,1', 'non-increasing order, previous: 3, current: 1'],
  ['5-3', 'non-increasing order, previous: 5, current: 3'],
  ['0-9', 'too large index: "9"'],
])('refuses %s', (text, message) => {
  expect(() => parseIndexes(text, 8)).toThrow(message)
})

it('reads what it writes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (indexes) => {
      const sorted = [...indexes].sort((a, b) => a - b)
      expect([...parseIndexes(formatIndexes(indexes), 201)]).toEqual(sorted)
    }),
  )
})
