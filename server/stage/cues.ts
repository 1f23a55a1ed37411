// The script, step by step: where the show stands is a view like any other, and a step is done through the actions.
import { CUES } from '../../shared/acts.ts'
import type { GateState } from '../../shared/gates.ts'
import { ApiError, badRequest } from '../../shared/status.ts'
import type { Action, CueRequest } from '../../shared/stage.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Feed } from './feed.ts'
import { setReplay } from './replay.ts'

const KEY = 'now'

export interface CueDeps {
  feed: Feed
  clock: Clock
  state: () => GateState
  act: (action: Action) => Promise<unknown>
}

/**
 * The cue that `body` asks for.
 * @throws ApiError 400 that names what is wrong with it
 */
export function parseCue(body: unknown): CueRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('A cue is a JSON object such as {"cue": 0, "run": true}.')
  }
  const { cue, run, ...rest } = body as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw badRequest(`A cue has no field ${unknown}.`)
  const isCue = cue === null || (Number.isInteger(cue) && CUES[cue as number] !== undefined)
  if (!isCue)
    throw badRequest(`cue has to be a whole number from 0 to ${CUES.length - 1}, or null.`)
  if (typeof run !== 'boolean') throw badRequest('run has to be true or false.')
  return { cue: cue as number | null, run }
}

/**
 * Takes the show to that step, then does what the step says, one action after the other. All of them are tried: a show
 * goes on.
 * @throws ApiError what the first action was refused with; the show stands at the step nevertheless
 */
export async function giveCue(
  { feed, clock, state, act }: CueDeps,
  { cue, run }: CueRequest,
): Promise<void> {
  if (cue === null) return feed.drop('cue', KEY)
  const at = clock.now()
  const beganAt = (cue > 0 && feed.get('cue', KEY)?.beganAt) || at
  feed.put({ kind: 'cue', key: KEY, cue, beganAt, at })
  if (!run) return
  // What is done now is seen now.
  setReplay({ feed, clock }, { moment: null, speed: 1 })
  let refusal: ApiError | undefined
  for (const action of CUES[cue]?.step.actions?.(state()) ?? []) {
    try {
      await act(action)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refusal ??= error
    }
  }
  if (refusal) throw refusal
}
