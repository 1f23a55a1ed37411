import { useEffect, useState } from 'react'
import type { EventView } from '../../../shared/stage.ts'
import { useViews } from '../../live/live.ts'
import { formatClock } from '../../ui/numbers.ts'
import css from './Footer.module.css'

const COPIED_MS = 1_500
const EVENTS_SHOWN = 2

function newest<T extends { at: number }>(views: readonly T[], count: number): T[] {
  return [...views].sort((a, b) => b.at - a.at).slice(0, count)
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
        {isCopied ? 'Copied' : ''}
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

/** What client-go puts before the message of an event that stands for many (tools/record/events_cache.go). */
const REPEATED = /^\(combined from similar events\): /

/** The kubelet's long name of a pod, `name_namespace(uid)` (pkg/kubelet/util/format/pod.go): the name says it. */
const FULL_NAME = /(\S+)_\S+\([0-9a-f-]{36}\)/

/** `Pod nginx-abc` and `Started container nginx` → `nginx-abc: Started container nginx`. */
export function wordsOf({ about, message, reason }: EventView): string {
  const name = about.split(' ').at(-1) ?? about
  const said = (message || reason).replace(REPEATED, '').replace(FULL_NAME, '$1')
  return said.includes(name) ? said : `${name}: ${said}`
}

/** Steps that every container goes through tell the hall nothing. */
const ROUTINE = new Set(['Pulling', 'Pulled', 'Created'])

const isTelling = ({ type, reason }: EventView): boolean =>
  type === 'Warning' || !ROUTINE.has(reason)

/** Last line of the stage: the last command at the left, the newest events at the right. */
export function Footer() {
  const events = newest(useViews('event').filter(isTelling), EVENTS_SHOWN)
  return (
    <footer className={css.footer}>
      <CommandLine />
      <ul className={css.events} aria-label="Newest events">
        {events.map((event) => (
          <EventLine key={event.key} event={event} />
        ))}
      </ul>
    </footer>
  )
}
