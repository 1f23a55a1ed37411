import { useId } from 'react'
import { select } from '../../live/selection.ts'
import { plural } from '../../ui/numbers.ts'
import css from './Cluster.module.css'
import { Bracket, LimitsLine } from './Marks.tsx'
import type { MemoryModel, NodeRow } from './memoryModel.ts'
import { WHOLE_SCALE } from './memoryModel.ts'
import { mebibytes } from './mishaps.ts'
import { Notes } from './Notes.tsx'
import { Patterns } from './Patterns.tsx'
import { percentOf } from './percent.ts'
import { PodSegment } from './PodSegment.tsx'
import { geometryOf, WIDTH } from './rowGeometry.ts'
import type { Geometry } from './rowGeometry.ts'

/** The nodes as bars of their pods, in u; more nodes than there is room for are counted. */
export function MemoryRows({
  model,
  scale,
  height,
}: {
  model: MemoryModel
  scale: number
  height: number
}) {
  const id = useId()
  const geometry = geometryOf(model.rows.length, height, scale)
  const rows = model.rows.slice(0, geometry.shown)
  const rest = model.rows.length - rows.length
  return (
    <div className={css.rows}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} className={css.chart}>
        <Patterns id={id} />
        <Scale geometry={geometry} scale={scale} height={height} />
        {scale === WHOLE_SCALE && (
          <path
            d={`M${geometry.x(100)} 30V${height - 6}`}
            stroke="var(--t1)"
            strokeWidth="2"
            pointerEvents="none"
          />
        )}
        {rows.map((row, at) => (
          <Row key={row.name} id={id} row={row} geometry={geometry} at={at} />
        ))}
      </svg>
      {rest > 0 && <p className={css.rest}>and {plural(rest, 'more node')}</p>}
    </div>
  )
}

const TICKS: Readonly<Record<number, readonly number[]>> = {
  1.5: [0, 0.5, 1, 1.5],
  5: [0, 1, 2, 3, 4, 5],
  15: [0, 5, 10, 15],
  50: [0, 10, 20, 30, 40, 50],
  150: [0, 50, 100, 150],
}

function Scale({ geometry, scale, height }: { geometry: Geometry; scale: number; height: number }) {
  const ticks = TICKS[scale] ?? []
  return (
    <g aria-hidden="true">
      {ticks.map((tick, place) => {
        const isWhole = tick === 100
        const isLast = place === ticks.length - 1
        return (
          <g key={tick}>
            <text
              x={geometry.x(tick)}
              y={18}
              textAnchor={place === 0 ? 'start' : isLast ? 'end' : 'middle'}
              className={isWhole ? css.whole : css.tick}
            >
              {isWhole
                ? '100 % allocatable'
                : `${tick} %${isLast && scale < 100 ? ' of allocatable' : ''}`}
            </text>
            {!isWhole && <path d={`M${geometry.x(tick)} 30V${height - 6}`} stroke="var(--line)" />}
          </g>
        )
      })}
    </g>
  )
}

function Row({
  id,
  row,
  geometry,
  at,
}: {
  id: string
  row: NodeRow
  geometry: Geometry
  at: number
}) {
  const y = geometry.top(at)
  const { bar, x } = geometry
  const end = Math.max(0, ...row.segments.map(({ from, width }) => from + width))
  const look = (): void => select({ kind: 'nodes', namespace: null, name: row.name })
  return (
    <g role="group" aria-label={wordsOf(row)}>
      {at > 0 && <path d={`M0 ${y - geometry.above}H1260`} stroke="var(--line)" />}
      <g className={css.node} onClick={look}>
        <text x="0" y={y + bar * 0.42} className={geometry.isLow ? css.lowName : css.name}>
          {row.name}
        </text>
        <text x="0" y={y + bar * 0.42 + (geometry.isLow ? 22 : 29)} className={css.sub}>
          {row.isSimulated ? 'simulated' : row.isReady ? plural(row.pods, 'pod') : 'not ready'}
        </text>
      </g>
      {row.isPressed && <Pressure y={y + bar + 4} />}
      <rect
        x={x(0)}
        y={y}
        width={x(Math.min(100, geometry.scale)) - x(0)}
        height={bar}
        fill="var(--s1)"
      />
      <LimitsLine id={id} row={row} geometry={geometry} y={y} />
      {row.segments.map((segment) => (
        <PodSegment key={segment.uid} id={id} segment={segment} y={y} geometry={geometry} />
      ))}
      <Used row={row} y={y} geometry={geometry} end={end} />
      <Notes row={row} geometry={geometry} y={y + bar} />
      <Bracket row={row} geometry={geometry} y={y + bar} />
    </g>
  )
}

/** Right of the bar: how much of the node is used, as measured. */
function Used({
  row,
  y,
  geometry,
  end,
}: {
  row: NodeRow
  y: number
  geometry: Geometry
  end: number
}) {
  const whole = geometry.scale === WHOLE_SCALE ? 100 : 0
  const base = y + geometry.bar / 2 + 12
  const left = geometry.x(Math.max(end, whole)) + 16
  if (row.used === null) {
    return (
      <text x={left} y={base - 4} className={css.sub}>
        {row.isSimulated ? 'runs nothing' : 'not measured'}
      </text>
    )
  }
  const isTight = row.used > 90 || row.isPressed
  return (
    <text
      x={left}
      y={base}
      className={geometry.isLow ? css.lowUsed : css.used}
      data-tight={isTight}
    >
      {percentOf(row.used)}
      <tspan dx="3" className={css.usedUnit}>
        % used
      </tspan>
      {row.unmeasured > 0 && (
        <tspan dx="12" className={css.sub}>
          {row.unmeasured} not measured yet
        </tspan>
      )}
    </text>
  )
}

function Pressure({ y }: { y: number }) {
  return (
    <g transform={`translate(1 ${y})`}>
      <rect
        width="146"
        height="32"
        rx="8"
        fill="var(--fail-bg)"
        stroke="var(--fail)"
        strokeWidth="1.5"
      />
      <text x="73" y="22" textAnchor="middle" className={css.pressure}>
        MemoryPressure
      </text>
    </g>
  )
}

function wordsOf(row: NodeRow): string {
  const used = row.used === null ? 'not measured' : `${percentOf(row.used)} % used`
  const mishaps = row.segments.flatMap(({ mishap }) =>
    mishap ? [`${mishap.reason} ${mishap.words}`] : [],
  )
  return [
    `${row.name}: ${plural(row.pods, 'pod')} on ${mebibytes(row.allocatable)}`,
    used,
    `requests ${percentOf(row.requests)} %`,
    `limits ${percentOf(row.limits)} %`,
    ...(row.isPressed ? ['MemoryPressure'] : []),
    ...mishaps,
  ].join(', ')
}
