import css from './Cluster.module.css'
import type { NodeRow, Segment } from './memoryModel.ts'
import type { Geometry } from './rowGeometry.ts'

/** Below a row: what happened for want of memory, with a line to the pod it happened to. `y` is the bar's lower edge. */
export function Notes({ row, geometry, y }: { row: NodeRow; geometry: Geometry; y: number }) {
  if (geometry.isLow) return null
  const killed = row.segments.filter(({ mishap }) => mishap?.reason === 'OOMKilled')
  const evicted = row.segments.filter(({ mishap }) => mishap?.reason === 'Evicted')
  const newest = (segments: readonly Segment[]): Segment | undefined =>
    segments.toSorted((a, b) => (b.mishap?.at ?? 0) - (a.mishap?.at ?? 0))[0]
  const kill = newest(killed)
  const eviction = newest(evicted)
  const middle = ({ from, width }: Segment): number =>
    (geometry.x(from) + geometry.x(from + width)) / 2
  return (
    <>
      {kill?.mishap && (
        <Note x={middle(kill)} y={y} side="left" reason="OOMKilled" words={kill.mishap.words} />
      )}
      {eviction?.mishap && (
        <Note x={middle(eviction)} y={y} side="right" reason="Evicted" words={namesOf(evicted)} />
      )}
    </>
  )
}

/** `report-1, BestEffort` or `report-1, report-2, BestEffort`. */
function namesOf(evicted: readonly Segment[]): string {
  const names = evicted.map(({ key }) => key.slice(key.indexOf('/') + 1))
  const classes = [...new Set(evicted.map(({ qos }) => qos))]
  return [...names, ...classes].join(', ')
}

function Note({
  x,
  y,
  side,
  reason,
  words,
}: {
  x: number
  y: number
  side: 'left' | 'right'
  reason: string
  words: string
}) {
  const [to, text, anchor] =
    side === 'left' ? ([-10, -20, 'end'] as const) : ([10, 18, 'start'] as const)
  return (
    <g>
      <path
        d={`M${x} ${y + 2}V${y + 54}H${x + to}`}
        stroke="var(--fail)"
        strokeWidth="2"
        fill="none"
      />
      <text x={x + text} y={y + 61} textAnchor={anchor} className={css.note}>
        <tspan className={css.reason}>{reason}</tspan> {words}
      </text>
    </g>
  )
}
