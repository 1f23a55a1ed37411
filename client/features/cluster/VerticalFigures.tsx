import { useMemo } from 'react'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { VerticalPodAutoscaler } from '../../../shared/kubernetes/vertical.ts'
import { updateModeOf } from '../../../shared/kubernetes/vertical.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { ArrowTo } from './ArrowTo.tsx'
import css from './Cards.module.css'
import type { AdviceRow } from './verticalModel.ts'
import { barOf, formulaOf, podsOf, verticalModel } from './verticalModel.ts'

/** What pods ask for, what is recommended, and the bounds within which they are left alone. */
export function VerticalFigures({ vpa }: { vpa: VerticalPodAutoscaler }) {
  const { data } = useObjects(pods, { namespace: vpa.metadata.namespace })
  const own = useMemo(() => podsOf(vpa, data ?? []), [vpa, data])
  const { container, containers, rows, explanation } = verticalModel(vpa, own)
  const [first] = rows
  return (
    <>
      {first && (
        <div className={css.figures} data-small={true}>
          <b>{first.request === null ? '–' : first.words(first.request)}</b>
          <ArrowTo />
          <b>{first.words(first.target)}</b>
          <p>
            {first.name} {containers > 1 ? `of ${container}` : 'per pod'}
            <br />
            mode {updateModeOf(vpa)}
          </p>
        </div>
      )}
      <code className={css.formula}>{first ? formulaOf(first) : 'Nothing is recommended yet'}</code>
      {rows.length > 0 && <Chart rows={rows} />}
      <p className={css.explanation}>{explanation}</p>
    </>
  )
}

const PICTURE = { width: 484, row: 102, right: 390 }
/** Of each row: the upper edge of its bar, and how high that is. */
const BAR = { top: 32, height: 36 }

function Chart({ rows }: { rows: readonly AdviceRow[] }) {
  const label = rows.map(
    ({ name, request, target, lower, upper, words }) =>
      `${name}: pods ask for ${request === null ? 'nothing' : words(request)}, ${words(target)} is recommended, between ${words(lower)} and ${words(upper)}`,
  )
  const height = PICTURE.row * 2
  return (
    <svg
      viewBox={`0 0 ${PICTURE.width} ${height}`}
      className={css.plot}
      role="img"
      aria-label={label.join('. ')}
    >
      {rows.map((row, i) => (
        <g key={row.name} transform={`translate(0 ${i * PICTURE.row})`}>
          <Bar row={row} />
        </g>
      ))}
    </svg>
  )
}

/** What is asked for is solid, what is wanted a hollow dot, and between the bounds the ground is raised. */
function Bar({ row }: { row: AdviceRow }) {
  const { right } = PICTURE
  const bar = barOf(row)
  const x = (share: number): number => share * right
  const middle = BAR.top + BAR.height / 2
  const until = bar.upper === null ? right : x(bar.upper)
  return (
    <>
      <text x="0" y="16" className={css.caption}>
        {row.name}, {row.words(row.lower)} to {row.words(row.upper)} is left alone
      </text>
      <rect y={BAR.top} width={right} height={BAR.height} rx="4" fill="var(--s2)" />
      <rect
        x={x(bar.lower)}
        y={BAR.top}
        width={until - x(bar.lower)}
        height={BAR.height}
        fill="var(--s3)"
      />
      <path d={`M${x(bar.lower)} ${BAR.top - 4}v${BAR.height + 8}`} className={css.bound} />
      {bar.upper !== null && (
        <path d={`M${until} ${BAR.top - 4}v${BAR.height + 8}`} className={css.bound} />
      )}
      <rect y={middle - 7} width={x(bar.request)} height="14" rx="2" fill="var(--t1)" />
      <path d={`M${x(bar.target)} ${BAR.top}v${BAR.height}`} className={css.target} />
      <circle cx={x(bar.target)} cy={middle} r="6" className={css.wanted} />
      <text x={right + 14} y={middle - 3} className={css.now}>
        {row.request === null ? '–' : row.words(row.request)}
      </text>
      <text x={right + 14} y={middle + 19} className={css.caption}>
        {row.words(row.target)}
      </text>
    </>
  )
}
