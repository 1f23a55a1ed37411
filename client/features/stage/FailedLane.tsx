import { useHistory } from '../../live/live.ts'
import { formatCount, formatShort } from '../../ui/numbers.ts'
import { failuresBySecond, WINDOW_SECONDS } from './chartModel.ts'
import css from './FailedLane.module.css'

/** Which counts are written: one is as wide as three dots, and the newer goes first. Failures may fill the whole minute. */
export function writtenCounts(counts: readonly number[]): boolean[] {
  const written = counts.map(() => false)
  for (let at = counts.length - 1; at >= 0; at -= 1) {
    written[at] = counts[at]! > 0 && !written[at + 1] && !written[at + 2]
  }
  return written
}

/** The place of a second in the lane, in percent. */
const placeOf = (index: number): string => `${((index + 0.5) / WINDOW_SECONDS) * 100}%`

/** One dot for each of the last sixty seconds: hollow when nothing failed, else red and with its count. */
export function FailedLane() {
  const history = useHistory()
  const counts = failuresBySecond(history)
  const written = writtenCounts(counts)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const isMeasured = history.length > 0
  const said = isMeasured
    ? `${formatCount(total)} failed in the last minute`
    : 'Failures are not measured yet'
  return (
    <div className={css.lane} role="img" aria-label={said}>
      <svg className={css.dots}>
        {counts.map((count, index) => (
          // Places are seconds before now; a dot has no other identity.
          // oxlint-disable-next-line react/no-array-index-key
          <g key={index}>
            <circle className={css.dot} data-failed={count > 0} cx={placeOf(index)} cy="50%" />
            {written[index] && (
              <text className={css.count} x={placeOf(index)} y="0" textAnchor="middle">
                {formatShort(count)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <span className={css.total} data-failed={total > 0}>
        {isMeasured ? `${formatShort(total)} failed` : '–'}
      </span>
    </div>
  )
}
