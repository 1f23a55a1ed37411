import { describe, expect, test } from 'vitest'
import type { CommandView, LoadView } from '../../../shared/stage.ts'
import {
  domainFor,
  edgeOf,
  failuresBySecond,
  labelPlace,
  marksOf,
  placeMarks,
  seriesOf,
} from './chartModel.ts'
import { writtenCounts } from './FailedLane.tsx'

function load(at: number, part: Partial<LoadView> = {}): LoadView {
  return {
    at,
    since: 0,
    rate: 100,
    target: null,
    answered: 0,
    failed: 0,
    failedByCause: { refused: 0, reset: 0, timeout: 0, badStatus: 0, shortBody: 0, wrongBody: 0 },
    retried: 0,
    inFlight: 0,
    p50Ms: null,
    p99Ms: null,
    byVersion: { v1: 100 },
    byBot: {},
    byServer: {},
    live: true,
    ...part,
  }
}

const command = (at: number, line: string): CommandView => ({
  kind: 'command',
  key: line,
  at,
  line,
  by: 'stage',
})

describe('series', () => {
  test('ends now, reaches one point past the left edge, and lays the newest version at the floor', () => {
    const samples = Array.from({ length: 100 }, (_, at) =>
      load(at * 1000, { byVersion: { v1: 1, v2: 1 } }),
    )
    const { points, versions } = seriesOf(samples)
    expect(points.at(-1)?.t).toBe(0)
    expect(points[0]?.t).toBe(-61)
    expect(versions).toEqual(['v2', 'v1'])
  })

  test('names a version only where its area is thick enough for its name', () => {
    const samples = Array.from({ length: 60 }, (_, at) =>
      load(at * 1000, { byVersion: { v1: 100 - at, v2: at } }),
    )
    const series = seriesOf(samples)
    expect(labelPlace(series, 'v1', 125)).toMatchObject({ t: -50 })
    expect(labelPlace(series, 'v2', 125)).toMatchObject({ t: -8 })
    expect(labelPlace(series, 'v9', 125)).toBeNull()
  })
})

test('an edge is only where its version was served', () => {
  const rates = [0, 0, 5, 5, 0, 0, 0]
  const series = seriesOf(rates.map((v1, at) => load(at * 1000, { byVersion: { v1, v2: 10 } })))
  const edge = edgeOf(series, 'v1')
  expect(edge.map(({ t, y }) => [t, y])).toEqual([
    [-5, 10],
    [-4, 15],
    [-3, 15],
    [-2, 10],
  ])
  expect(edge.map(({ isStart }) => isStart)).toEqual([true, false, false, false])
})

test('an update keeps its words when its line is under those of the target', () => {
  const update = { key: 'u', t: -55, words: 'v2 update begins', weight: 'update' as const }
  expect(placeMarks([update], 13)[0]).toMatchObject({ place: 'right', wordsAt: -47 })
})

describe('the y axis', () => {
  test('ends at 125 % of the target and grows by quarters, never back', () => {
    const calm = domainFor(1_000_000, 900_000, null)
    expect(calm.top).toBe(1_250_000)
    const high = domainFor(1_000_000, 1_260_000, calm)
    expect(high.top).toBe(1_500_000)
    expect(domainFor(1_000_000, 500_000, high).top).toBe(1_500_000)
    expect(domainFor(25_000, 125_000, null)).toEqual({ goal: 150_000, top: 187_500 })
  })

  test('has a round goal without a target, which small changes do not move', () => {
    const first = domainFor(null, 86_000, null)
    expect(first).toEqual({ goal: 100_000, top: 125_000 })
    expect(domainFor(null, 60_000, first)).toEqual(first)
    expect(domainFor(null, 124_000, first)).toEqual(first)
    expect(domainFor(null, 130_000, first).goal).toBe(150_000)
    expect(domainFor(null, 900, first).goal).toBe(1_000)
  })
})

describe('marks', () => {
  test('say what commands did', () => {
    const marks = marksOf(
      [
        command(1_000, 'kubectl set image deployment/nginx nginx=nginx:v2'),
        command(2_000, 'kubectl scale rc loadbot --replicas=18'),
        command(3_000, 'kubectl rollout undo deployment/nginx'),
        command(4_000, 'kubectl get pods'),
        command(-90_000, 'kubectl rollout undo deployment/nginx'),
      ],
      10_000,
    )
    expect(marks.map(({ words, weight }) => `${weight}: ${words}`)).toEqual([
      'update: v2 update begins',
      'note: 18 loadbots',
      'update: roll back',
    ])
  })

  test('give up their words where they would run into newer ones, and turn left at the edge', () => {
    const note = (t: number) => ({
      key: String(t),
      t,
      words: '18 loadbots',
      weight: 'note' as const,
    })
    expect(placeMarks([note(-30), note(-26), note(-2)], 0).map(({ place }) => place)).toEqual([
      'left',
      'right',
      'left',
    ])
    expect(placeMarks([note(-59), note(-56), note(-40)], 0).map(({ place }) => place)).toEqual([
      'none',
      'right',
      'right',
    ])
  })
})

describe('failures', () => {
  test('are counted in the second they happened in; counters that begin anew are none', () => {
    const counts = failuresBySecond([
      load(1_000),
      load(2_000, { failed: 3 }),
      load(3_000, { failed: 3 }),
      load(4_000, { failed: 0 }),
      load(5_000, { failed: 2 }),
    ])
    expect(counts.slice(-5)).toEqual([0, 3, 0, 0, 2])
  })

  test('write their count where there is room for it', () => {
    const counts = [1, 2, 0, 0, 3]
    expect(writtenCounts(counts)).toEqual([false, true, false, false, true])
  })

  test('in every second of the minute are as quickly placed as none', () => {
    const counts = Array.from({ length: 60 }, () => 1)
    expect(writtenCounts(counts).filter(Boolean)).toHaveLength(20)
  })
})
