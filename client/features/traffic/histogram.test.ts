import { expect, test } from 'vitest'
import { HISTOGRAM } from '../../../shared/traffic.ts'
import type { ModeMeasure } from '../../../shared/traffic.ts'
import { heightsOf, msOf, placeOf, ratioOf, scaleOf, tickText } from './histogram.ts'

function measure(
  mode: 'iptables' | 'userspace',
  p99Ms: number,
  counts: [number, number][],
): ModeMeasure {
  const buckets = Array<number>(HISTOGRAM.perOctave * HISTOGRAM.octaves).fill(0)
  for (const [bucket, count] of counts) buckets[bucket] = count
  const rest = { answered: 0, failed: 0, slipped: 0, p50Ms: 1, sentFrom: null, seenFrom: null }
  return { mode, p99Ms, buckets, ...rest }
}
const fast = measure('iptables', 4.2, [
  [30, 900],
  [35, 100],
])
const slow = measure('userspace', 19.6, [
  [40, 500],
  [50, 500],
])

test('both modes stand on one scale of whole octaves', () => {
  const scale = scaleOf([fast, slow])
  expect([scale.first, scale.last]).toEqual([25, 55])
  expect(scale.ticks.map(({ ms }) => tickText(ms))).toEqual(['0.5 ms', '2 ms', '8 ms', '32 ms'])
  expect(placeOf(scale, msOf(40))).toBeCloseTo(0.5)
  expect(heightsOf(scale, fast)[5]).toBe(1)
})

test('single answers far out do not stretch it', () => {
  const outlier = measure('iptables', 1, [
    [30, 100_000],
    [90, 1],
  ])
  expect(scaleOf([outlier]).last).toBeLessThan(60)
})

test('the ratio is said once both were measured', () => {
  expect(ratioOf([fast])).toBeNull()
  expect(ratioOf([fast, slow])).toEqual({ figure: '4.7×', words: 'lower p99 by iptables' })
  const same = { ...slow, p99Ms: 4.3 }
  expect(ratioOf([fast, same])?.words).toBe('the same p99 in both')
})
