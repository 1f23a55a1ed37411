import { useHistory } from '../../live/live.ts'
import { formatCompact, formatCount } from '../../ui/numbers.ts'
import { failuresBySecond } from './chartModel.ts'
import css from './FailedLane.module.css'

/** A count is as wide as three dots: it is written unless one of the next two seconds writes its own. */
export function hasRoom(counts: readonly number[], index: number): boolean {
  if (!counts[index]) return false
  return !hasRoom(counts, index + 1) && !hasRoom(counts, index + 2)
}

/** One dot for each of the last sixty seconds: hollow when nothing failed, else red and with its count. */
export function FailedLane() {
  const counts = failuresBySecond(useHistory())
  const total = counts.reduce((sum, count) => sum + count, 0)
  const said = `${formatCount(total)} failed in the last minute`
  return (
    <div className={css.lane} role="img" aria-label={said}>
      <div className={css.dots}>
        {counts.map((count, index) => (
          // Places are seconds before now; a dot has no other identity.
          // oxlint-disable-next-line react/no-array-index-key
          <i key={index} className={css.dot} data-failed={count > 0}>
            {hasRoom(counts, index) && <b className={css.count}>{formatCompact(count)}</b>}
          </i>
        ))}
      </div>
      <span className={css.total} data-failed={total > 0}>
        {formatCompact(total)} failed
      </span>
    </div>
  )
}
