import type { ComparisonView, ModeMeasure } from '../../../shared/traffic.ts'
import type { ProxyMode } from '../../../shared/stage.ts'
import { formatClock, formatCount } from '../../ui/numbers.ts'
import { CompareButton } from './CompareButton.tsx'
import type { LatencyScale } from './histogram.ts'
import { scaleOf } from './histogram.ts'
import { Histogram } from './Histogram.tsx'
import css from './Traffic.module.css'

const MODES: readonly { mode: ProxyMode; words: string }[] = [
  { mode: 'userspace', words: 'copied through a process' },
  { mode: 'iptables', words: 'rewritten in the kernel' },
]

/** The same load through both proxies: all latencies on one scale. */
export function Comparison({ comparison }: { comparison: ComparisonView | null }) {
  const measures = comparison?.measures ?? []
  const scale = scaleOf(measures)
  return (
    <section className={css.card} aria-label="Service proxies compared">
      <div className={css.pair}>
        {MODES.map(({ mode, words }) => (
          <div key={mode} className={css.half}>
            <h2>
              {mode} <small>{words}</small>
            </h2>
            <Half mode={mode} comparison={comparison} measures={measures} scale={scale} />
          </div>
        ))}
      </div>
      <footer className={css.basis}>
        <p>{basisOf(comparison)}</p>
        <CompareButton />
      </footer>
    </section>
  )
}

function Half({
  mode,
  comparison,
  measures,
  scale,
}: {
  mode: ProxyMode
  comparison: ComparisonView | null
  measures: readonly ModeMeasure[]
  scale: LatencyScale
}) {
  const own = measures.find((measure) => measure.mode === mode)
  const other = measures.find((measure) => measure.mode !== mode)
  if (own)
    return <Histogram measure={own} other={other} scale={scale} isFast={isFaster(own, other)} />
  const isMeasuring = comparison?.measuring === mode
  return (
    <p className={css.pending} data-measuring={isMeasuring}>
      {isMeasuring ? `measuring, ${comparison.seconds} s` : 'not measured'}
    </p>
  )
}

/** The better one is drawn bright; one alone is. */
function isFaster(own: ModeMeasure, other: ModeMeasure | undefined): boolean {
  return (own.p99Ms ?? Infinity) <= (other?.p99Ms ?? Infinity)
}

function basisOf(comparison: ComparisonView | null): string {
  if (!comparison) return 'One loadbot, two pods, the same requests a second through each proxy.'
  const { offeredPerSecond, seconds, startedAt, measures, problem } = comparison
  if (problem) return problem
  const lost = measures.reduce((sum, { failed }) => sum + failed, 0)
  const late = measures.reduce((sum, { slipped }) => sum + slipped, 0)
  return [
    `${formatCount(offeredPerSecond)} requests a second offered for ${seconds} s each`,
    `${formatCount(measures.reduce((sum, { answered }) => sum + answered, 0))} answered, ${formatCount(lost)} failed`,
    ...(late > 0 ? [`${formatCount(late)} not sent in time`] : []),
    `at ${formatClock(startedAt).slice(0, 5)}`,
  ].join(', ')
}
