import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from './manual-clock.ts'
import { WorkQueue } from './workqueue.ts'

function queueOn(clock = createManualClock()) {
  let ready = 0
  const queue = new WorkQueue(clock, () => ready++)
  return { clock, queue, ready: () => ready }
}

describe('work queue', () => {
  it('hands a key out once however often it was added', () => {
    const { queue, ready } = queueOn()
    queue.add('a')
    queue.add('a')
    expect(ready()).toBe(1)
    expect(queue.take()).toBe('a')
    expect(queue.take()).toBeUndefined()
  })

  it('a key added while it is worked on comes again when done, not before', () => {
    const { queue } = queueOn()
    queue.add('a')
    queue.take()
    queue.add('a')
    queue.add('a')
    expect(queue.take()).toBeUndefined()
    expect(queue.state).toEqual({ waiting: 1, processing: 1, delayed: 0 })
    queue.done('a')
    expect(queue.take()).toBe('a')
    queue.done('a')
    expect(queue.take()).toBeUndefined()
  })

  it('a delayed key becomes ready when due; the soonest time counts', async () => {
    const { clock, queue } = queueOn()
    queue.addAfter('a', 100)
    queue.addAfter('a', 50)
    queue.addAfter('a', 200)
    await clock.advance(49)
    expect(queue.take()).toBeUndefined()
    await clock.advance(1)
    expect(queue.take()).toBe('a')
    queue.done('a')
    await clock.advance(1000)
    expect(queue.take()).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('close forgets everything', async () => {
    const { clock, queue } = queueOn()
    queue.add('a')
    queue.addAfter('b', 10)
    queue.close()
    queue.add('c')
    await clock.advance(100)
    expect(queue.take()).toBeUndefined()
  })

  type Step = ['add' | 'delay' | 'done' | 'take' | 'advance', string, number]
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('add', 'delay', 'done', 'take', 'advance'),
    fc.constantFrom('a', 'b', 'c'),
    fc.integer({ min: 1, max: 20 }),
  )

  it('never twice at once, never lost, at most once waiting', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, queue } = queueOn()
        const working = new Set<string>()
        // Keys added and not handed out since: each must be handed out in the end.
        const owed = new Set<string>()
        const take = (): boolean => {
          const key = queue.take()
          if (key === undefined) return false
          expect(working.has(key)).toBe(false)
          expect(owed.delete(key)).toBe(true)
          working.add(key)
          return true
        }
        for (const [what, key, ms] of steps) {
          if (what === 'add') queue.add(key)
          if (what === 'delay') queue.addAfter(key, ms)
          if (what === 'add' || what === 'delay') owed.add(key)
          if (what === 'take') take()
          if (what === 'done' && working.delete(key)) queue.done(key)
          if (what === 'advance') await clock.advance(ms)
        }
        await clock.advance(100)
        for (let tries = 0; tries < 20; tries++) {
          for (const key of working) queue.done(key)
          working.clear()
          while (take());
        }
        expect(owed).toEqual(new Set())
        for (const key of working) queue.done(key)
        expect(queue.state).toEqual({ waiting: 0, processing: 0, delayed: 0 })
      }),
      { numRuns: 200 },
    )
  })
})
