import { splitKey } from '../../../shared/kubernetes/meta.ts'
import { select } from '../../live/selection.ts'
import css from './Cluster.module.css'
import type { Segment } from './memoryModel.ts'
import { QosBox } from './Patterns.tsx'
import type { Geometry } from './rowGeometry.ts'

/** About how wide a letter of a label is, and the room around it, in u. */
const LETTER = 9.4
const ROOM = 14
const GAP = 2

/** One pod of a bar, as wide as what it uses. A press looks into it. */
export function PodSegment({
  id,
  segment,
  y,
  geometry,
}: {
  id: string
  segment: Segment
  y: number
  geometry: Geometry
}) {
  const x = geometry.x(segment.from) + GAP / 2
  const width = Math.max(1.5, geometry.x(segment.from + segment.width) - x - GAP / 2)
  const height = geometry.bar
  const open = (): void => {
    const { namespace = null, name } = splitKey(segment.key)
    select({ kind: 'pods', namespace, name })
  }
  return (
    <g className={css.segment} onClick={open} data-pod={segment.key}>
      <title>{segment.key}</title>
      <Shape id={id} segment={segment} x={x} y={y} width={width} height={height} />
      {!segment.isGone && (
        <Label segment={segment} x={x + width / 2} y={y + height / 2} width={width} />
      )}
    </g>
  )
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

function Shape({ id, segment, ...box }: Box & { id: string; segment: Segment }) {
  const { x, y, width, height } = box
  const inner = { x: x + 1, y: y + 1, width: Math.max(1, width - 2), height: height - 2, rx: 4 }
  if (segment.isGone) {
    const arm = Math.min(9, width / 3, height / 4)
    const [cx, cy] = [x + width / 2, y + height / 2]
    return (
      <>
        <rect {...inner} fill="none" stroke="var(--fail)" strokeWidth="2" strokeDasharray="5 4" />
        <path
          d={`M${cx - arm} ${cy - arm}l${arm * 2} ${arm * 2}M${cx + arm} ${cy - arm}l${-arm * 2} ${arm * 2}`}
          stroke="var(--fail)"
          strokeWidth={arm > 6 ? 4 : 2.5}
          strokeLinecap="round"
        />
      </>
    )
  }
  if (segment.mishap) {
    return <rect {...inner} fill={`url(#${id}killed)`} stroke="var(--fail)" strokeWidth="2" />
  }
  return <QosBox id={id} qos={segment.qos} {...box} />
}

function Label({
  segment: { label, qos, mishap },
  x,
  y,
  width,
}: {
  segment: Segment
  x: number
  y: number
  width: number
}) {
  const wide = label.length * LETTER + ROOM
  if (wide > width) return null
  const hasGround = mishap !== null || qos === 'Burstable'
  return (
    <>
      {hasGround && (
        <rect x={x - wide / 2} y={y - 14} width={wide} height="28" rx="6" fill="var(--bg)" />
      )}
      <text
        x={x}
        y={y + 6.5}
        textAnchor="middle"
        className={css.label}
        data-dark={!hasGround && qos === 'Guaranteed'}
      >
        {label}
      </text>
    </>
  )
}
