import { useId } from 'react'
import type { ScalingSample } from '../../../shared/traffic.ts'
import css from './Cards.module.css'
import { FLOOR, PICTURE, scalingLines } from './scalingLines.ts'
import type { Formula } from './scalingModel.ts'

/** Use against its target, slatted where it is above, and replicas below it; what is wanted is a hollow dot. */
export function ScalingChart({
  samples,
  formula,
  wanted,
  now,
}: {
  samples: readonly ScalingSample[]
  formula: Formula
  wanted: number
  now: number
}) {
  const id = useId()
  const targetUse = formula.target.endsWith('%') ? Number.parseFloat(formula.target) : null
  const lines = scalingLines(samples, targetUse, wanted, now)
  const replicas = samples.at(-1)?.replicas ?? 0
  const { right, width, height } = PICTURE
  const apart = Math.abs(lines.now.wanted - lines.now.replicas)
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={css.plot} aria-hidden="true">
      <defs>
        <pattern id={`${id}slats`} width="5" height="5" patternUnits="userSpaceOnUse">
          <rect width="2" height="5" fill="var(--t1)" />
        </pattern>
        <clipPath id={`${id}above`}>
          <rect width={width} height={lines.target} />
        </clipPath>
      </defs>
      <text x="0" y="16" className={css.caption}>
        {formula.metric} against target
      </text>
      {targetUse !== null && (
        <>
          {lines.use && (
            <path
              d={`${lines.use}V${lines.target}H${lines.useFrom}Z`}
              fill={`url(#${id}slats)`}
              opacity=".55"
              clipPath={`url(#${id}above)`}
            />
          )}
          <path d={`M0 ${lines.target}H${right}`} className={css.target} />
          <text x={right + 14} y={lines.target + 7} className={css.caption}>
            {formula.target}
          </text>
        </>
      )}
      {lines.use && <path d={lines.use} className={css.line} />}
      {lines.now.use !== null && (
        <>
          <circle cx={right} cy={lines.now.use} r="5.5" fill="var(--t1)" />
          <text
            x={right + 14}
            y={apartFrom(lines.now.use, targetUse === null ? null : lines.target) + 7}
            className={css.now}
          >
            {formula.current}
          </text>
        </>
      )}
      <text x="0" y="118" className={css.caption}>
        Replicas, last {lines.span}
      </text>
      <path d={`M0 ${FLOOR}H${right}`} stroke="var(--line2)" />
      {lines.replicas && (
        <>
          <path
            d={`${lines.replicas}V${FLOOR}H${lines.replicasFrom}Z`}
            fill="var(--t1)"
            opacity=".1"
          />
          <path d={lines.replicas} className={css.line} />
        </>
      )}
      <text x={right + 14} y={lines.now.replicas + 8} className={css.now}>
        {replicas}
      </text>
      {wanted !== replicas && (
        <>
          <path
            d={`M${right} ${lines.now.replicas}V${lines.now.wanted}`}
            stroke="var(--t1)"
            strokeWidth="2.5"
            strokeDasharray="3 4"
          />
          <circle cx={right} cy={lines.now.wanted} r="5" className={css.wanted} />
          {apart > 18 && (
            <text x={right + 14} y={lines.now.wanted + 7} className={css.caption}>
              {wanted}
            </text>
          )}
        </>
      )}
    </svg>
  )
}

/** Moved so that it does not stand on the other number. */
function apartFrom(y: number, other: number | null): number {
  if (other === null || Math.abs(y - other) >= 20) return y
  return y <= other ? other - 20 : other + 20
}
