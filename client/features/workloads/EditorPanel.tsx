import { useEffect, useState } from 'react'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import { kube } from '../../live/kubernetes.ts'
import { Button } from '../../ui/Button.tsx'
import { useReturningFocus } from '../../ui/useReturningFocus.ts'
import type { EditorSubject } from './editing.ts'
import type { ListedKind } from './kindList.ts'
import type { Said } from './useRemoval.ts'
import { Writing } from './Writing.tsx'
import css from './EditorPanel.module.css'

interface Props {
  subject: EditorSubject
  kinds: readonly ListedKind[]
  onClose: () => void
  onDone: (said: Said) => void
}

/** YAML that is written: something new, or an object as it is to become. */
export function EditorPanel(props: Props) {
  const { subject, onClose } = props
  const { kind } = subject.kind
  useReturningFocus()
  const [way, setWay] = useState(subject.way)
  const created = way === 'image' ? 'Create from an image' : 'Create from YAML'
  const title = subject.object ? `Edit ${kind.kind} ${subject.object.name}` : created
  const { original, error } = useOriginal(subject)
  return (
    <aside className={css.panel} data-way={way} aria-label={title}>
      {subject.object && !original ? (
        <>
          <header className={css.header}>
            <h2>{title}</h2>
            <Button size="small" icon="cross" label="Close" onPress={onClose} />
          </header>
          {error && (
            <p className={css.problem} role="alert">
              {error}
            </p>
          )}
        </>
      ) : (
        <Writing
          key={subject.object ? title : 'new'}
          {...props}
          way={way}
          onWay={setWay}
          title={title}
          original={original}
        />
      )}
    </aside>
  )
}

/** The object as it is now; null when there is none to edit. */
function useOriginal({ kind: { kind }, object: key }: EditorSubject): {
  original: KubeObject | null
  error: string | null
} {
  const [read, setRead] = useState<{ original: KubeObject | null; error: string | null }>({
    original: null,
    error: null,
  })
  useEffect(() => {
    if (!key) return undefined
    let isWanted = true
    kube.get(kind, key).then(
      (object) => {
        const original = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object }
        if (isWanted) setRead({ original, error: null })
      },
      (error: Error) => {
        if (isWanted) setRead({ original: null, error: error.message })
      },
    )
    return () => void (isWanted = false)
  }, [kind, key])
  return read
}
