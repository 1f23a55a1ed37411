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
  // Another aggregator has not seen the life before.
  foldFrame(fold, frame(200, [bot('b2', 5)], { epoch: 'b' }))
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

test('a restart in one epoch may take back what was in flight, and is still counted once', () => {
  const fold = emptyFold()
  foldFrame(fold, frame(0, [bot('b1', 990, { sent: 1_000, inFlight: 10, run: 'x' })]))
  foldFrame(fold, frame(100, [bot('b1', 990, { sent: 990, run: 'y' })]))
  foldFrame(fold, frame(200, [bot('b1', 1_050, { sent: 1_050, run: 'y' })]))
  expect(readLoad(fold).answered).toBe(1_050)
  // The next aggregator knows only the present life.
  foldFrame(fold, frame(300, [bot('b1', 60, { run: 'y' })], { epoch: 'b' }))
  foldFrame(fold, frame(400, [bot('b1', 80, { run: 'y' })], { epoch: 'b' }))
  expect(readLoad(fold).answered).toBe(1_070)
})

test('a pod that is given another image is two servers and one pod', () => {
  const fold = emptyFold()
  const servers = (v1: number, v2: number) => [
    { pod: 'n1', version: 'v1', answered: v1 },
    { pod: 'n1', version: 'v2', answered: v2 },
  ]
  foldFrame(fold, frame(0, [], { servers: servers(10, 0) }))
  foldFrame(fold, frame(500, [], { servers: servers(10, 50) }))
  foldFrame(fold, frame(1_000, [], { servers: servers(10, 100) }))
  expect(readLoad(fold)).toMatchObject({ byVersion: { v2: 100 }, byServer: { n1: 100 } })
})

/** A world of loadbots that answer, restart and vanish, seen by aggregators that restart, hide and repeat. */
const world = fc.array(
  fc.record({
    bot: fc.nat(3),
    grows: fc.nat(1_000),
    fails: fc.nat(5),
    inFlight: fc.nat(20),
    event: fc.constantFrom('none', 'none', 'none', 'botRestarts', 'newAggregator'),
    hidden: fc.boolean(),
    repeated: fc.boolean(),
  }),
  { maxLength: 60 },
)

interface WorldBot {
  run: number
  answered: number
  reset: number
  /** What its present aggregator knows of earlier lives. */
  carried: { answered: number; reset: number }
}

test('totals are exact, whatever restarts: each answer is counted once', () => {
  fc.assert(
    fc.property(world, (steps) => {
      const fold = emptyFold()
      const bots = new Map<number, WorldBot>()
      const truth = { answered: 0, reset: 0 }
      let epoch = 0
      let before = 0
      steps.forEach((step, tick) => {
        const held = bots.get(step.bot)
        const present = held ?? {
          run: 0,
          answered: 0,
          reset: 0,
          carried: { answered: 0, reset: 0 },
        }
        bots.set(step.bot, present)
        // A new aggregator is there before anything else happens: what is lost meanwhile nobody can know.
        if (step.event === 'newAggregator') {
          epoch += 1
          for (const each of bots.values()) each.carried = { answered: 0, reset: 0 }
        } else {
          if (step.event === 'botRestarts') {
            present.carried.answered += present.answered
            present.carried.reset += present.reset
            Object.assign(present, { run: present.run + 1, answered: 0, reset: 0 })
          }
          present.answered += step.grows
          present.reset += step.fails
          truth.answered += step.grows
          truth.reset += step.fails
        }
        const counts = [...bots]
          .filter(([name]) => name === step.bot || !step.hidden || step.event === 'newAggregator')
          .map(([name, { run, answered, reset, carried }]) =>
            bot(`b${name}`, answered + carried.answered, {
              sent: answered + carried.answered + reset + carried.reset + step.inFlight,
              failed: { ...noFailures(), reset: reset + carried.reset },
              inFlight: step.inFlight,
              run: String(run),
            }),
          )
        const told = frame(tick * 100, counts, { epoch: String(epoch) })
        foldFrame(fold, told)
        if (step.repeated) foldFrame(fold, told)
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
