// Totals since a moment: since the load began, or since the running update began, where that moment was measured.
import type { LoadView } from '../../../shared/stage.ts'

export interface Totals {
  answered: number
  failed: number
  /** `update`: since the running update began. `start`: since the load was first measured. */
  since: 'update' | 'start'
}

/** What had been counted when an update began. */
export interface Baseline {
  startedAt: number
  answered: number
  failed: number
}

/** A measurement this much older than the update still counts as its beginning, in ms. */
const SLACK_MS = 1_500

/**
 * The last measurement before `startedAt`. Undefined when the page was not there then and no kept measurement reaches
 * back that far: then totals since the start are the honest ones.
 */
export function baselineFor(
  startedAt: number | null,
  history: readonly LoadView[],
  known: Baseline | undefined,
): Baseline | undefined {
  if (startedAt === null) return undefined
  if (known?.startedAt === startedAt) return known
  const before = history.findLast(({ at }) => at <= startedAt)
  const first = history[0]
  const taken = before ?? (first && first.at - startedAt < SLACK_MS ? first : undefined)
  return taken && { startedAt, answered: taken.answered, failed: taken.failed }
}

/** The totals to show. A baseline beyond the totals is from before the counters began anew, so it does not apply. */
export function totalsOf(load: LoadView, baseline: Baseline | undefined): Totals {
  const applies = baseline && baseline.answered <= load.answered && baseline.failed <= load.failed
  if (!applies) return { answered: load.answered, failed: load.failed, since: 'start' }
  return {
    answered: load.answered - baseline.answered,
    failed: load.failed - baseline.failed,
    since: 'update',
  }
}
