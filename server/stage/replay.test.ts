import { expect, test } from 'vitest'
import type { Clock } from '../machinery/clock.ts'
import { createFeed } from './feed.ts'
import { parseReplay, setReplay } from './replay.ts'

const AT = 10_000
const clock: Clock = { now: () => AT, after: () => ({ cancel: () => undefined }) }

test.each([
  [null, 'a JSON object'],
  [[], 'a JSON object'],
  [{ moment: 1.5, speed: 1 }, 'whole milliseconds'],
  [{ moment: -1, speed: 1 }, 'whole milliseconds'],
  [{ moment: '12:04', speed: 1 }, 'whole milliseconds'],
  [{ speed: 1 }, 'whole milliseconds'],
  [{ moment: 5, speed: 2 }, 'one of 0, 1, 4, 16'],
  [{ moment: null }, 'one of 0, 1, 4, 16'],
  [{ moment: 5, speed: 1, act: 1 }, 'no field act'],
])('%j is no replay', (body, words) => {
  expect(() => parseReplay(body)).toThrow(words)
})

test('each request counts on; a moment to come is now; live is said once', () => {
  const feed = createFeed('run')
  const set = (moment: number | null) =>
    setReplay({ feed, clock }, parseReplay({ moment, speed: 1 }))
  expect(set(null)).toMatchObject({ turn: 0, moment: null })
  expect(feed.get('replay', 'now')).toBeUndefined()
  expect(set(4_000)).toMatchObject({ turn: 1, moment: 4_000, at: AT })
  expect(set(AT + 1)).toMatchObject({ turn: 2, moment: null })
  expect(set(null)).toMatchObject({ turn: 2 })
  expect(feed.get('replay', 'now')).toMatchObject({ turn: 2, moment: null })
})
