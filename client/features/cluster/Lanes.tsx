import css from './Cards.module.css'
import type { JobModel, Turn } from './jobModel.ts'

const WIDTH = 484
/** Where "now" stands while the Job goes on; what is right of it waits. */
const NOW = 352
const PITCH = 42
const LANE = 34
const QUEUED = { x: 366, width: 58 }

/** One lane per pod that may run at a time: checks are done, solid runs, dashed waits. */
export function Lanes({ model }: { model: JobModel }) {
  const { lanes, begins, ends, queued, end } = model
  const right = end ? WIDTH - 60 : NOW
  const x = (at: number): number =>
    Math.max(0, Math.min(1, (at - begins) / Math.max(1, ends - begins))) * right
  const height = lanes.length * PITCH + 26
  const base = lanes.length * PITCH + 18
  const seconds = Math.round((ends - begins) / 1000)
  return (
    <svg
      viewBox={`0 -4 ${WIDTH} ${height + 4}`}
      className={css.lanes}
      role="img"
      aria-label={wordsOf(model)}
    >
      {lanes.map((lane, row) => (
        // A lane is its place.
        // oxlint-disable-next-line react/no-array-index-key
        <g key={row} transform={`translate(0 ${row * PITCH})`}>
          {lane
            .filter(({ to }) => to === null || to > begins)
            .map((turn) => (
              <TurnBox key={turn.key} turn={turn} from={x(turn.from)} to={x(turn.to ?? ends)} />
            ))}
          {row < queued && !end && (
            <rect
              x={QUEUED.x}
              y="1"
              width={QUEUED.width}
              height={LANE - 2}
              rx="6"
              className={css.queued}
            />
          )}
        </g>
      ))}
      <path d={`M${right} -2V${base - 18}`} stroke="var(--t1)" strokeWidth="2" />
      <text x="0" y={base} className={css.caption}>
        {seconds > 90 ? `−${Math.round(seconds / 60)} min` : `−${seconds} s`}
      </text>
      <text x={right} y={base} textAnchor="middle" className={css.mid}>
        {end ? 'end' : 'now'}
      </text>
      {queued > 0 && (
        <text x={QUEUED.x + 29} y={base} className={css.caption}>
          {queued} queued
        </text>
      )}
    </svg>
  )
}

function TurnBox({ turn, from, to }: { turn: Turn; from: number; to: number }) {
  const width = Math.max(2, to - from - 2)
  const middle = from + width / 2
  if (turn.state === 'running') {
    return (
      <path
        d={`M${from + 7} 0H${to}V${LANE}H${from + 7}a6 6 0 0 1 -6 -6V6a6 6 0 0 1 6 -6z`}
        fill="var(--t1)"
      />
    )
  }
  const isFailed = turn.state === 'failed'
  return (
    <>
      <rect
        x={from + 1}
        width={width}
        height={LANE}
        rx={Math.min(6, width / 2)}
        fill={isFailed ? 'var(--fail-bg)' : 'var(--s3)'}
        stroke={isFailed ? 'var(--fail)' : 'none'}
      />
      {width > 20 && (
        <path
          d={
            isFailed
              ? `M${middle - 6} ${LANE / 2 - 6}l12 12m0 -12l-12 12`
              : `M${middle - 8} ${LANE / 2 + 0.5}l5.500 5.500 10.500-11.500`
          }
          className={isFailed ? css.crossed : css.checked}
        />
      )}
    </>
  )
}

function wordsOf({ lanes, succeeded, queued, failed }: JobModel): string {
  const running = lanes.flat().filter(({ state }) => state === 'running').length
  return `${succeeded} done, ${running} running, ${queued} queued, ${failed} failed`
}
