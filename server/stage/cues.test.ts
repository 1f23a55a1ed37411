import { expect, test } from 'vitest'
import { CUES } from '../../shared/acts.ts'
import { gateStateOf } from '../../shared/gates.ts'
import { ApiError, badRequest } from '../../shared/status.ts'
import type { Action } from '../../shared/stage.ts'
import { systemClock } from '../machinery/clock.ts'
import { giveCue, parseCue } from './cues.ts'
import { createFeed } from './feed.ts'

const cueOf = (title: string): number => CUES.findIndex(({ step }) => step.title === title)

function makeShow(act: (action: Action) => Promise<unknown>) {
  const feed = createFeed('run')
  const state = () =>
    gateStateOf(null, {
      rollouts: [],
      fleets: [],
      services: [],
      nodes: [],
      readyServers: 0,
      scenes: [],
    })
  return { feed, give: giveCue.bind(null, { feed, clock: systemClock, state, act }) }
}

test.each([
  [null, 'a JSON object'],
  [[], 'a JSON object'],
  [{ cue: -1, run: true }, 'whole number'],
  [{ cue: 1.5, run: true }, 'whole number'],
  [{ cue: 10_000, run: true }, 'whole number'],
  [{ cue: 'one', run: true }, 'whole number'],
  [{ run: true }, 'whole number'],
  [{ cue: 0 }, 'run has to be'],
  [{ cue: 0, run: true, act: 1 }, 'no field act'],
])('%j is no cue', (body, words) => {
  expect(() => parseCue(body)).toThrow(words)
})

test('a step is shown and done; going back only shows; the end shows nothing', async () => {
  const done: Action[] = []
  const { feed, give } = makeShow((action) => Promise.resolve(done.push(action)))
  const ship = cueOf('Ship version 2')
  await give({ cue: 0, run: false })
  const began = feed.get('cue', 'now')?.beganAt
  await give({ cue: ship, run: true })
  expect(feed.get('cue', 'now')).toMatchObject({ cue: ship, beganAt: began })
  expect(done).toEqual([{ type: 'update', version: 'v2' }])
  await give({ cue: ship - 1, run: false })
  expect(feed.get('cue', 'now')?.cue).toBe(ship - 1)
  expect(done).toHaveLength(1)
  await give(parseCue({ cue: null, run: false }))
  expect(feed.get('cue', 'now')).toBeUndefined()
})

test('a step that is refused is said, and the show goes on nevertheless', async () => {
  const asked: string[] = []
  const { feed, give } = makeShow((action) => {
    asked.push(action.type)
    return Promise.reject(badRequest(`no ${action.type}`))
  })
  const more = cueOf('More loadbots, more pods')
  await expect(give({ cue: more, run: true })).rejects.toThrow('no scale')
  expect(asked).toEqual(['scale', 'scale'])
  expect(feed.get('cue', 'now')?.cue).toBe(more)
  await expect(give({ cue: more, run: true })).rejects.toBeInstanceOf(ApiError)
})
