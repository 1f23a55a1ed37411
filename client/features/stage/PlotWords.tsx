import { toneOf } from '../../canvas/tone.ts'
import { formatTick } from '../../ui/numbers.ts'
import css from './Chart.module.css'
import type { PlacedMark, Point } from './chartModel.ts'
import { edgeOf, labelPlace, WINDOW_SECONDS } from './chartModel.ts'
import type { PlotProps, Scale } from './plotScale.ts'

const WIDE_TICKS = [-60, -45, -30, -15, 0]
const FEW_TICKS = [-60, -30, 0]
const NARROW_PX = 600

/** Text stays readable on small screens, whatever its size in u. */
const fontSize = (u: number, unit: number, least = 12): number => Math.max(least, u * unit)

const halo = (unit: number) =>
  ({
    stroke: 'var(--bg)',
    strokeWidth: 6 * unit,
    paintOrder: 'stroke',
    strokeLinejoin: 'round',
  }) as const

function TimeTicks({
  scale,
  unit,
  narrow,
  end,
}: {
  scale: Scale
  unit: number
  narrow: boolean
  end: string
}) {
  const size = fontSize(17, unit)
  return (narrow ? FEW_TICKS : WIDE_TICKS).map((t) => (
    <text
      key={t}
      x={scale.x(t)}
      y={scale.floor + 8 * unit + size * 0.9}
      fontSize={size}
      fill="var(--t2)"
      textAnchor={t === 0 ? 'end' : t === -WINDOW_SECONDS ? 'start' : 'middle'}
    >
      {t === 0 ? end : t === -WINDOW_SECONDS ? `−${WINDOW_SECONDS} s` : `−${-t}`}
    </text>
  ))
}

function RateTicks({
  scale,
  unit,
  goal,
  target,
}: {
  scale: Scale
  unit: number
  goal: number
  target: number | null
}) {
  return (
    <>
      {target !== null && (
        <path
          d={`M0 ${scale.y(target)}H${scale.width}`}
          stroke="var(--t1)"
          strokeWidth={1.5 * unit}
          strokeDasharray={`${2 * unit} ${6 * unit}`}
          strokeLinecap="round"
        />
      )}
      {[0, goal / 2, goal].map((rate) => {
        const isTarget = rate === target
        return (
          <text
            key={rate}
            x={scale.width + 12 * unit}
            y={scale.y(rate) + fontSize(18, unit) * 0.35}
            fontSize={fontSize(isTarget ? 20 : 18, unit)}
            fontWeight={isTarget ? 650 : 500}
            fill={isTarget ? 'var(--t1)' : 'var(--t2)'}
          >
            {formatTick(rate)}
          </text>
        )
      })}
    </>
  )
}

/** An update is a line through the plot with its words above, everything else a tick on the floor. */
function MarkSign({ mark, scale, unit }: { mark: PlacedMark; scale: Scale; unit: number }) {
  const x = scale.x(mark.t)
  const isUpdate = mark.weight === 'update'
  const side = mark.place === 'left' ? -1 : 1
  // Under the target's words, beside which its own have moved, the line ends below them.
  const top = mark.wordsAt === mark.t ? 24 : 48
  const size = fontSize(18, unit)
  return (
    <g>
      {isUpdate ? (
        <path
          d={`M${x} ${scale.floor}V${top * unit}`}
          stroke="var(--t2)"
          strokeWidth={1.5 * unit}
        />
      ) : (
        <path d={`M${x} ${scale.floor}v${-12 * unit}`} stroke="var(--t1)" strokeWidth={2 * unit} />
      )}
      {mark.place !== 'none' && (
        <text
          x={scale.x(mark.wordsAt) + side * 9 * unit}
          y={isUpdate ? 22 * unit + size * 0.95 : scale.floor - 8 * unit}
          fontSize={size}
          fontWeight={isUpdate ? 550 : 600}
          textAnchor={side < 0 ? 'end' : 'start'}
          fill="var(--t1)"
          {...halo(unit)}
        >
          {mark.words}
        </text>
      )}
    </g>
  )
}

/** The upper edges of the areas, where there is an area. */
function Edges({ series, scale, unit }: Pick<PlotProps, 'series' | 'unit'> & { scale: Scale }) {
  return series.versions.map((version) => (
    <path
      key={version}
      d={edgeOf(series, version)
        .map(({ t, y, isStart }) => `${isStart ? 'M' : 'L'}${scale.x(t)} ${scale.y(y)}`)
        .join('')}
      fill="none"
      stroke={`var(--v${toneOf(version)}-edge)`}
      strokeWidth={2.75 * unit}
      strokeLinejoin="round"
      clipPath="url(#plot-inside)"
    />
  ))
}

/** The lines behind the areas: the floor and one in the middle. */
export function PlotGrid({ size, scale, domain }: PlotProps & { scale: Scale }) {
  return (
    <svg className={css.words} width={size.width} height={size.height}>
      {[0, 0.5].map((share) => (
        <path
          key={share}
          d={`M0 ${scale.y(domain.goal * share)}H${scale.width}`}
          stroke="var(--line)"
        />
      ))}
    </svg>
  )
}

/** Where the areas end at a point: versions are counted over a window of their own, a little apart from the whole rate. */
function heightOf({ byVersion, total }: Point): number {
  return Object.values(byVersion).reduce((sum, rate) => sum + rate, 0) || total
}

/** What is written on the plot: ticks, the target, what happened, the versions' names, and where now is. */
export function PlotWords({
  size,
  unit,
  series,
  marks,
  domain,
  target,
  end,
  scale,
}: PlotProps & { scale: Scale }) {
  const last = series.points.at(-1)
  const topVersion = series.versions.findLast((version) => (last?.byVersion[version] ?? 0) > 0)
  return (
    <svg className={css.words} width={size.width} height={size.height}>
      <clipPath id="plot-inside">
        <rect width={scale.width} height={size.height} />
      </clipPath>
      <RateTicks scale={scale} unit={unit} goal={domain.goal} target={target} />
      <TimeTicks scale={scale} unit={unit} narrow={size.width < NARROW_PX} end={end} />
      <Edges series={series} scale={scale} unit={unit} />
      {marks.map((mark) => (
        <MarkSign key={mark.key} mark={mark} scale={scale} unit={unit} />
      ))}
      {series.versions.map((version) => {
        const place = labelPlace(series, version, domain.top, marks)
        return (
          place && (
            <text
              key={version}
              x={scale.x(place.t)}
              y={scale.y(place.y) + 9 * unit}
              fontSize={fontSize(26, unit, 15)}
              fontWeight={680}
              textAnchor="middle"
              fill={`var(--v${toneOf(version)}-text)`}
              {...halo(unit)}
            >
              {version}
            </text>
          )
        )
      })}
      {last && topVersion && (
        <g transform={`translate(${scale.x(0)} ${scale.y(heightOf(last))})`}>
          <circle r={11 * unit} fill={`var(--v${toneOf(topVersion)})`} opacity={0.28} />
          <circle r={5.5 * unit} fill="var(--t1)" />
        </g>
      )}
    </svg>
  )
}
