import { expect, it } from 'vitest'
import { countsIn, ratesBetween } from './request-rates.ts'

const text = (counts: [pod: string, version: string, count: number][]): string =>
  [
    '# TYPE podium_server_answers_total counter',
    ...counts.map(
      ([pod, version, count]) =>
        `podium_server_answers_total{pod="${pod}",version="${version}"} ${count}`,
    ),
    'podium_requests_sent_total{pod="bot"} 12',
  ].join('\n')

it('adds up the versions of a pod', () => {
  expect(
    countsIn(
      text([
        ['a', 'v1', 10],
        ['a', 'v2', 5],
        ['b', 'v1', 1],
      ]),
    ),
  ).toEqual(
    new Map([
      ['a', 15],
      ['b', 1],
    ]),
  )
})

it('answers per second; a pod that is new or counts anew has no rate yet', () => {
  const before = {
    at: 1000,
    counts: countsIn(
      text([
        ['a', 'v1', 100],
        ['b', 'v1', 50],
      ]),
    ),
  }
  const now = {
    at: 3000,
    counts: countsIn(
      text([
        ['a', 'v1', 300],
        ['b', 'v1', 4],
        ['c', 'v1', 9],
      ]),
    ),
  }
  expect(ratesBetween(before, now)).toEqual([
    { namespace: 'default', name: 'a', requestsPerSecond: 100, at: 3000 },
  ])
  expect(ratesBetween(now, now)).toEqual([])
})
