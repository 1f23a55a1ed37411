import { Area, AreaChart, CartesianGrid, ReferenceDot, ReferenceLine, XAxis, YAxis } from 'recharts'
import { toneOf } from '../../canvas/tone.ts'
import { formatTick } from '../../ui/numbers.ts'
import type { PlacedMark, Point, Series } from './chartModel.ts'
import { labelPlace, WINDOW_SECONDS } from './chartModel.ts'

interface PlotProps {
  size: { width: number; height: number }
  /** CSS pixels per u. */
  unit: number
  series: Series
  marks: readonly PlacedMark[]
  domain: { goal: number; top: number }
  target: number | null
}

const WIDE_TICKS = [-60, -45, -30, -15, 0]
const FEW_TICKS = [-60, -30, 0]
const NARROW_PX = 600

const tickWords = (t: number): string =>
  t === 0 ? 'now' : t === -WINDOW_SECONDS ? `−${WINDOW_SECONDS} s` : `−${Math.abs(t)}`

/** Vertical slats: thin ones for the older version, broad ones for the newest while two serve. */
function Slats({
  id,
  version,
  isNew,
  unit,
}: {
  id: string
  version: string
  isNew: boolean
  unit: number
}) {
  const fill = `var(--v${toneOf(version)})`
  const kind = isNew ? 'new' : 'old'
  return (
    <pattern id={id} width={6 * unit} height={8} patternUnits="userSpaceOnUse">
      <rect
        width={6 * unit}
        height={8}
        fill={fill}
        style={{ opacity: `var(--slat-${kind}-ground)` }}
      />
      <rect
        width={(isNew ? 3.5 : 1.5) * unit}
        height={8}
        fill={fill}
        style={{ opacity: `var(--slat-${kind})` }}
      />
    </pattern>
  )
}

interface LabelBox {
  viewBox?: { x?: number; y?: number; height?: number }
}

/** The plot itself. Apart from the rest because its library comes later than the page. */
export function Plot({ size, unit, series, marks, domain, target }: PlotProps) {
  const text = (u: number, least = 12): number => Math.max(least, u * unit)
  const { versions, points } = series
  const last = points.at(-1)
  const topVersion = versions.at(-1)
  const halo = {
    stroke: 'var(--bg)',
    strokeWidth: 6 * unit,
    paintOrder: 'stroke',
    strokeLinejoin: 'round',
  } as const
  const ticks = size.width < NARROW_PX ? FEW_TICKS : WIDE_TICKS
  return (
    <AreaChart
      width={size.width}
      height={size.height}
      data={points as Point[]}
      margin={{ top: 14 * unit, right: 72 * unit, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <defs>
        {versions.map((version, index) => (
          <Slats
            key={version}
            id={`slats-${version}`}
            version={version}
            isNew={index === 0 && versions.length > 1}
            unit={unit}
          />
        ))}
      </defs>
      <CartesianGrid
        vertical={false}
        stroke="var(--line)"
        horizontalValues={[0, domain.goal / 2]}
      />
      <XAxis
        dataKey="t"
        type="number"
        domain={[-WINDOW_SECONDS, 0]}
        allowDataOverflow
        ticks={ticks}
        interval={0}
        height={32 * unit}
        axisLine={false}
        tickLine={false}
        tick={({
          x,
          y,
          payload,
        }: {
          x: number | string
          y: number | string
          payload: { value: number }
        }) => (
          <text
            x={x}
            y={Number(y) + text(17) * 0.72}
            fontSize={text(17)}
            fill="var(--t2)"
            textAnchor={
              payload.value === 0 ? 'end' : payload.value === -WINDOW_SECONDS ? 'start' : 'middle'
            }
          >
            {tickWords(payload.value)}
          </text>
        )}
      />
      <YAxis hide domain={[0, domain.top]} allowDataOverflow />
      {versions.map((version, index) => (
        <Area
          key={version}
          dataKey={(point: Point) => point.byVersion[version] ?? 0}
          name={version}
          stackId="served"
          type="linear"
          isAnimationActive={false}
          fill={`url(#slats-${version})`}
          fillOpacity={1}
          stroke={`var(--v${toneOf(version)}-edge)`}
          strokeWidth={(index === versions.length - 1 ? 3 : 2.5) * unit}
          strokeLinejoin="round"
          dot={false}
          activeDot={false}
        />
      ))}
      {[0, 0.5, 1].map((share) => (
        <ReferenceLine
          key={share}
          y={domain.goal * share}
          stroke={share === 1 && target !== null ? 'var(--t1)' : 'transparent'}
          strokeWidth={1.5 * unit}
          strokeDasharray={`${2 * unit} ${6 * unit}`}
          strokeLinecap="round"
          label={({ viewBox }: LabelBox) => (
            <text
              x={size.width - 60 * unit}
              y={(viewBox?.y ?? 0) + text(18) * 0.35}
              fontSize={text(share === 1 ? 20 : 18)}
              fontWeight={share === 1 ? 650 : 500}
              fill={share === 1 ? 'var(--t1)' : 'var(--t2)'}
            >
              {formatTick(domain.goal * share)}
            </text>
          )}
        />
      ))}
      {marks.map((mark) => (
        <ReferenceLine
          key={mark.key}
          x={mark.t}
          stroke={mark.weight === 'update' ? 'var(--t2)' : 'transparent'}
          strokeWidth={1.5 * unit}
          label={({ viewBox }: LabelBox) => (
            <MarkLabel box={viewBox} mark={mark} unit={unit} halo={halo} />
          )}
        />
      ))}
      {versions.map((version) => {
        const place = labelPlace(series, version, domain.top)
        return (
          place && (
            <ReferenceDot
              key={version}
              x={place.t}
              y={place.y}
              r={0}
              label={({ viewBox }: LabelBox) => (
                <text
                  x={viewBox?.x}
                  y={(viewBox?.y ?? 0) + 9 * unit}
                  fontSize={text(26, 15)}
                  fontWeight={680}
                  textAnchor="middle"
                  fill={`var(--v${toneOf(version)}-text)`}
                  {...halo}
                >
                  {version}
                </text>
              )}
            />
          )
        )
      })}
      {last && topVersion && (
        <ReferenceDot
          x={0}
          y={last.total}
          r={5.5 * unit}
          fill="var(--t1)"
          stroke={`color-mix(in srgb, var(--v${toneOf(topVersion)}) 28%, transparent)`}
          strokeWidth={11 * unit}
          style={{ paintOrder: 'stroke' }}
          ifOverflow="visible"
        />
      )}
    </AreaChart>
  )
}

function MarkLabel({
  box,
  mark,
  unit,
  halo,
}: {
  box: LabelBox['viewBox']
  mark: PlacedMark
  unit: number
  halo: object
}) {
  const x = box?.x ?? 0
  const top = box?.y ?? 0
  const floor = top + (box?.height ?? 0)
  const fontSize = Math.max(12, 18 * unit)
  const isUpdate = mark.weight === 'update'
  const side = mark.place === 'left' ? -1 : 1
  return (
    <g>
      {!isUpdate && (
        <path d={`M${x} ${floor}v${-12 * unit}`} stroke="var(--t1)" strokeWidth={2 * unit} />
      )}
      {mark.place !== 'none' && (
        <text
          x={x + side * 9 * unit}
          y={isUpdate ? top + fontSize * 0.95 : floor - 8 * unit}
          fontSize={fontSize}
          fontWeight={isUpdate ? 550 : 600}
          textAnchor={side < 0 ? 'end' : 'start'}
          fill="var(--t1)"
          {...halo}
        >
          {mark.words}
        </text>
      )}
    </g>
  )
}
