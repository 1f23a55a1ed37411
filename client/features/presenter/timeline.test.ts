import { expect, test } from 'vitest'
import type { CommandView, LoadView } from '../../../shared/stage.ts'
import { flagsOf, layersOf, shareOf, spanOf, ticksOf } from './timeline.ts'

const NOW = 1_000_000

const command = (at: number, line: string): CommandView => ({
  kind: 'command',
  key: `command-${at}`,
  at,
  line,
  by: 'stage',
})

test('the line spans what is kept, and a minute at least', () => {
  expect(spanOf(NOW - 600_000, NOW)).toEqual({ from: NOW - 600_000, to: NOW })
  expect(spanOf(NOW - 2_000, NOW)).toEqual({ from: NOW - 60_000, to: NOW })
  expect(shareOf(NOW - 30_000, spanOf(NOW, NOW))).toBe(0.5)
})

test('ticks are round and few', () => {
  const minutes = ticksOf(spanOf(NOW - 600_000, NOW))
  expect(minutes.map(({ words }) => words).slice(0, 2)).toEqual(['−10 min', '−9'])
  expect(minutes[0]?.share).toBe(0)
  expect(ticksOf(spanOf(NOW, NOW)).map(({ words }) => words)).toEqual([
    '−60 s',
    '−50',
    '−40',
    '−30',
    '−20',
    '−10',
  ])
})

test('flags tell what happened and never run into one another', () => {
  const span = spanOf(NOW - 600_000, NOW)
  const flags = flagsOf(
    [
      command(NOW - 300_000, 'kubectl set image deployment/nginx nginx=nginx:v2'),
      command(NOW - 299_000, 'kubectl scale rc loadbot --replicas=8'),
      command(NOW - 200_000, 'kubectl get pods'),
      command(NOW - 100_000, 'kubectl scale rc loadbot --replicas=9'),
    ],
    span,
  )
  expect(flags.map(({ words }) => words)).toEqual(['9 loadbots', '8 loadbots'])
})

test('versions are stacked, the newest at the floor', () => {
  const span = spanOf(NOW - 60_000, NOW)
  const load = (at: number, byVersion: Record<string, number>) => ({ at, byVersion }) as LoadView
  const { layers, peak } = layersOf(
    [load(NOW - 60_000, { v1: 10 }), load(NOW, { v1: 4, v2: 8 })],
    span,
  )
  expect(peak).toBe(12)
  expect(layers).toEqual([
    {
      version: 'v2',
      points: [
        { share: 0, low: 0, high: 0 },
        { share: 1, low: 0, high: 8 },
      ],
    },
    {
      version: 'v1',
      points: [
        { share: 0, low: 0, high: 10 },
        { share: 1, low: 8, high: 12 },
      ],
    },
  ])
})
