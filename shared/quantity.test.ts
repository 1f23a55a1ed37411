import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalQuantity,
  formatBytes,
  formatMilliCpu,
  milliCpu,
  parseQuantity,
  wholeUnits,
} from './quantity.ts'

describe('parseQuantity', () => {
  it.each([
    ['0', 0],
    ['100m', 0.1],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['2k', 2000],
    ['1Ki', 1024],
    ['64Mi', 67_108_864],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E', 1e18],
    ['-1', -1],
    ['+2', 2],
    [7, 7],
  ])('%s is %d', (text, expected) => {
    expect(parseQuantity(text)).toBeCloseTo(expected, 9)
  })

  it.each(['', 'x', '1 Gi', '1GiB', '1ki', '1.2.3', '1e', '--1', 'Infinity'])(
    '%j is no quantity',
    (text) => {
      expect(parseQuantity(text)).toBeUndefined()
      expect(canonicalQuantity(text)).toBeUndefined()
    },
  )
})

describe('what the scheduler counts in', () => {
  it('rounds up to whole units', () => {
    expect(milliCpu('0.1')).toBe(100)
    expect(milliCpu('100u')).toBe(1)
    expect(milliCpu(undefined)).toBe(0)
    expect(wholeUnits('1.5')).toBe(2)
    expect(wholeUnits('100m')).toBe(1)
    expect(wholeUnits('1Gi')).toBe(1_073_741_824)
  })

  it('writes what it reads', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (n) => {
        expect(milliCpu(formatMilliCpu(n))).toBe(n)
        expect(wholeUnits(formatBytes(n))).toBe(n)
      }),
    )
  })
})

describe('canonicalQuantity', () => {
  it.each([
    ['0.5', '500m'],
    ['0.1', '100m'],
    ['1000m', '1'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['1023', '1023'],
    ['1000000000', '1G'],
    ['12e6', '12e6'],
    ['1e0', '1'],
    ['0', '0'],
    ['0Gi', '0'],
    ['-500m', '-500m'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['100000m', '100'],
    [2, '2'],
  ])('%s becomes %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected)
  })

  const quantity = fc
    .tuple(
      fc.integer({ min: -99_999, max: 99_999 }),
      fc.constantFrom('m', '', 'k', 'M', 'Ki', 'Mi'),
    )
    .map(([n, unit]) => `${n}${unit}`)

  it('keeps the value, and is its own canonical form', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const canonical = canonicalQuantity(text)!
        expect(parseQuantity(canonical)).toBeCloseTo(parseQuantity(text)!, 6)
        expect(canonicalQuantity(canonical)).toBe(canonical)
      }),
    )
  })
})
