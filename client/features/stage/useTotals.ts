import { useEffect, useState } from 'react'
import { useHistory, useLoad } from '../../live/live.ts'
import type { Baseline, Totals } from './baseline.ts'
import { baselineFor, totalsOf } from './baseline.ts'
import { useRollout } from './views.ts'

/** Answered and failed since the running update began, else since the start; null before the first measurement. */
export function useTotals(): Totals | null {
  const load = useLoad()
  const history = useHistory()
  const startedAt = useRollout()?.startedAt ?? null
  const [known, setKnown] = useState<Baseline>()
  const baseline = baselineFor(startedAt, history, known)
  useEffect(() => setKnown(baseline), [baseline])
  return load && totalsOf(load, baseline)
}
