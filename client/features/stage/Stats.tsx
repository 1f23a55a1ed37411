import type { ReactNode } from 'react'
import { useLoad } from '../../live/live.ts'
import { FAILURES, select } from '../../live/selection.ts'
import { formatCount, formatLatency, formatSuccess } from '../../ui/numbers.ts'
import css from './Stats.module.css'
import { useSlow } from './useSlow.ts'
import { useTotals } from './useTotals.ts'

function Stat({
  label,
  isWide = false,
  children,
}: {
  label: string
  isWide?: boolean
  children: ReactNode
}) {
  return (
    <div className={css.stat} data-wide={isWide}>
      <dt className={css.label}>{label}</dt>
      <dd className={css.value}>{children}</dd>
    </div>
  )
}

function Unknown() {
  return <i className={css.unknown}>–</i>
}

function Latency({ label, ms }: { label: string; ms: number | null }) {
  const { figure, unit } = formatLatency(ms)
  return (
    <Stat label={label}>
      {ms === null ? <Unknown /> : figure}
      <small>{unit}</small>
    </Stat>
  )
}

/** Latency of the last second, and the exact counts. Red only when something failed. */
export function Stats() {
  const load = useSlow(useLoad())
  const totals = useSlow(useTotals())
  const success = totals && formatSuccess(totals.answered, totals.failed)
  return (
    <dl className={css.stats}>
      <Latency label="p50" ms={load?.p50Ms ?? null} />
      <Latency label="p99" ms={load?.p99Ms ?? null} />
      <Stat label="Success" isWide>
        {success ?? <Unknown />}
        <small>%</small>
      </Stat>
      <Stat
        label={totals?.since === 'update' ? 'Failed since update began' : 'Failed since the start'}
      >
        <button
          type="button"
          data-failed={(totals?.failed ?? 0) > 0}
          className={css.failed}
          title="Why requests failed"
          onClick={() => select(FAILURES)}
        >
          {totals ? formatCount(totals.failed) : <Unknown />}
        </button>
        {totals && <small>of {formatCount(totals.answered + totals.failed)}</small>}
      </Stat>
    </dl>
  )
}
