import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram, LARGEST_VALUE } from './histogram.ts'

const values = fc.array(fc.integer({ min: 0, max: LARGEST_VALUE }), {
  minLength: 1,
  maxLength: 200,
})
const percents = fc.double({ min: 0.1, max: 100, noNaN: true })

function holding(recorded: number[]): Histogram {
  const histogram = new Histogram()
  for (const value of recorded) histogram.record(value)
  return histogram
}

describe('Histogram', () => {
  it('answers every percentile within 1 % of the exact one, never below it', () => {
    fc.assert(
      fc.property(values, percents, (recorded, percent) => {
        const sorted = recorded.toSorted((a, b) => a - b)
        const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length - 1e-9))
        const exact = sorted[rank - 1] ?? 0
        const answered = holding(recorded).percentile(percent) ?? -1
        expect(answered).toBeGreaterThanOrEqual(exact)
        expect(answered).toBeLessThanOrEqual(exact * 1.01)
      }),
    )
  })

  it('is the same whether values are recorded in one or merged from two', () => {
    fc.assert(
      fc.property(values, values, percents, (left, right, percent) => {
        const merged = holding(left)
        merged.merge(holding(right))
        const whole = holding([...left, ...right])
        expect(merged.total).toBe(whole.total)
        expect(merged.percentile(percent)).toBe(whole.percentile(percent))
        expect(merged.sum()).toBe(whole.sum())
      }),
    )
  })

  it('is rebuilt exactly from the differences it gave', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), percents, (batches, percent) => {
        const source = new Histogram()
        const sent = new Histogram()
        const copy = new Histogram()
        for (const batch of batches) {
          for (const value of batch) source.record(value)
          copy.add(JSON.parse(JSON.stringify(source.takeDelta(sent))) as number[])
        }
        expect(copy.total).toBe(source.total)
        expect(copy.percentile(percent)).toBe(source.percentile(percent))
      }),
    )
  })

  it('knows nothing when empty and holds what is too large or negative', () => {
    const histogram = new Histogram()
    expect(histogram.percentile(50)).toBeNull()
    histogram.record(-5)
    histogram.record(1e12, 3)
    expect(histogram.total).toBe(4)
    expect(histogram.percentile(25)).toBe(0)
    expect(histogram.percentile(100)).toBe(LARGEST_VALUE)
    histogram.clear()
    expect(histogram.percentile(50)).toBeNull()
  })

  it('refuses what is no difference and stays as it was', () => {
    const histogram = new Histogram()
    expect(() => histogram.add([3, 1, 1e9, 1])).toThrow(RangeError)
    expect(() => histogram.add([3, -1])).toThrow(RangeError)
    expect(histogram.total).toBe(0)
  })
})
