import { ACTS } from '../../shared/acts.ts'
import { useCue } from '../live/cue.ts'
import css from './ActSign.module.css'

/** Which act is on, of how many; nothing while the show has not begun. */
export function ActSign() {
  const cue = useCue()
  if (!cue) return null
  const { act, actNumber } = cue.is
  return (
    <p className={css.sign}>
      <span className={css.pips} aria-hidden="true">
        {ACTS.map(({ title }, at) => (
          <i
            key={title}
            data-when={at + 1 < actNumber ? 'past' : at + 1 === actNumber ? 'now' : 'later'}
          />
        ))}
      </span>
      <span>Act {actNumber}</span> <b>{act.title}</b>
    </p>
  )
}
