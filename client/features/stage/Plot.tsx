import { Area, AreaChart, XAxis, YAxis } from 'recharts'
import { toneOf } from '../../canvas/tone.ts'
import type { Point } from './chartModel.ts'
import { WINDOW_SECONDS } from './chartModel.ts'
import type { PlotProps } from './plotScale.ts'
import { ROOM, scaleOf } from './plotScale.ts'
import { PlotGrid, PlotWords } from './PlotWords.tsx'

/** Vertical slats: thin ones for the older version, broad ones for the newest while two serve. */
function Slats({ version, isNew, unit }: { version: string; isNew: boolean; unit: number }) {
  const fill = `var(--v${toneOf(version)})`
  const kind = isNew ? 'new' : 'old'
  return (
    <pattern id={`slats-${version}`} width={6 * unit} height={8} patternUnits="userSpaceOnUse">
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

/** The areas, and over them the words. Apart from the rest because its library comes later than the page. */
export function Plot(props: PlotProps) {
  const { size, unit, series, domain } = props
  const { versions, points } = series
  const scale = scaleOf(props)
  return (
    <>
      <PlotGrid {...props} scale={scale} />
      <AreaChart
        // Areas stack in the order in which they appeared, so another set of versions is another chart.
        key={versions.join()}
        width={size.width}
        height={size.height}
        data={points}
        margin={{
          top: ROOM.top * unit,
          right: ROOM.right * unit,
          bottom: ROOM.bottom * unit,
          left: 0,
        }}
        accessibilityLayer={false}
      >
        <defs>
          {versions.map((version, index) => (
            <Slats
              key={version}
              version={version}
              isNew={index === 0 && versions.length > 1}
              unit={unit}
            />
          ))}
        </defs>
        <XAxis dataKey="t" type="number" domain={[-WINDOW_SECONDS, 0]} allowDataOverflow hide />
        <YAxis domain={[0, domain.top]} allowDataOverflow hide />
        {versions.map((version) => (
          <Area
            key={version}
            dataKey={(point: Point) => point.byVersion[version] ?? 0}
            name={version}
            stackId="served"
            type="linear"
            isAnimationActive={false}
            fill={`url(#slats-${version})`}
            fillOpacity={1}
            stroke="none"
            dot={false}
            activeDot={false}
          />
        ))}
      </AreaChart>
      <PlotWords {...props} scale={scale} />
    </>
  )
}
