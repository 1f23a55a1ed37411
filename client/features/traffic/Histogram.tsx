import type { ModeMeasure } from '../../../shared/traffic.ts'
import type { LatencyScale } from './histogram.ts'
import { heightsOf, placeOf, tickText } from './histogram.ts'
import css from './Traffic.module.css'

const WIDTH = 600
const HEIGHT = 236
const BASE = HEIGHT - 34
const TOP = 34
const PLOT = (BASE - TOP) * 0.94

/** All latencies of one mode, the other's as a dotted outline; p50 dotted, p99 solid. */
export function Histogram({
  measure,
  other,
  scale,
  isFast,
}: {
  measure: ModeMeasure
  other: ModeMeasure | undefined
  scale: LatencyScale
  isFast: boolean
}) {
  const heights = heightsOf(scale, measure)
  const step = WIDTH / heights.length
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={css.histogram}
      role="img"
      aria-label={`${measure.mode}: p50 ${text(measure.p50Ms)}, p99 ${text(measure.p99Ms)}`}
    >
      {heights.map((height, at) => {
        const tall = height * PLOT
        if (tall < 0.6) return null
        return (
          <rect
            // A bucket is its place.
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            x={at * step + 1.2}
            y={BASE - tall}
            width={step - 2.4}
            height={tall}
            rx="1.5"
            fill={isFast ? 'var(--t1)' : 'var(--t3)'}
          />
        )
      })}
      {other && <Outline heights={heightsOf(scale, other)} name={other.mode} step={step} />}
      <path d={`M0 ${BASE + 0.5}H${WIDTH}`} stroke="var(--line2)" />
      {scale.ticks.map(({ ms, at }) => (
        <text
          key={ms}
          x={at * WIDTH}
          y={BASE + 26}
          textAnchor={at === 0 ? 'start' : at > 0.97 ? 'end' : 'middle'}
          className={css.tick}
        >
          {tickText(ms)}
        </text>
      ))}
      <Mark name="p50" ms={measure.p50Ms} scale={scale} row={0} />
      <Mark name="p99" ms={measure.p99Ms} scale={scale} row={1} />
    </svg>
  )
}

function text(ms: number | null): string {
  return ms === null ? 'not measured' : `${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`
}

/** The other mode, so that both are seen on either side. */
function Outline({
  heights,
  name,
  step,
}: {
  heights: readonly number[]
  name: string
  step: number
}) {
  const line = heights
    .map((height, at) => {
      const y = (BASE - height * PLOT).toFixed(1)
      return at === 0 ? `M0 ${y}` : `H${(at * step).toFixed(1)}V${y}`
    })
    .join('')
  const peak = heights.indexOf(1)
  const isRight = peak > heights.length * 0.75
  return (
    <>
      <path
        d={`${line}H${WIDTH}`}
        fill="none"
        stroke="var(--t3)"
        strokeWidth="1.5"
        strokeDasharray="2 4"
      />
      <text
        x={(peak + 0.5) * step + (isRight ? -24 : 24)}
        y={BASE - PLOT * 0.62}
        textAnchor={isRight ? 'end' : 'start'}
        className={css.other}
      >
        {name}
      </text>
    </>
  )
}

function Mark({
  name,
  ms,
  scale,
  row,
}: {
  name: string
  ms: number | null
  scale: LatencyScale
  row: number
}) {
  if (ms === null) return null
  const x = placeOf(scale, ms) * WIDTH
  const isRight = x > WIDTH - 150
  return (
    <>
      <path
        d={`M${x} ${BASE}V${6 + row * 24}`}
        stroke="var(--t1)"
        strokeWidth="2"
        strokeDasharray={name === 'p50' ? '3 4' : undefined}
      />
      <text
        x={x + (isRight ? -9 : 9)}
        y={20 + row * 24}
        textAnchor={isRight ? 'end' : 'start'}
        className={css.markText}
      >
        {name} {text(ms)}
      </text>
    </>
  )
}
