import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { formatClock } from '../../ui/numbers.ts'
import css from './Inspector.module.css'
import { timeOf, useEventsOf } from './useEventsOf.ts'

/** The events about the object, newest first. */
export function EventsTab({ object }: { object: KubeObject }) {
  const { data, error } = useEventsOf(object)
  if (error && !data) return <p className={css.note}>{error.message}</p>
  if (data?.length === 0) return <p className={css.note}>Nothing happened to it lately.</p>
  return (
    <ol className={css.events} aria-label="Events">
      {data?.toReversed().map((event) => (
        <li key={event.metadata.uid} data-type={event.type}>
          <time>{formatClock(timeOf(event))}</time>
          <p>
            <b>{event.reason}</b> {event.message}
            <small>
              {event.source?.component ?? event.reportingComponent}
              {(event.count ?? 1) > 1 && `, ${event.count} times`}
            </small>
          </p>
        </li>
      ))}
    </ol>
  )
}
