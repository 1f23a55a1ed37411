import { expect, test } from 'vitest'
import { fullLoadFrom, fullLoadThrough } from './full-load.ts'

const million = { requests: 1_000_000, seconds: 2, cpuSeconds: 0.5 }

test('full load is what a part of the cores sustains at the measured cost, in round numbers', () => {
  expect(fullLoadFrom(million, 2)).toBe(1_200_000)
  expect(fullLoadFrom(million, 16)).toBe(9_600_000)
  expect(fullLoadFrom({ ...million, cpuSeconds: 0.77 }, 2)).toBe(750_000)
})

test('where only what came through is known, a part of that', () => {
  expect(fullLoadThrough(million)).toBe(350_000)
})

test('it is never nothing', () => {
  expect(fullLoadFrom({ requests: 1, seconds: 1, cpuSeconds: 1 }, 1)).toBe(50_000)
  expect(fullLoadThrough({ requests: 1, seconds: 1, cpuSeconds: 1 })).toBe(50_000)
})
