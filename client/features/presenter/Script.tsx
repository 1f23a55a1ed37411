import type { CSSProperties } from 'react'
import { ACTS, CUES, PLANNED_SECONDS, secondsOf } from '../../../shared/acts.ts'
import { goToCue } from '../../live/cue.ts'
import { Icon } from '../../ui/Icon.tsx'
import { minutesOf, paceOf } from './plan.ts'
import css from './Script.module.css'

/** Ticks of the clock's line. */
const TICK_SECONDS = 300

/** The acts, each as wide as it is long, over a line on which the clock goes. A press shows an act from its beginning. */
export function Script({ cue, elapsed }: { cue: number | null; elapsed: number }) {
  const current = cue === null ? 0 : CUES[cue]!.actNumber
  return (
    <section className={css.script} aria-label="Acts">
      <ol className={css.acts}>
        {ACTS.map((act, at) => (
          <li key={act.title} style={{ flexGrow: secondsOf(act) }}>
            <button
              type="button"
              className={css.act}
              data-when={at + 1 < current ? 'past' : at + 1 === current ? 'now' : 'later'}
              aria-current={at + 1 === current ? 'step' : undefined}
              title="Show this act without doing it"
              onClick={() => void goToCue(firstCueOf(at), false)}
            >
              <span className={css.number}>
                {at + 1}
                {at + 1 < current ? <Icon name="check" /> : <i>{minutesOf(secondsOf(act))}</i>}
              </span>
              <b>{act.title}</b>
            </button>
          </li>
        ))}
      </ol>
      <Clock cue={cue} elapsed={elapsed} />
    </section>
  )
}

const firstCueOf = (at: number): number => CUES.findIndex(({ actNumber }) => actNumber === at + 1)

function Clock({ cue, elapsed }: { cue: number | null; elapsed: number }) {
  const share = Math.min(1, elapsed / PLANNED_SECONDS)
  // The hand's own time stands there at the beginning.
  const isEarly = cue !== null && share < 0.06
  const ticks = Array.from(
    { length: Math.floor(PLANNED_SECONDS / TICK_SECONDS) + 1 },
    (_, at) => at * TICK_SECONDS,
  )
  return (
    <div className={css.clock} style={{ '--at': share } as CSSProperties}>
      <div className={css.line} />
      {ticks.slice(isEarly ? 1 : 0).map((seconds) => (
        <time
          key={seconds}
          className={css.tick}
          style={{ left: `${(seconds / PLANNED_SECONDS) * 100}%` }}
        >
          {minutesOf(seconds)}
        </time>
      ))}
      {cue !== null && (
        <p className={css.now} data-late={share > 0.75}>
          <b>{minutesOf(elapsed)}</b> {paceOf(cue, elapsed)}
        </p>
      )}
    </div>
  )
}
