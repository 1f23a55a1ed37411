import { memo, useMemo } from 'react'
import { Area, AreaChart, XAxis, YAxis } from 'recharts'
import { Slats } from '../../canvas/Slats.tsx'
import type { Point } from './chartModel.ts'
import { WINDOW_SECONDS } from './chartModel.ts'
import type { PlotProps } from './plotScale.ts'
import { ROOM, scaleOf } from './plotScale.ts'
import { PlotGrid, PlotWords } from './PlotWords.tsx'

const WINDOW: [number, number] = [-WINDOW_SECONDS, 0]

interface AreasProps {
  width: number
  height: number
  unit: number
  top: number
  points: Point[]
  /** Separated by commas: a list would be another one at every measurement. */
  versions: string
}

/**
 * The areas. Whatever stays the same from one measurement to the next is the same object: the library works everything out
 * anew for each axis and each series that changes its identity.
 */
const Areas = memo(function Areas({ width, height, unit, top, points, versions }: AreasProps) {
  const margin = useMemo(
    () => ({ top: ROOM.top * unit, right: ROOM.right * unit, bottom: ROOM.bottom * unit, left: 0 }),
    [unit],
  )
  const parts = useMemo(() => {
    const names = versions === '' ? [] : versions.split(',')
    return [
      <defs key="slats">
        {names.map((version, index) => (
          <Slats
            key={version}
            id={`slats-${version}`}
            version={version}
            isNew={index === 0 && names.length > 1}
            unit={unit}
          />
        ))}
      </defs>,
      <XAxis key="x" dataKey="t" type="number" domain={WINDOW} allowDataOverflow hide />,
      <YAxis key="y" domain={[0, top]} allowDataOverflow hide />,
      ...names.map((version) => (
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
      )),
    ]
  }, [versions, unit, top])
  return (
    <AreaChart
      // Areas stack in the order in which they appeared, so another set of versions is another chart.
      key={versions}
      width={width}
      height={height}
      data={points}
      margin={margin}
      accessibilityLayer={false}
    >
      {parts}
    </AreaChart>
  )
})

/** The areas, and over them the words. Apart from the rest because its library comes later than the page. */
export function Plot(props: PlotProps) {
  const { size, unit, series, domain } = props
  const scale = scaleOf(props)
  return (
    <>
      <PlotGrid {...props} scale={scale} />
      <Areas
        width={size.width}
        height={size.height}
        unit={unit}
        top={domain.top}
        points={series.points}
        versions={series.versions.join()}
      />
      <PlotWords {...props} scale={scale} />
    </>
  )
}
