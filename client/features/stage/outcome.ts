// How the last update ended, so that whoever looks up afterwards can read it off the stage. Pure.
import type { RolloutView } from '../../../shared/stage.ts'
import { formatCount } from '../../ui/numbers.ts'
import type { Totals } from './baseline.ts'

export interface Moment {
  rollout: RolloutView | null
  totals: Totals | null
  /** Of the newest measurement, ms since the epoch. */
  at: number
}

/** An update under way or over: what was counted while it ran. */
export interface Update {
  startedAt: number
  from: string
  to: string
  seconds: number
  answered: number
  failed: number
  isOver: boolean
}

/** The update after one more moment; null while none was seen. */
export function foldUpdate(
  { rollout, totals, at }: Moment,
  previous: Update | null | undefined,
): Update | null {
  const before = previous ?? null
  if (!rollout) return null
  const { startedAt, fromVersion, toVersion, phase } = rollout
  if (startedAt !== null && fromVersion !== null && fromVersion !== toVersion) {
    if (totals?.since !== 'update') return before?.startedAt === startedAt ? before : null
    const seconds = Math.max(0, (at - startedAt) / 1000)
    const { answered, failed } = totals
    return { startedAt, from: fromVersion, to: toVersion, seconds, answered, failed, isOver: false }
  }
  if (before?.to !== toVersion) return null
  return phase === 'steady' ? { ...before, isOver: true } : before
}

/** `v1 to v2 in 26 s, 0 of 455,010 requests failed`; null while there is nothing to tell. */
export function outcomeWords(update: Update | null): string | null {
  if (!update?.isOver) return null
  const { from, to, seconds, answered, failed } = update
  const asked = `${formatCount(failed)} of ${formatCount(answered + failed)} requests failed`
  return `${from} to ${to} in ${Math.max(1, Math.round(seconds))} s, ${asked}`
}
