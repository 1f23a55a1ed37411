import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useLoad, useViews } from '../../live/live.ts'
import { formatCount } from '../../ui/numbers.ts'
import css from './Chart.module.css'
import { domainFor, marksOf, placeMarks, seriesOf } from './chartModel.ts'
import { FailedLane } from './FailedLane.tsx'
import { useFold } from './useFold.ts'
import { useSamples } from './useSamples.ts'
import { useSize } from './useSize.ts'
import { useUnit } from './useUnit.ts'

const Plot = lazy(() => import('./Plot.tsx').then(({ Plot }) => ({ default: Plot })))

/** The target label stands inverted for so long when the load first reaches its target. */
const REACHED_MS = 1_200
/** The width of the target's words, in seconds of the chart. */
const TARGET_LABEL_SECONDS = 13

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
  const samples = useSamples()
  const commands = useViews('command')
  const latest = samples.at(-1)
  const series = useMemo(() => seriesOf(samples), [samples])
  const now = latest?.at ?? 0
  const target = latest?.target ?? null
  const marks = useMemo(
    () => placeMarks(marksOf(commands, now), target === null ? 0 : TARGET_LABEL_SECONDS),
    [commands, now, target],
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
            />
          </Suspense>
        )}
      </div>
      <FailedLane />
    </figure>
  )
}
