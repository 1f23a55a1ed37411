import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { useObject } from '../../live/kubernetes.ts'
import { formatSelection, select } from '../../live/selection.ts'
import type { Selection } from '../../live/selection.ts'
import { Button } from '../../ui/Button.tsx'
import { useKeys } from '../../ui/keys.tsx'
import { Tabs } from '../../ui/Tabs.tsx'
import type { Tab } from '../../ui/Tabs.tsx'
import { EventsTab } from './EventsTab.tsx'
import css from './Inspector.module.css'
import { useKind } from './kinds.ts'
import { LogsTab } from './LogsTab.tsx'
import { Overview } from './Overview.tsx'
import { isInteractive } from './terminalTarget.ts'
import { useReturningFocus } from '../../ui/useReturningFocus.ts'

const YamlTab = lazy(async () => ({ default: (await import('./YamlTab.tsx')).YamlTab }))
const TerminalTab = lazy(async () => ({
  default: (await import('./TerminalTab.tsx')).TerminalTab,
}))

type TabName = 'overview' | 'logs' | 'terminal' | 'yaml' | 'events'

const FOR_ALL: readonly Tab<TabName>[] = [
  { value: 'overview', label: 'Overview' },
  { value: 'events', label: 'Events' },
  { value: 'yaml', label: 'YAML' },
]
const FOR_PODS: readonly Tab<TabName>[] = [
  { value: 'overview', label: 'Overview' },
  { value: 'logs', label: 'Logs' },
  { value: 'terminal', label: 'Terminal' },
  { value: 'events', label: 'Events' },
  { value: 'yaml', label: 'YAML' },
]

/**
 * One object of the cluster, looked into: beside the view, not over the whole of it, so that the show goes on.
 * @param side where there is room: on the stage below the number, elsewhere at the right
 */
export function Inspector({ selection, side }: { selection: Selection; side: 'stage' | 'right' }) {
  useReturningFocus()
  useKeys([{ keys: ['Escape'], words: 'Close what is looked into', press: () => select(null) }])
  return <Panel key={formatSelection(selection)} selection={selection} side={side} />
}

function Panel({ selection, side }: { selection: Selection; side: 'stage' | 'right' }) {
  const { kind: resource, namespace, name } = selection
  const kind = useKind(resource)
  const panel = useRef<HTMLElement>(null)
  useEffect(() => panel.current?.focus(), [])
  const word = kind?.kind ?? resource
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      className={css.panel}
      data-side={side}
      aria-label={`${word} ${name}`}
    >
      <header className={css.header}>
        <h2>
          <span>{word}</span> {name}
          {namespace !== null && <small>{namespace}</small>}
        </h2>
        <Button
          size="small"
          icon="cross"
          label="Close"
          onPress={() => select(null)}
          className={css.close}
        />
      </header>
      {kind && <Subject kind={kind} selection={selection} />}
      {kind === null && <p className={css.note}>This cluster has no kind {resource}.</p>}
    </aside>
  )
}

function Subject({ kind, selection }: { kind: Kind; selection: Selection }) {
  const [picked, setPicked] = useState<TabName | null>(null)
  const key = { namespace: selection.namespace ?? undefined, name: selection.name }
  const { data, error } = useObject(kind, key)
  // What is gone is shown as it was last, and said to be gone.
  const [last, setLast] = useState<KubeObject | null>(null)
  if (data && data !== last) setLast(data)
  const object = data ?? last
  if (!object) {
    const words = error ? error.message : data === null ? 'There is no such object (any more).' : ''
    return <p className={css.note}>{words}</p>
  }
  const isGone = data === null
  const tab = picked ?? firstTab(object)
  return (
    <>
      {isGone && (
        <p className={css.gone} role="status">
          It is gone. This is how it was last.
        </p>
      )}
      {error && (
        <p className={css.gone} role="status">
          Not live: {error.message}
        </p>
      )}
      <Tabs
        label="What to show"
        tabs={kind.kind === 'Pod' ? FOR_PODS : FOR_ALL}
        value={tab}
        onPick={setPicked}
      >
        <Suspense fallback={<p className={css.note}>One moment</p>}>
          {tab === 'overview' && <Overview object={object} />}
          {tab === 'logs' && <LogsTab pod={object} />}
          {tab === 'terminal' && <TerminalTab pod={object} isGone={isGone} />}
          {tab === 'events' && <EventsTab object={object} />}
          {tab === 'yaml' && <YamlTab object={object} />}
        </Suspense>
      </Tabs>
    </>
  )
}

/** What was run to be talked to (`kubectl run -i --tty`) opens with its terminal. */
function firstTab(object: KubeObject): TabName {
  const [container] = object.kind === 'Pod' ? (object as Pod).spec.containers : []
  return container && isInteractive(container) ? 'terminal' : 'overview'
}
