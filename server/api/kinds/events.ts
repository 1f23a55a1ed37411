import type { Event } from '../../../shared/kubernetes/cluster.ts'
import { events } from '../../../shared/kubernetes/kinds.ts'
import { invalid } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { since, text } from './rules/print.ts'
import type { Column, Strategy } from './strategy.ts'

/** The newer API of events counts repetitions here. */
interface Series {
  series?: { count?: number; lastObservedTime?: string }
}

function firstSeen(event: Event, now: number): string {
  return since(event.firstTimestamp ?? event.eventTime, now)
}

function lastSeen(event: Event & Series, now: number): string {
  const last = event.series?.lastObservedTime ?? event.lastTimestamp
  return last ? since(last, now) : firstSeen(event, now)
}

function target({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()
}

function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || ''
  const host = event.source?.host || event.reportingInstance || ''
  return host ? `${component}, ${host}` : component
}

const timesSeen: Column<Event & Series> = {
  name: 'Count',
  type: 'integer',
  priority: 1,
  cell: (event) => event.series?.count ?? (event.count || 1),
}

/** Selectable parts of the object an event is about. */
const about = (
  ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const
).map(
  (field) =>
    [`involvedObject.${field}`, (event: Event) => event.involvedObject[field] ?? ''] as const,
)

export const eventStrategy: Strategy<Event> = {
  kind: events,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  fields: {
    ...Object.fromEntries(about),
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: (event) => event.source?.component || event.reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
  columns: [
    text('Last Seen', lastSeen),
    text('Type', ({ type }) => type ?? ''),
    text('Reason', ({ reason }) => reason ?? ''),
    text('Object', target),
    text('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? '', 1),
    text('Source', source, 1),
    text('Message', ({ message }) => (message ?? '').trim()),
    text('First Seen', firstSeen, 1),
    timesSeen,
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      priority: 1,
      cell: ({ metadata }) => metadata.name ?? '',
    },
  ],
  default(event) {
    event.involvedObject ??= {}
  },
  validate(event) {
    const { namespace } = event.involvedObject
    const expected = event.metadata.namespace
    // Events about cluster-scoped objects live in "default" (core/v1 ValidateEvent).
    const matches = namespace ? namespace === expected : expected === 'default' || !expected
    const allowed = matches || (!namespace && expected === 'kube-system')
    return [
      ...nameFollows(subdomain, event),
      ...(allowed
        ? []
        : [invalid('involvedObject.namespace', namespace ?? '', 'does not match event.namespace')]),
    ]
  },
}
