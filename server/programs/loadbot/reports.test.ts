import { describe, expect, it } from 'vitest'
import { Ledger } from './ledger.ts'
import { Reports } from './reports.ts'

function answer(ledger: Ledger, pod: string, times: number, micros: number): void {
  ledger.sent += times
  ledger.answered += times
  ledger.server(pod, 'v1').answered += times
  ledger.latencies.record(micros, times)
}

describe('Reports', () => {
  it('tells every epoch of readers only what no earlier one was told', () => {
    const ledger = new Ledger()
    const reports = new Reports(ledger, 'bot', 'uid', new Date(0))
    answer(ledger, 'a', 10, 100)
    const first = reports.reader('first')
    expect(first.next(false).servers).toEqual([{ pod: 'a', version: 'v1', answered: 10 }])
    answer(ledger, 'a', 5, 100)
    expect(first.next(false).servers).toMatchObject([{ answered: 15 }])
    answer(ledger, 'a', 1, 100)
    const second = reports.reader('second')
    answer(ledger, 'a', 1, 100)
    expect(second.next(false).servers).toMatchObject([{ answered: 2 }])
    // The same epoch, reconnected, goes on where it was; a reader of no epoch hears everything.
    expect(reports.reader('first').next(false).servers).toMatchObject([{ answered: 17 }])
    expect(reports.reader('').next(false).servers).toMatchObject([{ answered: 17 }])
  })

  it('gives each reader every latency since it came exactly once', () => {
    const ledger = new Ledger()
    const reports = new Reports(ledger, 'bot', 'uid', new Date(0))
    answer(ledger, 'a', 10, 100)
    const reader = reports.reader('e')
    answer(ledger, 'a', 3, 7)
    expect(reader.next(false).latency).toEqual([7, 3])
    expect(reader.next(true)).toMatchObject({ latency: [], count: { final: true, answered: 13 } })
  })

  it('tells each reader what failed once, with its time and place', () => {
    const ledger = new Ledger()
    const reports = new Reports(ledger, 'bot', 'uid', new Date(0), 1_000_000)
    const place = { pod: 'a', version: 'v1', connectedAt: 40 }
    ledger.failures.add('reset', 2, 50, place)
    ledger.failures.add('reset', 3, 60, place)
    const reader = reports.reader('e')
    const told = { seq: 1, bot: 'bot', at: 1_000_050, cause: 'reset', count: 5 }
    expect(reader.next(false).failures).toMatchObject([
      { ...told, pod: 'a', version: 'v1', connectedAt: 1_000_040 },
    ])
    expect(reader.next(false)).not.toHaveProperty('failures')
    // What was told is not changed any more.
    ledger.failures.add('reset', 1, 70, place)
    expect(reader.next(false).failures).toMatchObject([{ seq: 2, count: 1 }])
    for (let at = 100; at < 100_000; at += 100) ledger.failures.add('refused', 1, at)
    const failures = reports.reader('e').next(false).failures ?? []
    expect(failures).toHaveLength(256)
    expect(failures.at(-1)).toMatchObject({ cause: 'refused', pod: '', connectedAt: null })
  })

  it('writes the last second as vegeta does', () => {
    const ledger = new Ledger()
    const reports = new Reports(ledger, 'bot', 'uid', new Date(0))
    answer(ledger, 'a', 90, 50_000)
    reports.tick(new Date(1000), 1)
    answer(ledger, 'a', 150, 100)
    ledger.sent += 50
    ledger.fail('refused', 50)
    reports.tick(new Date(3000), 2)
    expect(reports.vegeta()).toMatchObject({
      latencies: { mean: 100_000, '50th': 100_000, '99th': 100_000, max: 100_000 },
      duration: 2e9,
      requests: 200,
      rate: 100,
      success: 0.75,
      status_codes: { '200': 150 },
      errors: ['refused'],
      earliest: '1970-01-01T00:00:01.000Z',
      latest: '1970-01-01T00:00:03.000Z',
    })
  })
})
