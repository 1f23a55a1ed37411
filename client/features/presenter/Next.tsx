import { CUES } from '../../../shared/acts.ts'
import { stepShow } from '../../live/cue.ts'
import { useGateState } from '../../live/live.ts'
import { useIsReplay } from '../../live/replay.ts'
import { linesOf } from './plan.ts'
import css from './Presenter.module.css'

/** What the next press does, as it would be typed. */
export function Next({ cue }: { cue: number | null }) {
  const gate = useGateState()
  const isReplay = useIsReplay()
  const next = CUES[(cue ?? -1) + 1]
  if (!next) {
    return (
      <section className={css.next} aria-label="Next">
        <p className={css.last}>That was the last step.</p>
      </section>
    )
  }
  const lines = linesOf(next.step, gate)
  const isNewAct = next.stepNumber === 1
  return (
    <section className={css.next} aria-label="Next">
      <header>
        <p>
          <span>{cue === null ? 'First' : isNewAct ? `Act ${next.actNumber}` : 'Next'}</span>{' '}
          <b>{next.step.title}</b>
        </p>
        <button type="button" className={css.go} onClick={() => stepShow(1)}>
          Page Down
        </button>
      </header>
      {lines.map((line) => (
        <code key={line}>
          <span>$</span> {line}
        </code>
      ))}
      {lines.length === 0 && (
        <p className={css.quiet}>
          {next.step.actions
            ? 'Nothing has to change for it now.'
            : 'Nothing is done; it is watched.'}
        </p>
      )}
      {isReplay && <p className={css.quiet}>Returns the stage to live first.</p>}
    </section>
  )
}
