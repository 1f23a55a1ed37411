// Time travel: which moment the hall sees. Every screen keeps what it saw (`reel.ts`) and shows the same moment of it;
// where they look is said by the stage, and known here at once.
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { LoadView, ReplaySpeed, ReplayView } from '../../shared/stage.ts'
import { askReplay } from './findings.ts'
import { liveNow, reel, stores } from './page.ts'
import { createStores } from './stores.ts'

/** What was asked for: `moment` was shown at `at`; null: live. */
interface Wish {
  moment: number
  speed: ReplaySpeed
  at: number
}

export interface Replay {
  /** The moment shown, in ms since the epoch. */
  moment: number
  speed: ReplaySpeed
  /** How long ago that is, in seconds. */
  lag: number
}

/** One press of `,` or `;`. */
export const STEP_MS = 10_000
const TICK_MS = 100
/** Nearer to now than this is live. */
const LIVE_MS = 500

/** Stores of the past, filled from the reel. What a stage is does not change. */
export const pastStores = { ...createStores(), info: stores.info }
pastStores.connection.setState({ status: 'live' })

const shown = createStore(() => ({ replay: null as Replay | null }))

let wish: Wish | null = null
let turn = 0
let underWay = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The moment that is wanted now, if this page can show it; a page that was not there then stays live. */
function momentOf({ moment, speed, at }: Wish): number | null {
  const now = liveNow()
  const wanted = moment + speed * (now - at)
  const [oldest, began] = [reel.oldest(), reel.began()]
  if (oldest === null || began === null || wanted < began - STEP_MS) return null
  return wanted > now - LIVE_MS ? null : Math.max(oldest, wanted)
}

function draw(): void {
  const moment = wish && momentOf(wish)
  const before = shown.getState().replay
  if (moment === null || !wish) {
    clearInterval(timer)
    timer = undefined
    if (before) shown.setState({ replay: null })
    return
  }
  if (before?.moment !== moment) reel.show(pastStores, moment)
  const lag = Math.round((liveNow() - moment) / 1000)
  shown.setState({ replay: { moment, speed: wish.speed, lag } })
  timer ??= setInterval(draw, TICK_MS)
}

function adopt(view: ReplayView | undefined): void {
  turn = view?.turn ?? 0
  const { moment = null, speed = 1, at = 0 } = view ?? {}
  wish = moment === null ? null : { moment, speed, at }
  draw()
}

function onNews(): void {
  const view = stores.feed.get('replay', 'now')
  // The stage may have begun anew, and its turns with it.
  if (underWay === 0 && (view?.turn ?? 0) !== turn) adopt(view)
}

/** Follows what the stage says about where to look. Answers the way to stop. */
export function startReplay(): () => void {
  const stop = stores.feed.subscribe('replay', onNews)
  return () => {
    stop()
    clearInterval(timer)
    timer = undefined
  }
}

/** Has the hall show `moment` (null: now) from here on at that speed. Without a connection this page alone does. */
async function ask(moment: number | null, speed: ReplaySpeed): Promise<void> {
  wish = moment === null ? null : { moment, speed, at: liveNow() }
  draw()
  underWay += 1
  try {
    const view = await askReplay({ moment: moment === null ? null : Math.round(moment), speed })
    turn = Math.max(turn, view.turn)
  } catch {
    // Nobody hears it; what is kept can be looked at all the same.
  } finally {
    underWay -= 1
    const said = stores.feed.get('replay', 'now')
    if (underWay === 0 && said && said.turn > turn) adopt(said)
  }
}

/** The nearest moment there is; null: nearly now, which is live. */
function within(moment: number): number | null {
  const now = liveNow()
  const nearest = Math.max(moment, reel.oldest() ?? now)
  return nearest > now - LIVE_MS ? null : nearest
}

const speedNow = (): ReplaySpeed => shown.getState().replay?.speed ?? 1

/** Shows that moment, or the nearest there is, on every screen. */
function seek(moment: number): void {
  void ask(within(moment), speedNow())
}

/** The same on this page only, while somebody is still looking for it. */
function preview(moment: number): void {
  const nearest = within(moment)
  wish = nearest === null ? null : { moment: nearest, speed: speedNow(), at: liveNow() }
  draw()
}

/** Looks so many ms further back (negative) or on. */
export function travel(byMs: number): void {
  seek((shown.getState().replay?.moment ?? liveNow()) + byMs)
}

/** Goes on at that speed, or stands still at 0. */
export function setReplaySpeed(speed: ReplaySpeed): void {
  const { replay } = shown.getState()
  if (replay) void ask(replay.moment, speed)
}

/** Live again, on every screen. */
export function returnToLive(): void {
  void ask(null, 1)
}

/** How many seconds ago what is shown was; null while live. */
export function useReplayLag(): number | null {
  return useStore(shown, ({ replay }) => replay?.lag ?? null)
}

/** What is shown of the past; null while live. Changes ten times a second while it goes on. */
export function useReplay(): Replay | null {
  return useStore(shown, ({ replay }) => replay)
}

/** Whether the past is shown. */
export function useIsReplay(): boolean {
  return useStore(shown, ({ replay }) => replay !== null)
}

/** The moment shown, in ms since the epoch; now while live. */
export function shownNow(): number {
  return shown.getState().replay?.moment ?? liveNow()
}

const LOOK_MS = 1_000

/** What can be looked back at. */
export interface Kept {
  /** The first moment, in ms since the epoch, and the last: now. */
  oldest: number
  now: number
}

/** From when until now there is something to look back at; looked at again each second. */
export function useKept(): Kept {
  const look = useCallback((): Kept => {
    const now = liveNow()
    return { oldest: reel.oldest() ?? now, now }
  }, [])
  const [kept, setKept] = useState(look)
  useEffect(() => {
    const each = setInterval(() => setKept(look()), LOOK_MS)
    return () => clearInterval(each)
  }, [look])
  return kept
}

/** What was measured in that time, oldest first. */
export function useMeasurements(kept: Kept): readonly LoadView[] {
  return useMemo(
    () => reel.measurements().filter(({ at }) => at >= kept.oldest && at <= kept.now),
    [kept],
  )
}

/** What a slider over the kept time needs: whole seconds since its beginning. Its end is now, however late it was drawn. */
export function scrubberOf({ oldest, now }: Kept, moment: number) {
  const max = Math.round((now - oldest) / 1000)
  const at = (seconds: number): number =>
    seconds >= max ? Number.POSITIVE_INFINITY : oldest + seconds * 1000
  return {
    label: 'Moment shown',
    value: Math.round((moment - oldest) / 1000),
    max,
    onMove: (seconds: number) => preview(at(seconds)),
    onCommit: (seconds: number) => seek(at(seconds)),
  }
}
