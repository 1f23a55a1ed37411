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
  const killX = kill ? middle(kill) : 0
  const killWidth = kill?.mishap ? widthOf('OOMKilled', kill.mishap.words) : 0
  const isLeft = killX - killWidth > 20
  // What stands right of its pod leaves the room behind it to the other.
  const taken = kill && !isLeft ? killX + killWidth + 40 : 0
  return (
    <>
      {kill?.mishap && (
        <Note
          x={killX}
          y={y}
          side={isLeft ? 'left' : 'right'}
          reason="OOMKilled"
          words={kill.mishap.words}
          from={0}
        />
      )}
      {eviction?.mishap && (
        <Note
          x={middle(eviction)}
          y={y}
          side="right"
          reason="Evicted"
          words={namesOf(evicted)}
          from={taken}
        />
      )}
    </>
  )
}

/** About how wide a note is, in u. */
function widthOf(reason: string, words: string): number {
  return 20 + (reason.length + words.length + 1) * 9.6
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
  from,
}: {
  x: number
  y: number
  side: 'left' | 'right'
  reason: string
  words: string
  /** Where it may begin, at the earliest. */
  from: number
}) {
  const isLeft = side === 'left'
  const to = isLeft ? x - 10 : Math.max(x + 10, from)
  return (
    <g>
      <path d={`M${x} ${y + 2}V${y + 54}H${to}`} stroke="var(--fail)" strokeWidth="2" fill="none" />
      <text
        x={isLeft ? to - 10 : to + 8}
        y={y + 61}
        textAnchor={isLeft ? 'end' : 'start'}
        className={css.note}
      >
        <tspan className={css.reason}>{reason}</tspan> {words}
      </text>
    </g>
  )
}
