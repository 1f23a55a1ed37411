import type { ReactNode } from 'react'

/** Stripes at 45 degrees, `pitch` u apart; the children are one of them and what lies below. */
function Hatching({ id, pitch, children }: { id: string; pitch: number; children: ReactNode }) {
  return (
    <pattern
      id={id}
      width={pitch}
      height={pitch}
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      {children}
    </pattern>
  )
}

/** The hatchings of the bars. `id` keeps those of two pictures apart. */
export function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <Hatching id={`${id}burstable`} pitch={9}>
        <rect width="9" height="9" fill="var(--qb)" />
        <rect width="3" height="9" fill="var(--bg)" opacity=".42" />
      </Hatching>
      <Hatching id={`${id}over`} pitch={9}>
        <rect width="2.5" height="9" fill="var(--t1)" />
      </Hatching>
      <Hatching id={`${id}killed`} pitch={8}>
        <rect width="8" height="8" fill="var(--fail-bg)" />
        <rect width="2.5" height="8" fill="var(--fail)" opacity=".75" />
      </Hatching>
    </defs>
  )
}

/** One of the three classes as it looks in a bar, in u. */
export function QosBox({
  id,
  qos,
  x,
  y,
  width,
  height,
}: {
  id: string
  qos: 'Guaranteed' | 'Burstable' | 'BestEffort'
  x: number
  y: number
  width: number
  height: number
}) {
  const radius = Math.min(5, width / 2.5)
  if (qos === 'BestEffort') {
    const inner = { x: x + 1, y: y + 1, width: Math.max(1, width - 2), height: height - 2 }
    return (
      <rect
        {...inner}
        rx={Math.min(Math.max(radius - 1, 2), inner.width / 2)}
        fill="var(--qe)"
        fillOpacity=".2"
        stroke="var(--qe-edge)"
        strokeWidth="2"
      />
    )
  }
  const fill = qos === 'Guaranteed' ? 'var(--qg)' : `url(#${id}burstable)`
  const edge = qos === 'Guaranteed' ? 'var(--qg-edge)' : 'var(--qb-edge)'
  return (
    <rect
      x={x + 0.5}
      y={y + 0.5}
      width={Math.max(1, width - 1)}
      height={height - 1}
      rx={radius}
      fill={fill}
      stroke={edge}
      strokeWidth="1"
    />
  )
}
