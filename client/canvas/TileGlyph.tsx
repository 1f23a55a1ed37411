import type { PodState } from '../../shared/stage.ts'
import type { TileTone } from './tone.ts'
import css from './TileGlyph.module.css'

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

/** One tile of the vocabulary beside words: in the legend and on version buttons. One em square, decorative. */
export function TileGlyph({ state, tone }: { state: PodState; tone: TileTone }) {
  return (
    <svg viewBox="0 0 20 20" width="1em" height="1em" className={css.glyph} aria-hidden="true">
      {shapeOf(state, tone)}
    </svg>
  )
}

function shapeOf(state: PodState, tone: TileTone) {
  const fill = `var(--v${tone})`
  const edge = `var(--v${tone}-edge)`
  switch (state) {
    case 'ready':
      return (
        <>
          <rect
            x="0.6"
            y="0.6"
            width="18.8"
            height="18.8"
            rx="3.8"
            fill={fill}
            stroke={edge}
            strokeWidth="1.2"
          />
          {PIPS[tone].map(([x, y]) => (
            <circle key={x} cx={x} cy={y} r="1.8" fill="var(--pip)" />
          ))}
        </>
      )
    case 'starting':
      return (
        <>
          <rect
            x="0.8"
            y="0.8"
            width="18.4"
            height="18.4"
            rx="3.5"
            fill="none"
            stroke={edge}
            strokeWidth="1.6"
          />
          <path
            d="M2.8 10h14.4v5.6a1.6 1.6 0 0 1-1.6 1.6H4.400a1.600 1.600 0 0 1-1.600-1.600z"
            fill={fill}
          />
        </>
      )
    case 'pending':
      return (
        <rect
          x="0.8"
          y="0.8"
          width="18.4"
          height="18.4"
          rx="4"
          fill="none"
          stroke="var(--t3)"
          strokeWidth="1.4"
          strokeDasharray="2.1 2.1"
        />
      )
    case 'stopping':
      return (
        <>
          <rect
            x="0.75"
            y="0.75"
            width="18.5"
            height="18.5"
            rx="4"
            fill="none"
            stroke="var(--line2)"
            strokeWidth="1.5"
          />
          <rect x="5" y="5" width="10" height="10" rx="2" fill={fill} opacity="0.45" />
        </>
      )
    case 'failed':
      return (
        <>
          <rect
            x="1"
            y="1"
            width="18"
            height="18"
            rx="4"
            fill="var(--fail-bg)"
            stroke="var(--fail)"
            strokeWidth="2"
          />
          <path
            d="M6 6l8 8M14 6l-8 8"
            stroke="var(--fail)"
            strokeWidth="2.1"
            strokeLinecap="round"
          />
        </>
      )
    case 'unknown':
      return (
        <>
          <rect
            x="0.8"
            y="0.8"
            width="18.4"
            height="18.4"
            rx="4"
            fill="none"
            stroke="var(--t3)"
            strokeWidth="1.6"
          />
          <path
            d="M2 9L9 2M2 14.500L14.500 2M4 18L18 4M9.500 18L18 9.500"
            stroke="var(--t3)"
            strokeWidth="1.4"
          />
        </>
      )
    case 'succeeded':
      return (
        <>
          <rect width="20" height="20" rx="4" fill="var(--s3)" />
          <path
            d="M5.400 10.400l3.200 3.400 6.200-7"
            fill="none"
            stroke="var(--t1)"
            strokeWidth="1.7"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      )
  }
}
