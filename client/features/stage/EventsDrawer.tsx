import { useId, useMemo, useState } from 'react'
import type { EventView } from '../../../shared/stage.ts'
import { useViews } from '../../live/live.ts'
import { Button } from '../../ui/Button.tsx'
import { once, useKeys } from '../../ui/keys.tsx'
import { formatClock } from '../../ui/numbers.ts'
import { Segments } from '../../ui/Segments.tsx'
import css from './EventsDrawer.module.css'
import { newest, wordsOf } from './eventWords.ts'

type Kind = 'all' | 'warnings'

const KINDS = [
  { value: 'all', content: 'All' },
  { value: 'warnings', content: 'Warnings' },
] as const

/** Those of `events` that are of that kind and say `text` anywhere, in any case; newest first. */
export function filtered(events: readonly EventView[], kind: Kind, text: string): EventView[] {
  const wanted = text.trim().toLowerCase()
  const says = ({ about, reason, message }: EventView): boolean =>
    `${about} ${reason} ${message}`.toLowerCase().includes(wanted)
  const those = events.filter((event) => kind === 'all' || event.type === 'Warning')
  return newest(wanted === '' ? those : those.filter(says))
}

function Line({ event }: { event: EventView }) {
  return (
    <li className={css.event} data-type={event.type}>
      <time>{formatClock(event.at)}</time>
      <span className={css.reason}>{event.reason}</span>
      <span>{wordsOf(event)}</span>
    </li>
  )
}

/** All events that are kept, newest first, over the right of the stage. */
export function EventsDrawer({ onClose }: { onClose: () => void }) {
  const events = useViews('event')
  const [kind, setKind] = useState<Kind>('all')
  const [text, setText] = useState('')
  const field = useId()
  const shown = useMemo(() => filtered(events, kind, text), [events, kind, text])
  useKeys([{ keys: ['Escape'], words: 'Close', press: once(onClose), isUnlisted: true }])
  return (
    <aside className={css.drawer} aria-label="Events">
      <header className={css.header}>
        <h2>Events</h2>
        <Button size="small" keys="E" onPress={onClose}>
          Close
        </Button>
      </header>
      <div className={css.filter}>
        <label htmlFor={field} className={css.label}>
          Find
        </label>
        <input
          id={field}
          type="search"
          className={css.field}
          value={text}
          placeholder="a pod, a reason, a word"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && onClose()}
        />
        <Segments label="Kind of events" segments={KINDS} value={kind} onPick={setKind} />
      </div>
      {shown.length === 0 ? (
        <p className={css.none}>
          {events.length === 0 ? 'Nothing has happened yet.' : 'No event says that.'}
        </p>
      ) : (
        // A list that scrolls is reached by keyboard.
        <ul className={css.list} aria-label="All events" tabIndex={0}>
          {shown.map((event) => (
            <Line key={event.key} event={event} />
          ))}
        </ul>
      )}
    </aside>
  )
}
