import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../shared/histogram.ts'
import type { BotCount } from '../../../shared/load.ts'
import type { Report } from '../stream.ts'
import { prometheusText } from './prometheus.ts'
import { Tally } from './tally.ts'

const none = { refused: 0, reset: 0, timeout: 0, badStatus: 0, shortBody: 0, wrongBody: 0 }

function count(pod: string, answered: number, more: Partial<BotCount> = {}): BotCount {
  const sent = answered + (more.inFlight ?? 0)
  return { pod, uid: pod, sent, answered, failed: { ...none }, retried: 0, inFlight: 0, ...more }
}

/** A report that credits all answers to one server and has these latencies (microseconds). */
function report(counted: BotCount, run = 'run', latencies: number[] = []): Report {
  const histogram = new Histogram()
  for (const latency of latencies) histogram.record(latency)
  return {
    run,
    count: counted,
    servers: [{ pod: 'web', version: 'v1', answered: counted.answered }],
    latency: histogram.takeDelta(new Histogram()),
  }
}

describe('Tally', () => {
  it('adds up what several loadbots say of the same server, each report replacing the last', () => {
    const tally = new Tally('e')
    tally.report(report(count('a', 10)))
    tally.report(report(count('b', 5)))
    tally.report(report(count('a', 30)))
    const frame = tally.frame(1000, ['c'])
    expect(frame).toMatchObject({ at: 1000, epoch: 'e', unreachable: ['c'], latency: null })
    expect(frame.bots.map(({ pod, answered }) => [pod, answered])).toEqual([
      ['a', 30],
      ['b', 5],
    ])
    expect(frame.servers).toEqual([{ pod: 'web', version: 'v1', answered: 35 }])
  })

  it('keeps a loadbot that is gone for a minute, and its share of the servers for good', () => {
    const tally = new Tally('e')
    tally.report(report(count('a', 10, { final: true })))
    tally.gone('a', 1000)
    expect(tally.frame(60_000, []).bots).toMatchObject([{ pod: 'a', final: true }])
    const later = tally.frame(61_001, [])
    expect(later.bots).toEqual([])
    expect(later.servers).toMatchObject([{ answered: 10 }])
  })

  it('goes on counting when a container is restarted', () => {
    const tally = new Tally('e')
    tally.report(report(count('a', 10, { inFlight: 3 }), 'first'))
    tally.report(report(count('a', 2), 'second'))
    tally.report(report(count('a', 4), 'second'))
    tally.report(report(count('a', 1), 'third'))
    const frame = tally.frame(0, [])
    expect(frame.bots).toMatchObject([{ sent: 15, answered: 15, inFlight: 0, run: 'third' }])
    expect(frame.servers).toMatchObject([{ answered: 15 }])
  })

  it('tells the latency of the last second only, over all loadbots', () => {
    const tally = new Tally('e')
    tally.report(report(count('a', 1), 'run', [100_000]))
    tally.frame(0, [])
    tally.report(report(count('b', 1), 'run', [1000, 1000, 1000]))
    const { latency } = tally.frame(100, [])
    expect(latency?.p50).toBeCloseTo(1, 1)
    expect(latency?.max).toBeGreaterThanOrEqual(100)
    for (let frame = 2; frame < 10; frame++) tally.frame(frame * 100, [])
    expect(tally.frame(1000, []).latency?.max).toBeLessThan(2)
    expect(tally.frame(1100, []).latency).toBeNull()
  })

  it('repeats what failed for a while, each record once however often it is told', () => {
    const tally = new Tally('e')
    const failure = (seq: number) => ({
      seq,
      run: 'run',
      bot: 'a',
      at: 1000,
      cause: 'reset' as const,
      count: 2,
      pod: 'web',
      version: 'v1',
      connectedAt: 900,
    })
    tally.report({ ...report(count('a', 1)), failures: [failure(1)] })
    tally.report({ ...report(count('a', 1)), failures: [failure(1), failure(2)] })
    expect(tally.frame(1100, []).failures?.map(({ seq }) => seq)).toEqual([1, 2])
    expect(tally.frame(1200, []).failures).toHaveLength(2)
    expect(tally.frame(7000, [])).not.toHaveProperty('failures')
    const many = Array.from({ length: 500 }, (_, index) => ({ ...failure(3 + index), at: 8000 }))
    tally.report({ ...report(count('a', 1)), failures: many })
    expect(tally.frame(8000, []).failures).toHaveLength(200)
  })

  it('keeps what it had when a report is none', () => {
    const tally = new Tally('e')
    tally.report(report(count('a', 10)))
    expect(() => tally.report({ ...report(count('a', 20)), latency: [-1, 5] })).toThrow(RangeError)
    expect(tally.frame(0, []).bots).toMatchObject([{ answered: 10 }])
  })

  it('reads as Prometheus text', () => {
    const tally = new Tally('e')
    tally.report(report(count('a"\n', 10), 'run', [2000]))
    const text = prometheusText(tally.frame(0, ['x']))
    expect(text).toContain('podium_requests_answered_total{pod="a\\"\\n"} 10\n')
    expect(text).toContain('podium_server_answers_total{pod="web",version="v1"} 10\n')
    expect(text).toContain('podium_loadbots_unreachable 1\n')
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.+\})? [\d.e+-]+)$/)
    }
  })
})
