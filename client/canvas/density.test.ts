import { expect, test } from 'vitest'
import { densityFor } from './density.ts'

const band = (pods: number, previous?: number) => densityFor(362, 76, pods, previous)

test('the largest tile that fits is taken', () => {
  expect(band(18)).toMatchObject({ size: 36, columns: 9, rows: 2 })
  expect(band(19)).toMatchObject({ size: 32, columns: 10, rows: 2 })
  expect(band(39)).toMatchObject({ size: 22, columns: 13, rows: 3 })
  expect(band(72)).toMatchObject({ size: 16, columns: 18, rows: 4 })
  expect(band(168)).toMatchObject({ size: 10, columns: 28, rows: 6 })
})

test('it becomes smaller at once and larger only with room to spare', () => {
  expect(band(19, 36).size).toBe(32)
  expect(band(17, 32).size).toBe(32)
  expect(band(16, 32).size).toBe(36)
})

test('too many pods get the smallest tile there is', () => {
  expect(band(1_000_000).size).toBe(0.75)
})
