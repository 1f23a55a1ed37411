import { expect, test } from 'vitest'
import { toneOf } from './tone.ts'

test('versions cycle through three colours by their number', () => {
  expect(['v1', 'v2', 'v3', 'v4', '5', 'v6'].map((version) => toneOf(version))).toEqual([
    1, 2, 3, 1, 2, 3,
  ])
})

test('a tag without a number wears the colour of its place among the known, and always the same', () => {
  expect(toneOf('blue', ['red', 'blue'])).toBe(2)
  expect(toneOf('unready')).toBe(toneOf('unready'))
})
