import { useEffect, useRef, useState } from 'react'
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
  { act }: Act,
): Scale {
  const [wish, setWish] = useState<number | null>(null)
  const next = useRef<number | null>(null)
  const isSending = useRef(false)

  useEffect(() => {
    if (wish === null) return
    if (wish === actual && !isSending.current) return setWish(null)
    const timer = setTimeout(() => setWish(null), GIVE_UP_MS)
    return () => clearTimeout(timer)
  }, [wish, actual])

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
    if (!done) setWish(null)
  }

  const value = wish ?? actual
  const set = (replicas: number): void => {
    if (!verdict(replicas).allowed) return
    setWish(replicas)
    if (replicas !== actual || isSending.current) void send(replicas)
  }
  return {
    value,
    max,
    lessReason: value <= 0 ? 'There are none to take away.' : reasonOf(verdict(value - 1)),
    moreReason: reasonOf(verdict(value + 1)),
    preview: setWish,
    set,
    step: (by) => set(Math.min(max, Math.max(0, value + by))),
  }
}
