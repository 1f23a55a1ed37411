import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useLoad, useViews } from '../../live/live.ts'
import { useIsReplay } from '../../live/replay.ts'
import { formatClock, formatCount } from '../../ui/numbers.ts'
import css from './Chart.module.css'
import { domainFor, marksOf, placeMarks, seriesOf, WINDOW_SECONDS } from './chartModel.ts'
import { FailedLane } from './FailedLane.tsx'
import { ROOM } from './plotScale.ts'
import { useFold } from '../../ui/useFold.ts'
import { useSamples } from './useSamples.ts'
import { useSize } from '../../ui/useSize.ts'
import { useLayout, useUnit } from '../../ui/useUnit.ts'

const Plot = lazy(() => import('./Plot.tsx').then(({ Plot }) => ({ default: Plot })))

/** The target label stands inverted for so long when the load first reaches its target. */
const REACHED_MS = 1_200
/** The width of a character on the chart: in ems, and the ems, in u and at least in pixels. */
const CHARACTER = { em: 0.53, u: 18, px: 12 }

/** How many characters are as wide as one second. */
function densityOf(size: { width: number } | null, unit: number): number {
  if (!size) return 1
  const second = Math.max(1, size.width - ROOM.right * unit) / WINDOW_SECONDS
  return second / (CHARACTER.em * Math.max(CHARACTER.px, CHARACTER.u * unit))
}

/** The width of the target's words, in seconds; on a phone they have a line of their own. */
function targetLength(target: number | null, density: number, isPhone: boolean): number {
  return target === null || isPhone ? 0 : `Target ${formatCount(target)}`.length / density + 1
}

function TargetLabel({ target }: { target: number }) {
  const rate = useLoad()?.rate ?? 0
  const wasReached = useRef(false)
  const [isFresh, setFresh] = useState(false)
  const isReached = rate >= target
  useEffect(() => {
    if (!isReached || wasReached.current) return
    wasReached.current = true
    setFresh(true)
  }, [isReached])
  useEffect(() => {
    if (!isFresh) return
    const timer = setTimeout(() => setFresh(false), REACHED_MS)
    return () => clearTimeout(timer)
  }, [isFresh])
  return (
    <p className={css.target} data-reached={isFresh}>
      Target {formatCount(target)}
    </p>
  )
}

type Domain = ReturnType<typeof domainFor>

const foldDomain = (
  { target, peak }: { target: number | null; peak: number },
  previous: Domain | undefined,
): Domain => domainFor(target, peak, previous ?? null)

/** The last minute: requests per second by the version that answered, with what happened meanwhile. */
export function Chart() {
  const [box, size] = useSize<HTMLDivElement>()
  const unit = useUnit()
  const isPhone = useLayout() === 'phone'
  const density = densityOf(size, unit)
  const samples = useSamples()
  const isReplay = useIsReplay()
  const commands = useViews('command')
  const latest = samples.at(-1)
  const series = useMemo(() => seriesOf(samples), [samples])
  const now = latest?.at ?? 0
  // Nobody sends anything: that is no target.
  const target = latest?.target || null
  const marks = useMemo(
    () => placeMarks(marksOf(commands, now), targetLength(target, density, isPhone), density),
    [commands, now, target, density, isPhone],
  )
  const peak = Math.max(0, ...series.points.map(({ total }) => total))
  const domain = useFold(
    useMemo(() => ({ target, peak }), [target, peak]),
    foldDomain,
  )
  return (
    <figure className={css.chart} aria-label="Requests per second in the last minute, by version">
      {target !== null && <TargetLabel target={target} />}
      <div ref={box} className={css.plot} aria-hidden="true">
        {size && (
          <Suspense fallback={null}>
            <Plot
              size={size}
              unit={unit}
              series={series}
              marks={marks}
              domain={domain}
              target={target}
              end={isReplay ? formatClock(now) : 'now'}
            />
          </Suspense>
        )}
      </div>
      <FailedLane />
    </figure>
  )
}
