import { expect, it } from 'vitest'
import { firstThree, formatLabels, humanDuration, since } from './print.ts'

const S = 1000
const M = 60 * S
const H = 60 * M
const D = 24 * H

it.each([
  [-2 * S, '<invalid>'],
  [-S, '0s'],
  [0, '0s'],
  [119 * S, '119s'],
  [2 * M, '2m'],
  [3 * M + 5 * S, '3m5s'],
  [10 * M + 5 * S, '10m'],
  [179 * M, '179m'],
  [3 * H, '3h'],
  [3 * H + 20 * M, '3h20m'],
  [8 * H + 20 * M, '8h'],
  [47 * H, '47h'],
  [48 * H, '2d'],
  [51 * H, '2d3h'],
  [8 * D + 3 * H, '8d'],
  [729 * D, '729d'],
  [730 * D, '2y'],
  [800 * D, '2y70d'],
  [9 * 365 * D, '9y'],
])('%d ms is %s', (ms, expected) => {
  expect(humanDuration(ms)).toBe(expected)
})

it('says how long ago', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')
  expect(since('2029-12-31T23:59:30Z', now)).toBe('30s')
  expect(since(undefined, now)).toBe('<unknown>')
  expect(since('soon', now)).toBe('<unknown>')
})

it('shortens lists and sorts labels', () => {
  expect(firstThree(['a', 'b', 'c', 'd', 'e'], '<none>')).toBe('a,b,c + 2 more...')
  expect(firstThree([], '<none>')).toBe('<none>')
  expect(formatLabels({ b: '2', a: '1' })).toBe('a=1,b=2')
  expect(formatLabels(undefined)).toBe('<none>')
})
