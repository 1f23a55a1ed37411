import { useEffect, useState } from 'react'
import type { LoadView } from '../../../shared/stage.ts'
import { useHistory, useLoad } from '../../live/live.ts'
import { WINDOW_SECONDS } from './chartModel.ts'
import { useSlow } from './useSlow.ts'

const KEPT_MS = (WINDOW_SECONDS + 2) * 1000
/** Four a second are drawn, however many come. */
const CLOSEST_MS = 240

/** Measurements of the last minute: one a second from before this page, then four a second. */
export function useSamples(): readonly LoadView[] {
  const load = useSlow(useLoad())
  const history = useHistory()
  const [samples, setSamples] = useState<readonly LoadView[]>([])
  useEffect(() => {
    if (!load) return
    setSamples((old) => {
      const before = old.length > 0 ? old : history.filter(({ at }) => at < load.at)
      const last = before.at(-1)
      if (last && load.at - last.at < CLOSEST_MS) return old.length > 0 ? old : before
      const isNewRun = last && (load.since !== last.since || load.at < last.at)
      const kept = isNewRun ? [] : before.filter(({ at }) => at > load.at - KEPT_MS)
      return [...kept, load]
    })
  }, [load, history])
  return samples
}
