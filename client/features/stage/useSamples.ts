import { useMemo } from 'react'
import type { LoadView } from '../../../shared/stage.ts'
import { useHistory, useLoad } from '../../live/live.ts'
import { WINDOW_SECONDS } from './chartModel.ts'
import { useFold } from '../../ui/useFold.ts'
import { useSlow } from './useSlow.ts'

const KEPT_MS = (WINDOW_SECONDS + 2) * 1000
/** Four a second are drawn, however many come. */
const CLOSEST_MS = 240
/** More than this between two samples is a gap to be filled. */
const GAP_MS = 1_000

interface Input {
  load: LoadView | null
  history: readonly LoadView[]
}

const between = (history: readonly LoadView[], from: number, to: number): LoadView[] =>
  history.filter(({ at }) => at > from + CLOSEST_MS && at < to - CLOSEST_MS)

/** The samples with one more; the first time, with the history before it. */
export function withSample(
  { load, history }: Input,
  previous: readonly LoadView[] | undefined,
): readonly LoadView[] {
  if (!load) return previous?.length ? previous : history
  const before = previous?.length ? previous : history.filter(({ at }) => at < load.at)
  const last = before.at(-1)
  // Counters that began anew, or a look back: what was shown before does not belong to the same line.
  const isNewRun = last !== undefined && (load.since !== last.since || load.at < last.at)
  if (isNewRun) {
    return [...history.filter(({ at, since }) => since === load.since && at < load.at), load]
  }
  if (last && load.at - last.at < CLOSEST_MS) return before
  // Measurements that came while the page was busy are in the history all the same.
  const missed = last && load.at - last.at > GAP_MS ? between(history, last.at, load.at) : []
  return [...before.filter(({ at }) => at > load.at - KEPT_MS), ...missed, load]
}

/** Measurements of the last minute: one a second from before this page, then four a second. */
export function useSamples(): readonly LoadView[] {
  const load = useSlow(useLoad())
  const history = useHistory()
  return useFold(
    useMemo(() => ({ load, history }), [load, history]),
    withSample,
  )
}
