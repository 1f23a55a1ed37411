import { lazy, Suspense, useRef, useState } from 'react'
import { resourceName, useSelection } from '../../live/selection.ts'
import { once, useKeys } from '../../ui/keys.tsx'
import { useChoice } from './choice.ts'
import { Foot } from './Foot.tsx'
import type { ListedKind } from './kindList.ts'
import { KindRail } from './KindRail.tsx'
import { Objects } from './Objects.tsx'
import { useKinds } from './useKinds.ts'
import { useRemoval } from './useRemoval.ts'
import type { EditorSubject, Way } from './editing.ts'
import css from './Workloads.module.css'

const EditorPanel = lazy(async () => ({
  default: (await import('./EditorPanel.tsx')).EditorPanel,
}))

/** Everything the cluster has, kind by kind, and what can be done with it. */
export function Workloads() {
  const { kinds, error } = useKinds()
  if (!kinds) {
    return (
      <main className={css.message} aria-busy={!error} aria-label="Workloads">
        {error && <p role="alert">{error.message}</p>}
      </main>
    )
  }
  return <Known kinds={kinds} />
}

function Known({ kinds }: { kinds: readonly ListedKind[] }) {
  const [choice, choose] = useChoice()
  const isInspecting = useSelection() !== null
  const removal = useRemoval(kinds)
  const [subject, setSubject] = useState<EditorSubject | null>(null)
  const [isWide, setWide] = useState(false)
  const search = useRef<HTMLInputElement>(null)
  const listed = kinds.find(({ kind }) => resourceName(kind) === choice.kind)
  const create = (way: Way): void => {
    if (listed) setSubject({ kind: listed, way, object: null, namespace: choice.namespace })
  }
  useKeys([
    { keys: ['/'], words: 'Search', press: () => search.current?.focus() },
    { keys: ['n'], words: 'Create from YAML', press: once(() => create('yaml')) },
    { keys: ['i'], words: 'Create from an image', press: once(() => create('image')) },
    { keys: ['w'], words: 'More columns', press: once(() => setWide((wide) => !wide)) },
  ])
  return (
    <main className={css.view} data-inspecting={isInspecting} aria-label="Workloads">
      <KindRail kinds={kinds} value={choice.kind} onPick={(kind) => choose({ kind, find: '' })} />
      <div className={css.content}>
        {listed ? (
          <Objects
            key={choice.kind}
            listed={listed}
            search={search}
            isWide={isWide}
            onWide={setWide}
            onCreate={create}
            onEdit={(object) => setSubject({ kind: listed, way: 'yaml', object, namespace: null })}
            onRemove={(row) => void removal.remove(listed.kind, row)}
          />
        ) : (
          <p className={css.empty}>This cluster has no kind {choice.kind}.</p>
        )}
        <Foot said={removal.said} onDismiss={() => removal.say(null)} />
      </div>
      {subject && (
        <Suspense>
          <EditorPanel
            subject={subject}
            kinds={kinds}
            onClose={() => setSubject(null)}
            onDone={removal.say}
          />
        </Suspense>
      )}
    </main>
  )
}
