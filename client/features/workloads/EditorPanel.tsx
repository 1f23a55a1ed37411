import { useEffect, useRef, useState } from 'react'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import { kube } from '../../live/kubernetes.ts'
import { Button } from '../../ui/Button.tsx'
import { once, useKeys } from '../../ui/keys.tsx'
import { useReturningFocus } from '../../ui/useReturningFocus.ts'
import { beginningText, editableText } from './editing.ts'
import type { EditorSubject } from './editing.ts'
import type { ListedKind } from './kindList.ts'
import type { Problem } from './problems.ts'
import { openSchemaBook } from './schemaBook.ts'
import { applyText, replaceText } from './send.ts'
import type { Sent } from './send.ts'
import type { Said } from './useRemoval.ts'
import { openYamlEditor } from './yamlEditor.ts'
import type { YamlEditor } from './yamlEditor.ts'
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
  const title = subject.object ? `Edit ${kind.kind} ${subject.object.name}` : 'Create from YAML'
  const { original, error } = useOriginal(subject)
  return (
    <aside className={css.panel} aria-label={title}>
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
        <Writing key={title} {...props} title={title} original={original} />
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

function Writing({
  subject,
  kinds,
  onClose,
  onDone,
  title,
  original,
}: Props & { title: string; original: KubeObject | null }) {
  const { kind } = subject.kind
  const [first] = useState(() =>
    original ? editableText(original) : beginningText(kind, subject.namespace),
  )
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<YamlEditor | null>(null)
  const [isChanged, setChanged] = useState(false)
  const [isSending, setSending] = useState(false)
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const [canTakeOver, setTakeOver] = useState(false)

  const finish = ({ written, problems: refused, isOwnedByOthers }: Sent): void => {
    setTakeOver(isOwnedByOthers)
    const words = original ? `${written[0]} is saved.` : `Applied: ${written.join(', ')}.`
    const line = `kubectl edit ${kind.singular || kind.plural} ${original?.metadata.name}`
    const said = { words, command: original ? line : 'kubectl apply --server-side -f -' }
    if (written.length > 0) onDone(said)
    if (refused.length === 0) return onClose()
    editor.current?.refuse(refused)
  }
  const send = async (isForced = false): Promise<void> => {
    const text = editor.current?.text() ?? ''
    setSending(true)
    try {
      const context = { kinds, namespace: subject.namespace, isForced }
      finish(await (original ? replaceText(text, original, kind) : applyText(text, context)))
    } finally {
      setSending(false)
    }
  }
  const leave = (): void => {
    if (!isChanged) onClose()
  }
  useKeys([{ keys: ['Escape'], words: 'Close the editor', press: once(leave), isUnlisted: true }])

  const latest = useRef({ send, leave })
  // An editor keeps its text whatever is known of the cluster by then.
  const beginning = useRef({ text: first, words: wordsOf(kinds) })
  useEffect(() => {
    latest.current = { send, leave }
  })
  useEffect(() => {
    const { text: firstText, words } = beginning.current
    const opened = openYamlEditor(host.current!, {
      text: firstText,
      label: 'YAML',
      book: openSchemaBook(),
      words,
      onChange: (text) => {
        setChanged(text !== firstText)
        setTakeOver(false)
      },
      onProblems: setProblems,
      onSend: () => void latest.current.send(),
      onLeave: () => latest.current.leave(),
    })
    editor.current = opened
    opened.focus()
    return () => opened.close()
  }, [])

  const cannotSend = isSending
    ? 'It is being sent.'
    : original && !isChanged
      ? 'Nothing is changed yet.'
      : null
  return (
    <>
      <header className={css.header}>
        <h2>{title}</h2>
        <Button size="small" icon="cross" label="Close" onPress={onClose} />
      </header>
      <div ref={host} className={css.editor} role="group" aria-label="Text" />
      <Problems problems={problems} editor={editor} />
      <footer className={css.footer}>
        <p>Ctrl Space completes, Ctrl Enter {original ? 'saves' : 'applies'}.</p>
        {canTakeOver && (
          <Button look="danger" onPress={() => void send(true)}>
            Take the fields over
          </Button>
        )}
        <Button onPress={onClose}>{isChanged ? 'Discard' : 'Close'}</Button>
        <Button
          look="primary"
          disabledReason={cannotSend}
          tipSide="left"
          onPress={() => void send()}
        >
          {original ? 'Save' : 'Apply'}
        </Button>
      </footer>
    </>
  )
}

function Problems({
  problems,
  editor,
}: {
  problems: readonly Problem[]
  editor: React.RefObject<YamlEditor | null>
}) {
  const text = editor.current?.text() ?? ''
  const lineOf = ({ from }: Problem): number => text.slice(0, from).split('\n').length
  return (
    <div role="status" aria-label="Problems" className={css.problems}>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.from} ${problem.message}`} className={css.problem}>
            <button type="button" onClick={() => editor.current?.goTo(problem.from)}>
              <b>
                Line {lineOf(problem)}
                {problem.path && <code>{problem.path}</code>}
              </b>
              {problem.message}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function wordsOf(kinds: readonly ListedKind[]): { kinds: string[]; versions: string[] } {
  const writable = kinds.filter(({ verbs }) => verbs.includes('create'))
  return {
    kinds: [...new Set(writable.map(({ kind }) => kind.kind))].sort(),
    versions: [...new Set(writable.map(({ kind }) => apiVersionOf(kind)))].sort(),
  }
}
