// Time travel: which moment every screen of the hall shows. The browsers keep what was; the stage only says where to look.
import { badRequest } from '../../shared/status.ts'
import type { ReplayRequest, ReplaySpeed, ReplayView } from '../../shared/stage.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Feed } from './feed.ts'

const KEY = 'now'
const SPEEDS: readonly unknown[] = [0, 1, 4, 16] satisfies ReplaySpeed[]

/**
 * The replay that `body` asks for.
 * @throws ApiError 400 that names what is wrong with it
 */
export function parseReplay(body: unknown): ReplayRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('A replay is a JSON object such as {"moment": null, "speed": 1}.')
  }
  const { moment, speed, ...rest } = body as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw badRequest(`A replay has no field ${unknown}.`)
  if (moment !== null && !(Number.isSafeInteger(moment) && (moment as number) >= 0)) {
    throw badRequest('moment has to be whole milliseconds since the epoch, or null.')
  }
  if (!SPEEDS.includes(speed)) throw badRequest(`speed has to be one of ${SPEEDS.join(', ')}.`)
  return { moment: moment as number | null, speed: speed as ReplaySpeed }
}

/** Shows that moment on every screen; a moment that has not come yet is now. Answers what is so. */
export function setReplay(
  { feed, clock }: { feed: Feed; clock: Clock },
  { moment, speed }: ReplayRequest,
): ReplayView {
  const at = clock.now()
  const before = feed.get('replay', KEY) ?? { ...LIVE, at }
  const shown = moment !== null && moment < at ? moment : null
  if (before.moment === null && shown === null) return before
  const view: ReplayView = { ...before, turn: before.turn + 1, moment: shown, speed, at }
  feed.put(view)
  return view
}

const LIVE = { kind: 'replay', key: KEY, turn: 0, moment: null, speed: 1 } as const
