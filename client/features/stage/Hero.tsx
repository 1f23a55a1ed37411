import { useLoad } from '../../live/live.ts'
import { HeroNumber } from '../../ui/HeroNumber.tsx'
import { formatCount } from '../../ui/numbers.ts'
import css from './Hero.module.css'
import { Stats } from './Stats.tsx'
import { useSlow } from './useSlow.ts'

/** The live rate: requests answered during the last second, as the loadbots counted them. */
export function Hero() {
  const load = useSlow(useLoad())
  const said = load === null ? 'not measured yet' : formatCount(load.rate)
  return (
    <section className={css.hero} aria-label="Requests">
      <p className={css.rate} data-old={load !== null && !load.live}>
        <span role="img" aria-label={`${said} requests per second`} className={css.number}>
          <HeroNumber value={load?.rate ?? null} />
        </span>
        <span className={css.unit}>req/s</span>
      </p>
      <Stats />
    </section>
  )
}
