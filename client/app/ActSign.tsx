import { ACTS } from '../../shared/acts.ts'
import { useCue } from '../live/cue.ts'
import { useViews } from '../live/live.ts'
import css from './ActSign.module.css'

/** Which act is on, of how many; while the show has not begun, what the stage shows, to whoever has never seen one. */
export function ActSign({ isStage }: { isStage: boolean }) {
  const cue = useCue()
  const hasDemo = useViews('rollout').length > 0
  if (!cue) {
    return isStage && hasDemo ? (
      <p className={css.about}>Every tile is a pod, every line real requests</p>
    ) : null
  }
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
