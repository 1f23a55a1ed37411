import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BotCount, LoadFrame } from '../../shared/load.ts'
import { emptyFold, foldFrame, noFailures, parseFrame, readLoad } from './loadFold.ts'

const bot = (pod: string, answered: number, more: Partial<BotCount> = {}): BotCount => ({
  pod,
  uid: `uid-${pod}`,
  sent: answered,
  answered,
  failed: noFailures(),
  retried: 0,
  inFlight: 0,
  ...more,
})
const frame = (at: number, bots: BotCount[], more: Partial<LoadFrame> = {}): LoadFrame => ({
  at,
  epoch: 'a',
  bots,
  servers: [],
  latency: null,
  unreachable: [],
  ...more,
})

test('rates are differences over a second', () => {
  const fold = emptyFold()
  for (let tick = 0; tick <= 30; tick += 1) {
    const servers = [
      { pod: 'n1', version: 'v1', answered: tick * 60 },
      { pod: 'n2', version: 'v2', answered: tick * 40 },
    ]
    foldFrame(fold, frame(tick * 100, [bot('b1', tick * 70), bot('b2', tick * 30)], { servers }))
  }
  expect(readLoad(fold)).toMatchObject({
    answered: 3_000,
    rate: 1_000,
    byVersion: { v1: 600, v2: 400 },
    byBot: { b1: 700, b2: 300 },
    byServer: { n1: 600, n2: 400 },
  })
  expect(fold.samples.length).toBeLessThan(13)
})

test('what was counted before is in the total but not in the rate', () => {
  const fold = emptyFold()
  foldFrame(fold, frame(0, [bot('b1', 1_000_000)]))
  foldFrame(fold, frame(1_000, [bot('b1', 1_000_500)]))
  expect(readLoad(fold)).toMatchObject({ answered: 1_000_500, rate: 500 })
})

test('a pod that is gone stays in the totals; one that starts again counts on', () => {
  const fold = emptyFold()
  const failed = { ...noFailures(), reset: 2 }
  foldFrame(fold, frame(0, [bot('b1', 100, { failed, retried: 3 }), bot('b2', 10)]))
  foldFrame(fold, frame(100, [bot('b2', 20)]))
  expect(readLoad(fold)).toMatchObject({ answered: 120, retried: 3, failed: { reset: 2 } })
  foldFrame(fold, frame(200, [bot('b2', 5)]))
  expect(readLoad(fold).answered).toBe(125)
})

test('another aggregator counts servers from zero, and no rate jumps', () => {
  const fold = emptyFold()
  const servers = (answered: number) => [{ pod: 'n1', version: 'v1', answered }]
  foldFrame(fold, frame(0, [bot('b1', 0)], { servers: servers(5_000) }))
  foldFrame(fold, frame(500, [bot('b1', 500)], { servers: servers(5_500) }))
  foldFrame(fold, frame(1_000, [bot('b1', 1_000)], { epoch: 'b', servers: servers(400) }))
  foldFrame(fold, frame(1_500, [bot('b1', 1_500)], { epoch: 'b', servers: servers(900) }))
  expect(readLoad(fold)).toMatchObject({ rate: 1_000, byServer: { n1: 500 } })
})

test('an interruption is averaged over, not skipped', () => {
  const fold = emptyFold()
  foldFrame(fold, frame(0, [bot('b1', 0)]))
  foldFrame(fold, frame(100, [bot('b1', 100)]))
  foldFrame(fold, frame(5_100, [bot('b1', 5_100)]))
  expect(readLoad(fold).rate).toBe(1_000)
})

test('frames that repeat or come late change nothing; a clock set back does not stop the count', () => {
  const fold = emptyFold()
  foldFrame(fold, frame(100_000, [bot('b1', 100)]))
  foldFrame(fold, frame(100_000, [bot('b1', 100)]))
  foldFrame(fold, frame(99_900, [bot('b1', 50)]))
  expect(readLoad(fold).answered).toBe(100)
  foldFrame(fold, frame(10, [bot('b1', 110)]))
  expect(readLoad(fold).answered).toBe(110)
})

/** A world of loadbots that answer, restart and vanish, seen by aggregators that restart, drop and repeat frames. */
const world = fc.array(
  fc.record({
    bot: fc.nat(3),
    grows: fc.nat(1_000),
    fails: fc.nat(5),
    restarts: fc.boolean(),
    hidden: fc.boolean(),
    newAggregator: fc.boolean(),
    repeated: fc.boolean(),
  }),
  { maxLength: 60 },
)

test('totals are exact, whatever restarts: each answer is counted once', () => {
  fc.assert(
    fc.property(world, (steps) => {
      const fold = emptyFold()
      const bots = new Map<number, { answered: number; reset: number }>()
      const truth = { answered: 0, reset: 0 }
      let epoch = 0
      let before = 0
      steps.forEach((step, tick) => {
        const counted = bots.get(step.bot) ?? { answered: 0, reset: 0 }
        // A process that starts again is seen with fewer requests than it had before.
        const base = step.restarts && counted.answered + counted.reset > 0 ? 0 : undefined
        const next = base === undefined ? { ...counted } : { answered: base, reset: base }
        if (base === undefined) {
          next.answered += step.grows
          next.reset += step.fails
          truth.answered += step.grows
          truth.reset += step.fails
        }
        bots.set(step.bot, next)
        if (step.newAggregator) epoch += 1
        const isHidden = (name: number): boolean => step.hidden && name !== step.bot
        const present = [...bots]
          .filter(([name]) => !isHidden(name))
          .map(([name, { answered, reset }]) =>
            bot(`b${name}`, answered, {
              sent: answered + reset,
              failed: { ...noFailures(), reset },
            }),
          )
        const next_ = frame(tick * 100, present, { epoch: String(epoch) })
        foldFrame(fold, next_)
        if (step.repeated) foldFrame(fold, next_)
        const reading = readLoad(fold)
        expect(reading.answered).toBe(truth.answered)
        expect(reading.failed.reset).toBe(truth.reset)
        expect(reading.answered).toBeGreaterThanOrEqual(before)
        expect(reading.rate).toBeGreaterThanOrEqual(0)
        before = reading.answered
      })
    }),
  )
})

test('only frames are frames', () => {
  expect(parseFrame(JSON.stringify(frame(1, [])))).toMatchObject({ at: 1, epoch: 'a' })
  for (const line of ['', '{', 'null', '[]', '{"at":"1"}', '{"at":1,"epoch":"a","bots":{}}']) {
    expect(parseFrame(line)).toBeUndefined()
  }
})
