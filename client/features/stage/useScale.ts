import { useCallback, useEffect, useRef, useState } from 'react'
import type { Verdict } from '../../../shared/gates.ts'
import type { Act } from './useAct.ts'

export interface Scale {
  /** What is wanted: shown at once, before the cluster has agreed. */
  value: number
  max: number
  /** Why fewer or more is not possible; null when it is. */
  lessReason: string | null
  moreReason: string | null
  /** Shown while a slider moves; nothing is asked for yet. */
  preview: (replicas: number) => void
  set: (replicas: number) => void
  step: (by: number) => void
}

const NONE_LEFT = 'There are none to take away.'

const reasonOf = (verdict: Verdict): string | null => (verdict.allowed ? null : verdict.reason)

/** A wish that the cluster has not taken up after this long is given up, so that the control shows the truth again. */
const GIVE_UP_MS = 4_000

/**
 * A replica count: what is wanted at once, what is so as soon as it is known. While one request is under way only the
 * newest wish is kept, so that leaning on the button does not queue up fifty.
 */
export function useScale(
  target: 'loadbots' | 'servers',
  actual: number,
  max: number,
  verdict: (replicas: number) => Verdict,
  { act, refuse }: Act,
): Scale {
  const [wish, setWish] = useState<number | null>(null)
  // Keys may come faster than the page is drawn: each goes on from where the one before it led.
  const newest = useRef<number | null>(null)
  const next = useRef<number | null>(null)
  const isSending = useRef(false)

  const want = useCallback((replicas: number | null): void => {
    newest.current = replicas
    setWish(replicas)
  }, [])

  useEffect(() => {
    if (wish === null) return
    const giveUp = (): void => want(null)
    if (wish === actual && !isSending.current) return giveUp()
    const timer = setTimeout(giveUp, GIVE_UP_MS)
    return () => clearTimeout(timer)
  }, [wish, actual, want])

  const send = async (replicas: number): Promise<void> => {
    next.current = replicas
    if (isSending.current) return
    isSending.current = true
    let done = true
    while (next.current !== null && done) {
      const wanted: number = next.current
      next.current = null
      done = await act(target, { type: 'scale', target, replicas: wanted })
    }
    next.current = null
    isSending.current = false
    if (!done) want(null)
  }

  const value = wish ?? actual
  const set = (replicas: number): void => {
    const asked = verdict(replicas)
    if (!asked.allowed) return refuse(target, asked.reason)
    want(replicas)
    if (replicas !== actual || isSending.current) void send(replicas)
  }
  const lessReason = value <= 0 ? NONE_LEFT : reasonOf(verdict(value - 1))
  const moreReason = reasonOf(verdict(value + 1))
  const step = (by: number): void => {
    const from = newest.current ?? actual
    const to = Math.min(max, Math.max(0, from + by))
    const reason = by < 0 ? lessReason : moreReason
    if (to !== from) set(to)
    else if (reason !== null) refuse(target, reason)
  }
  return { value, max, lessReason, moreReason, preview: want, set, step }
}
