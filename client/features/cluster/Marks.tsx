import css from './Cluster.module.css'
import type { NodeRow } from './memoryModel.ts'
import { percentOf } from './percent.ts'
import type { Geometry } from './rowGeometry.ts'

interface MarkProps {
  row: NodeRow
  geometry: Geometry
  /** Of the bar: its upper edge for limits, its lower for requests. */
  y: number
}

/** Above the bar: what the pods may use, hatched where that is more than there is. */
export function LimitsLine({ id, row, geometry, y }: MarkProps & { id: string }) {
  const { x, isLow } = geometry
  const line = y - (isLow ? 8 : 13)
  const end = x(row.limits)
  const whole = x(Math.min(100, geometry.scale))
  const over = end - x(100)
  if (row.limits === 0) return null
  return (
    <>
      <path d={`M${x(0)} ${line}H${Math.min(whole, end)}`} stroke="var(--t2)" strokeWidth="3" />
      {row.limits > 100 && over > 0 && (
        <>
          <rect x={x(100)} y={line - 6} width={over} height="12" fill={`url(#${id}over)`} />
          <rect
            x={x(100)}
            y={line - 6}
            width={over}
            height="12"
            fill="none"
            stroke="var(--t1)"
            strokeWidth="1.5"
          />
        </>
      )}
      <text x={end + 12} y={line + 7} className={css.mark}>
        limits <tspan className={css.figure}>{percentOf(row.limits)} %</tspan>
      </text>
    </>
  )
}

/** The words inside a bracket, and what it has to be wide to hold them. */
const WORDS_WIDTH = 180

/** Below the bar: what the pods have asked for. */
export function Bracket({ row, geometry, y }: MarkProps) {
  const { x, isLow } = geometry
  if (row.requests === 0 || isLow) return null
  const left = x(0)
  const right = x(row.requests)
  const line = y + 18
  const isWide = right - left > WORDS_WIDTH + 30
  const path = isWide
    ? `M${left} ${line - 6}V${line}H${left + 20}M${left + WORDS_WIDTH} ${line}H${right}V${line - 6}`
    : `M${left} ${line - 6}V${line}H${right}V${line - 6}`
  return (
    <>
      <path d={path} fill="none" stroke="var(--t1)" strokeWidth="2.5" strokeLinejoin="round" />
      <text x={isWide ? left + 30 : right + 12} y={line + 7} className={css.mark}>
        requests <tspan className={css.figure}>{percentOf(row.requests)} %</tspan>
      </text>
    </>
  )
}
