import { useEffect, useState } from 'react'
import { ACTS, CUES } from '../../../shared/acts.ts'
import { goToCue, useCue } from '../../live/cue.ts'
import { stageNow, useViews } from '../../live/live.ts'
import { Button } from '../../ui/Button.tsx'
import { formatClock } from '../../ui/numbers.ts'
import { Next } from './Next.tsx'
import { OnStage } from './OnStage.tsx'
import { minutesOf } from './plan.ts'
import css from './Presenter.module.css'
import { Script } from './Script.tsx'
import { TimeTravel } from './TimeTravel.tsx'

const TICK_MS = 500

/** Seconds since the show began; 0 before. */
function useElapsed(beganAt: number | null): number {
  const [now, setNow] = useState(stageNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(stageNow()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return beganAt === null ? 0 : Math.max(0, now - beganAt) / 1000
}

type When = 'past' | 'now' | 'later'

/** The steps of the act that is on; before the show those of the first. A press shows a step without doing it. */
function Steps({ cue }: { cue: number | null }) {
  const { act, actNumber } = CUES[cue ?? 0]!
  const ofAct = [...CUES.entries()].filter(([, each]) => each.act === act)
  const whenOf = (at: number): When =>
    cue === null || at > cue ? 'later' : at === cue ? 'now' : 'past'
  const place = cue === null ? '' : `, step ${CUES[cue]!.stepNumber} of ${act.steps.length}`
  return (
    <section className={css.steps} aria-labelledby="steps-title">
      <h2 id="steps-title">
        Act {actNumber}
        {place}
      </h2>
      <ol>
        {ofAct.map(([at, { step, stepNumber }]) => (
          <li key={at}>
            <button
              type="button"
              className={css.step}
              data-when={whenOf(at)}
              aria-current={at === cue ? 'step' : undefined}
              title="Show this step without doing it"
              onClick={() => void goToCue(at, false)}
            >
              <i>{stepNumber}</i>
              <span>{step.title}</span>
              <time>{minutesOf(step.seconds)}</time>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** What to say; and the step done once more, after it was only shown or when it went wrong. */
function Notes({ cue }: { cue: number | null }) {
  const step = cue === null ? null : CUES[cue]!.step
  const notes = step?.notes ?? BEFORE
  return (
    <section className={css.notes} aria-labelledby="notes-title">
      <header>
        <h2 id="notes-title">Notes</h2>
        {step?.actions && (
          <Button size="caption" onPress={() => void goToCue(cue, true)}>
            Do this step again
          </Button>
        )}
      </header>
      {notes.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </section>
  )
}

const BEFORE = [
  `A show of ${ACTS.length} acts. Page Down gives the next step, from any view; Page Up goes back and undoes nothing.`,
  'Put the Stage on the projector, keep this view to yourself. B blacks the screen out.',
]

const LINES_SHOWN = 6

/** The newest commands, whoever gave them. */
function Done() {
  const commands = useViews('command').slice(-LINES_SHOWN).toReversed()
  if (commands.length === 0) return null
  return (
    <section className={css.done} aria-labelledby="done-title">
      <h2 id="done-title">What was done</h2>
      <ol>
        {commands.map(({ key, at, line, by }) => (
          <li key={key}>
            <time>{formatClock(at)}</time>
            <code>{line}</code>
            {by === 'kubectl' && <span>typed with kubectl</span>}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** For whoever stands on the stage: the acts against the clock, what to say now, and what the next press does. */
export function Presenter() {
  const cue = useCue()
  const elapsed = useElapsed(cue?.beganAt ?? null)
  const at = cue?.cue ?? null
  return (
    <main className={css.presenter} aria-label="Presenter">
      <Script cue={at} elapsed={elapsed} />
      <div className={css.columns}>
        <Steps cue={at} />
        <div className={css.middle}>
          <Notes cue={at} />
          <Next cue={at} />
        </div>
        <OnStage />
      </div>
      <TimeTravel />
      <Done />
      {cue && (
        <footer className={css.footer}>
          <Button size="small" onPress={() => void goToCue(null, false)}>
            End the show
          </Button>
          <p>Changes nothing in the cluster. Page Down begins anew.</p>
        </footer>
      )}
    </main>
  )
}
