import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

function run(pace: ReturnType<typeof createPace>, frameMs: number, forMs: number): void {
  for (let at = 0; at < forMs; at += frameMs) pace.frame(frameMs)
}

test('two seconds of long frames halve the particles, down to a floor', () => {
  const pace = createPace()
  run(pace, 16, 5_000)
  expect(pace.share).toBe(1)
  run(pace, 40, 2_600)
  expect(pace.share).toBe(0.5)
  run(pace, 40, 60_000)
  expect(pace.share).toBe(0.125)
})

test('short frames bring them back, later each time', () => {
  const pace = createPace()
  run(pace, 40, 2_600)
  run(pace, 16, 10_000)
  expect(pace.share).toBe(0.5)
  run(pace, 16, 10_000)
  expect(pace.share).toBe(1)
})

test('a hidden tab is not a slow frame', () => {
  const pace = createPace()
  for (let at = 0; at < 20; at += 1) pace.frame(60_000)
  expect(pace.share).toBe(1)
})
