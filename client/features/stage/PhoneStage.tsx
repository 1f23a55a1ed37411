import { ACTS } from '../../../shared/acts.ts'
import { useCue } from '../../live/cue.ts'
import { useInfo, useLoad } from '../../live/live.ts'
import { HeroNumber } from '../../ui/HeroNumber.tsx'
import { formatCount, formatLatency, formatTick } from '../../ui/numbers.ts'
import { Chart } from './Chart.tsx'
import { PausedBanner } from './PausedBanner.tsx'
import css from './PhoneStage.module.css'
import { PhoneTiles } from './PhoneTiles.tsx'
import type { Controls } from './controls.ts'
import { Strip } from './Strip.tsx'
import type { Banner } from './stripModel.ts'
import { useTotals } from './useTotals.ts'

/** The number, its target, and what failed. */
function Rate() {
  const load = useLoad()
  const said = load === null ? 'not measured yet' : formatCount(load.rate)
  const failed = useTotals()?.failed ?? null
  return (
    <section className={css.rate} aria-label="Requests">
      <p role="img" aria-label={`${said} requests per second`} className={css.number}>
        <HeroNumber value={load?.rate ?? null} />
      </p>
      <p className={css.under}>
        <span>req/s{load?.target ? `, target ${formatTick(load.target)}` : ''}</span>
        <span data-failed={(failed ?? 0) > 0}>
          <b>{failed === null ? '–' : formatCount(failed)}</b> failed
        </span>
      </p>
    </section>
  )
}

/** Which act is on. */
function ActTitle() {
  const cue = useCue()
  if (!cue) return null
  const { act, actNumber, step } = cue.is
  return (
    <section className={css.act} aria-label="Act">
      <p>
        Act {actNumber} of {ACTS.length}
      </p>
      <h2>{act.title}</h2>
      <p>{step.title}</p>
    </section>
  )
}

function Measured() {
  const load = useLoad()
  const info = useInfo()
  const totals = useTotals()
  const [p50, p99] = [load?.p50Ms ?? null, load?.p99Ms ?? null].map(formatLatency)
  return (
    <footer className={css.measured}>
      <dl>
        <div>
          <dt>p50</dt>
          <dd>
            {p50?.figure} <small>{p50?.unit}</small>
          </dd>
        </div>
        <div>
          <dt>p99</dt>
          <dd>
            {p99?.figure} <small>{p99?.unit}</small>
          </dd>
        </div>
        <div>
          <dt>Answered</dt>
          <dd>{totals ? formatCount(totals.answered) : '–'}</dd>
        </div>
      </dl>
      {info && (
        <p>
          {info.server} · {info.machine}
        </p>
      )}
    </footer>
  )
}

/** The stage in a hand: what the hall sees, to look at only. */
export function PhoneStage({ banner, controls }: { banner: Banner | null; controls: Controls }) {
  return (
    <>
      <Rate />
      <ActTitle />
      {banner ? <PausedBanner banner={banner} controls={controls} /> : <Strip />}
      <PhoneTiles />
      <div className={css.chart}>
        <Chart />
      </div>
      <Measured />
    </>
  )
}
