import { useEffect, useMemo, useState } from 'react'
import type { EventView } from '../../../shared/stage.ts'
import { usePacedPods, useViews } from '../../live/live.ts'
import { STEP_MS, travel, useIsReplay } from '../../live/replay.ts'
import { Button } from '../../ui/Button.tsx'
import { formatClock } from '../../ui/numbers.ts'
import { isTelling, newest, wordsOf } from './eventWords.ts'
import css from './Footer.module.css'
import { TravelBar } from './TravelBar.tsx'
import { COUNT_PACE } from './views.ts'

const COPIED_MS = 1_500
const EVENTS_SHOWN = 2

const BY = {
  stage: '',
  kubectl: 'typed with kubectl',
  script: 'by another program',
  cluster: 'by the cluster itself',
}

/** The kubectl line that equals the last thing done, whoever did it. A click copies it. */
function CommandLine() {
  const [command] = newest(useViews('command'), 1)
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const line = command?.line ?? 'kubectl get pods -o wide'
  const isForeign = command !== undefined && command.by !== 'stage'
  const copy = (): void =>
    void navigator.clipboard?.writeText(line).then(
      () => setCopied(true),
      () => undefined,
    )
  return (
    <button
      type="button"
      className={css.command}
      onClick={copy}
      title="Copy"
      aria-label={`Copy command: ${line}`}
    >
      <code>
        <span className={css.prompt}>$</span>
        {line}
      </code>
      <span className={css.copied} role="status">
        {isCopied ? 'Copied' : isForeign ? BY[command.by] : ''}
      </span>
    </button>
  )
}

function EventLine({ event }: { event: EventView }) {
  return (
    <li className={css.event} data-type={event.type}>
      <time className={css.time}>{formatClock(event.at)}</time>
      <span className={css.words}>{wordsOf(event)}</span>
    </li>
  )
}

/** Last line of the stage: the last command at the left, the newest events at the right. */
export function Footer({
  areEventsShown,
  onToggleEvents,
  onShowDock,
  canTravel = false,
}: {
  areEventsShown: boolean
  onToggleEvents: () => void
  /** Where there is a dock that can be put away: brings it back. */
  onShowDock?: (() => void) | undefined
  /** Under a view that shows the past while the hall looks back. */
  canTravel?: boolean
}) {
  const pods = usePacedPods(COUNT_PACE)
  const ready = useMemo(
    () => new Set(pods.filter(({ state }) => state === 'ready').map(({ name }) => name)),
    [pods],
  )
  const telling = useViews('event').filter((event) => isTelling(event, ready))
  const events = newest(telling, EVENTS_SHOWN)
  const isReplay = useIsReplay() && canTravel
  return (
    <footer className={css.footer}>
      <CommandLine />
      {isReplay ? (
        <TravelBar />
      ) : (
        <ul className={css.events} aria-label="Newest events">
          {events.map((event) => (
            <EventLine key={event.key} event={event} />
          ))}
        </ul>
      )}
      {canTravel && !isReplay && (
        <Button
          size="caption"
          keys=","
          icon="clock"
          className={css.all}
          label="Look back 10 seconds"
          onPress={() => travel(-STEP_MS)}
        />
      )}
      {onShowDock && (
        <Button size="caption" keys="H" className={css.all} onPress={onShowDock}>
          Controls
        </Button>
      )}
      <Button
        size="caption"
        keys="E"
        className={css.all}
        isPressed={areEventsShown}
        onPress={onToggleEvents}
      >
        All events
      </Button>
    </footer>
  )
}
