import { expect, test } from 'vitest'
import {
  advance,
  createPool,
  crossingMs,
  departAt,
  departuresOf,
  followStrands,
  particlesFor,
} from './particles.ts'

const strand = (pod: string, k = 0, isFading = false) => ({
  id: `${pod}/${k}`,
  pod,
  side: 'right',
  isFading,
})

const underWay = (pool: ReturnType<typeof createPool>): number[] =>
  Array.from(pool.strand.slice(0, pool.size)).filter((index) => index >= 0)

/** Evenly spread chance, the same each time. */
function spread(): () => number {
  let at = 0
  return () => (at = (at + 0.618_034) % 1)
}

test('the number of particles grows with the logarithm of the rate', () => {
  expect(particlesFor(0)).toBe(0)
  expect(particlesFor(100)).toBe(48)
  expect(particlesFor(10_000)).toBeCloseTo(320, -1)
  expect(particlesFor(1_000_000)).toBe(640)
})

test('slow answers make slow particles', () => {
  expect(crossingMs(null)).toBe(600)
  expect(crossingMs(1)).toBe(1000)
  expect(crossingMs(15)).toBe(2200)
})

test('particles follow measured rates, and go nowhere without one', () => {
  const strands = [
    strand('a'),
    strand('a', 1),
    strand('b'),
    strand('idle'),
    strand('leaving', 0, true),
  ]
  const departures = departuresOf(strands, 'right', { a: 300, b: 100, leaving: 50 })
  const chance = spread()
  const counts = new Map<number, number>()
  for (let at = 0; at < 4000; at += 1) {
    const index = departAt(departures, chance())
    counts.set(index, (counts.get(index) ?? 0) + 1)
  }
  expect(new Set(counts.keys())).toEqual(new Set([0, 1, 2]))
  expect((counts.get(0)! + counts.get(1)!) / counts.get(2)!).toBeCloseTo(3, 0)
})

test('nothing sets out when nothing was measured, and what flies arrives', () => {
  const strands = [strand('a')]
  const pool = createPool()
  const some = departuresOf(strands, 'right', { a: 10 })
  const none = departuresOf(strands, 'right', {})
  advance(pool, { elapsedMs: 16, crossing: 1000, wanted: 20, departures: some }, spread())
  expect(underWay(pool)).toHaveLength(20)
  for (let at = 0; at < 100; at += 1) {
    advance(pool, { elapsedMs: 16, crossing: 1000, wanted: 20, departures: none }, spread())
  }
  expect(pool.size).toBe(0)
})

test('a smaller number is reached by arrivals, never by particles that vanish', () => {
  const departures = departuresOf([strand('a')], 'right', { a: 10 })
  const pool = createPool()
  const move = (wanted: number) =>
    advance(pool, { elapsedMs: 50, crossing: 1000, wanted, departures }, spread())
  move(100)
  move(10)
  expect(underWay(pool).length).toBeGreaterThan(50)
  for (let at = 0; at < 40; at += 1) move(10)
  expect(underWay(pool)).toHaveLength(10)
})

test('after a new layout particles stay on their strand, or end with it', () => {
  const before = [strand('a'), strand('b')]
  const after = [strand('new'), strand('b')]
  const pool = createPool()
  const departures = departuresOf(before, 'right', { a: 1, b: 1 })
  advance(pool, { elapsedMs: 0, crossing: 1000, wanted: 50, departures }, spread())
  const onB = underWay(pool).filter((index) => index === 1).length
  followStrands(pool, before, after)
  expect(underWay(pool)).toEqual(Array.from({ length: onB }, () => 1))
})
