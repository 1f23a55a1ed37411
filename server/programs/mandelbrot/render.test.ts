import { expect, it } from 'vitest'
import { bandOf, drawBand, lettersOf, renderBand, stepsAt } from './render.ts'

const picture = { width: 64, height: 40, samples: 2, iterations: 500 }

it.each([
  [0, 0, 500],
  [-1, 0, 500],
  [-0.1, 0.7, 500],
  [2, 2, 1],
  [0.5, 0.5, 5],
])('%d + %di leaves after %d steps', (x, y, steps) => {
  expect(stepsAt(x, y, 500)).toBe(steps)
})

it('bands put together are the picture, whatever their number', () => {
  const whole = renderBand(picture, 0, picture.height)
  for (const tiles of [1, 3, 7, 40]) {
    const bands = Array.from({ length: tiles }, (_, tile) => bandOf(picture, tile, tiles))
    const parts = bands.flatMap(({ first, rows }) => [...renderBand(picture, first, rows)])
    expect(parts).toEqual([...whole])
  }
})

it('is the same above and below the middle', () => {
  const letters = lettersOf(renderBand(picture, 0, picture.height))
  const row = (at: number): string => letters.slice(at * 64, (at + 1) * 64)
  expect(row(10)).toBe(row(29))
  expect(row(19)).toContain('AAAAAAAA')
})

it('is drawn as wide as asked for', () => {
  const lines = drawBand(renderBand(picture, 0, 8), 64, 32)
  expect(lines.map((line) => line.length)).toEqual([32, 32])
})
