import type { ReactNode } from 'react'
import type { PodState } from '../../shared/stage.ts'
import type { TileTone } from './tone.ts'
import css from './TileGlyph.module.css'

interface Paint {
  fill: string
  edge: string
}

const PIPS: Record<TileTone, readonly [number, number][]> = {
  1: [[10, 10]],
  2: [
    [7, 13],
    [13, 7],
  ],
  3: [
    [6, 14],
    [10, 10],
    [14, 6],
  ],
  none: [],
}

function Frame({
  fill = 'none',
  stroke,
  width,
  dash,
}: {
  fill?: string
  stroke: string
  width: number
  dash?: string
}) {
  const side = 20 - width
  return (
    <rect
      x={width / 2}
      y={width / 2}
      width={side}
      height={side}
      rx="3.7"
      fill={fill}
      stroke={stroke}
      strokeWidth={width}
      strokeDasharray={dash}
    />
  )
}

/** The same shapes as on the canvas, in a box of 20 by 20. */
const SHAPES: Record<PodState, (paint: Paint) => ReactNode> = {
  ready: ({ fill, edge }) => <Frame fill={fill} stroke={edge} width={1.2} />,
  starting: ({ fill, edge }) => (
    <>
      <Frame stroke={edge} width={1.6} />
      <path
        d="M2.8 10h14.400v5.600a1.6 1.6 0 0 1-1.6 1.600H4.400a1.6 1.6 0 0 1-1.6-1.600z"
        fill={fill}
      />
    </>
  ),
  pending: () => <Frame stroke="var(--t3)" width={1.4} dash="2.1 2.1" />,
  stopping: ({ fill }) => (
    <>
      <Frame stroke="var(--line2)" width={1.5} />
      <rect x="5" y="5" width="10" height="10" rx="2" fill={fill} opacity="0.45" />
    </>
  ),
  failed: () => (
    <>
      <Frame fill="var(--fail-bg)" stroke="var(--fail)" width={2} />
      <path d="M6 6l8 8M14 6l-8 8" stroke="var(--fail)" strokeWidth="2.1" strokeLinecap="round" />
    </>
  ),
  unknown: () => (
    <>
      <Frame stroke="var(--t3)" width={1.6} />
      <path
        d="M2 9L9 2M2 14.500L14.5 2M4 18L18 4M9.5 18L18 9.5"
        stroke="var(--t3)"
        strokeWidth="1.4"
      />
    </>
  ),
  succeeded: () => (
    <>
      <rect width="20" height="20" rx="4" fill="var(--s3)" />
      <path
        d="M5.4 10.400l3.2 3.4 6.2-7"
        fill="none"
        stroke="var(--t1)"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
}

/** One tile of the vocabulary beside words: in the legend and on version buttons. One em square, decorative. */
export function TileGlyph({ state, tone }: { state: PodState; tone: TileTone }) {
  const paint = { fill: `var(--v${tone})`, edge: `var(--v${tone}-edge)` }
  return (
    <svg viewBox="0 0 20 20" width="1em" height="1em" className={css.glyph} aria-hidden="true">
      {SHAPES[state](paint)}
      {state === 'ready' &&
        PIPS[tone].map(([x, y]) => <circle key={x} cx={x} cy={y} r="1.8" fill="var(--pip)" />)}
    </svg>
  )
}
