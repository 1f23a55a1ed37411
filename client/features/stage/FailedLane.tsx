import { useHistory } from '../../live/live.ts'
import { formatCount } from '../../ui/numbers.ts'
import { failuresBySecond } from './chartModel.ts'
import css from './FailedLane.module.css'

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
            {count > 0 && <b className={css.count}>{formatCount(count)}</b>}
          </i>
        ))}
      </div>
      <span className={css.total} data-failed={total > 0}>
        {formatCount(total)} failed
      </span>
    </div>
  )
}
