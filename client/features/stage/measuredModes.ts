// What each proxy mode's p99 was when it ran: a figure that is not of now always comes with its time.
import { useEffect, useMemo, useRef } from 'react'
import type { LoadView, ProxyMode } from '../../../shared/stage.ts'
import { stageNow, useInfo, useLoad } from '../../live/live.ts'
import { useIsReplay } from '../../live/replay.ts'
import { useFold } from '../../ui/useFold.ts'

/** The p99 of a mode, in ms, and when it was measured, in ms since the epoch. */
export interface Measurement {
  p99Ms: number
  at: number
}

export type Measured = Partial<Record<ProxyMode, Measurement>>

export const MODES: readonly ProxyMode[] = ['userspace', 'iptables']

/** Five seconds' worth: what is remembered of a mode is their middle, not the one moment it was left at. */
const REMEMBERED = 20
/** Kept no longer than a day of rehearsals. */
const FORGET_MS = 12 * 3_600_000
const SAVE_EVERY_MS = 2_000

/** The newest measurements of each mode. */
type Recent = Partial<Record<ProxyMode, readonly Measurement[]>>

interface Reading {
  mode: ProxyMode | null
  load: LoadView | null
}

function foldRecent({ mode, load }: Reading, previous: Recent = {}): Recent {
  const p99Ms = load?.p99Ms ?? null
  if (mode === null || load === null || !load.live || p99Ms === null) return previous
  const one = { p99Ms, at: load.at }
  return { ...previous, [mode]: [...(previous[mode] ?? []), one].slice(-REMEMBERED) }
}

/** The middle of some measurements, at the time of the last; undefined of none. */
export function middleOf(values: readonly Measurement[] | undefined): Measurement | undefined {
  const last = values?.at(-1)
  if (!values || !last) return undefined
  const sorted = values.map(({ p99Ms }) => p99Ms).sort((a, b) => a - b)
  return { p99Ms: sorted[sorted.length >> 1]!, at: last.at }
}

/** What `text` (as `JSON.stringify` of a Measured wrote it) still is worth at `now`. */
export function readMeasured(text: string | null, now: number): Measured {
  const measured: Measured = {}
  try {
    const held = JSON.parse(text ?? '{}') as Record<string, Partial<Measurement> | undefined>
    for (const mode of MODES) {
      const { p99Ms, at } = held[mode] ?? {}
      if (typeof p99Ms === 'number' && typeof at === 'number' && now - at < FORGET_MS) {
        measured[mode] = { p99Ms, at }
      }
    }
  } catch {
    // Somebody else's words.
  }
  return measured
}

/** Storage may be forbidden; then it lasts as long as the page. */
function stored(key: string, now: number): Measured {
  try {
    return readMeasured(localStorage.getItem(key), now)
  } catch {
    return {}
  }
}

function store(key: string, measured: Measured): void {
  try {
    localStorage.setItem(key, JSON.stringify(measured))
  } catch {
    // Not kept.
  }
}

/** The p99 of the running mode now, and what it was of the other when that one ran, in this page or an earlier one. */
export function useMeasuredModes(mode: ProxyMode | null): Measured {
  const load = useLoad()
  const key = `podium.p99.${useInfo()?.cluster ?? ''}`
  const earlier = useMemo(() => stored(key, stageNow()), [key])
  // What is measured is what is, not what is shown again.
  const isReplay = useIsReplay()
  const recent = useFold(
    useMemo(() => ({ mode: isReplay ? null : mode, load }), [isReplay, mode, load]),
    foldRecent,
  )
  const measured = useMemo(() => {
    const all: Measured = {}
    for (const each of MODES) {
      const own = each === mode ? recent[each]?.at(-1) : middleOf(recent[each])
      const known = own ?? earlier[each]
      if (known) all[each] = known
    }
    return all
  }, [mode, recent, earlier])
  useKept(key, recent)
  return measured
}

/** Writes down the middle of what was measured, every now and then. */
function useKept(key: string, recent: Recent): void {
  const savedAt = useRef(0)
  useEffect(() => {
    const now = stageNow()
    const own = MODES.flatMap((mode) => {
      const middle = middleOf(recent[mode])
      return middle ? [[mode, middle] as const] : []
    })
    if (own.length === 0 || now - savedAt.current < SAVE_EVERY_MS) return
    store(key, { ...stored(key, now), ...Object.fromEntries(own) })
    savedAt.current = now
  }, [key, recent])
}
