import { useMemo } from 'react'
import type { LoadView } from '../../../shared/stage.ts'
import { useHistory, useLoad } from '../../live/live.ts'
import type { Baseline, Totals } from './baseline.ts'
import { baselineFor, totalsOf } from './baseline.ts'
import { useFold } from '../../ui/useFold.ts'
import { useRollout } from './views.ts'

interface Input {
  startedAt: number | null
  history: readonly LoadView[]
}

const foldBaseline = (
  { startedAt, history }: Input,
  known: Baseline | undefined,
): Baseline | undefined => baselineFor(startedAt, history, known)

/** Answered and failed since the running update began, else since the start; null before the first measurement. */
export function useTotals(): Totals | null {
  const load = useLoad()
  const history = useHistory()
  const startedAt = useRollout()?.startedAt ?? null
  const baseline = useFold<Input, Baseline | undefined>(
    useMemo(() => ({ startedAt, history }), [startedAt, history]),
    foldBaseline,
  )
  return useMemo(() => load && totalsOf(load, baseline), [load, baseline])
}
