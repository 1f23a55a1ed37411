import { describe, expect, test } from 'vitest'
import {
  formatCompact,
  formatCount,
  formatLag,
  formatLatency,
  formatSuccess,
  formatTick,
  plural,
} from './numbers.ts'

describe('numbers as the hall reads them', () => {
  test('counts carry thousands commas', () => {
    expect(formatCount(0)).toBe('0')
    expect(formatCount(999)).toBe('999')
    expect(formatCount(38_914_220)).toBe('38,914,220')
  })

  test('rates keep three significant digits and never read 1000k', () => {
    expect(formatCompact(87.2)).toBe('87')
    expect(formatCompact(999.7)).toBe('1.00k')
    expect(formatCompact(42_444)).toBe('42.4k')
    expect(formatCompact(258_000)).toBe('258k')
    expect(formatCompact(999_700)).toBe('1.00M')
  })

  test('axis labels carry no needless digits', () => {
    expect([0, 500_000, 1_000_000, 1_250_000].map(formatTick)).toEqual(['0', '500k', '1M', '1.25M'])
  })

  test('latencies change unit before they grow long', () => {
    expect(formatLatency(0.94)).toEqual({ figure: '0.9', unit: 'ms' })
    expect(formatLatency(142.6)).toEqual({ figure: '143', unit: 'ms' })
    expect(formatLatency(1250)).toEqual({ figure: '1.25', unit: 's' })
    expect(formatLatency(null).figure).toBe('–')
  })

  test('success never rounds a failure away', () => {
    expect(formatSuccess(0, 0)).toBeNull()
    expect(formatSuccess(10, 0)).toBe('100.000')
    expect(formatSuccess(1_000_000_000, 1)).toBe('99.999')
    expect(formatSuccess(2, 1)).toBe('66.666')
    expect(formatSuccess(0, 5)).toBe('0.000')
  })

  test('one is singular', () => {
    expect([plural(1, 'pod'), plural(2, 'pod'), plural(0, 'pod')]).toEqual([
      '1 pod',
      '2 pods',
      '0 pods',
    ])
  })
})

test('how long ago is told as a clock does', () => {
  expect(formatLag(10)).toBe('−0:10')
  expect(formatLag(192.4)).toBe('−3:12')
})
