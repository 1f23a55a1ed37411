import { useEffect, useRef, useState } from 'react'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import { Button } from '../../ui/Button.tsx'
import { once, useKeys } from '../../ui/keys.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { editableText } from './editing.ts'
import type { EditorSubject, Way } from './editing.ts'
import { ImageForm } from './ImageForm.tsx'
import type { ListedKind } from './kindList.ts'
import { ProblemList } from './ProblemList.tsx'
import type { Problem } from './problems.ts'
import { openSchemaBook } from './schemaBook.ts'
import { applyText, replaceText } from './send.ts'
import type { Sent } from './send.ts'
import { firstText, useDraft } from './useDraft.ts'
import type { Said } from './useRemoval.ts'
import { openYamlEditor } from './yamlEditor.ts'
import type { YamlEditor } from './yamlEditor.ts'
import css from './EditorPanel.module.css'

interface Props {
  subject: EditorSubject
  kinds: readonly ListedKind[]
  way: Way
  onWay: (way: Way) => void
  title: string
  /** null: something new. */
  original: KubeObject | null
  onClose: () => void
  onDone: (said: Said) => void
}

const WAYS: { value: Way; content: string }[] = [
  { value: 'yaml', content: 'YAML' },
  { value: 'image', content: 'From an image' },
]

/** The text, what is wrong with it, and for something new the form that can write it. */
export function Writing(props: Props) {
  const { subject, kinds, way, onWay, title, original, onClose } = props
  const [first] = useState(() =>
    original ? editableText(original) : firstText(way, subject.kind.kind, subject.namespace),
  )
  const [text, setText] = useState(first)
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const drafting = useDraft(subject.namespace)
  const isUntouched = text === first || drafting.isUntouched(text)
  const isByHand = text !== first && text !== drafting.text
  const { send, isSending, canTakeOver, forget } = useSending(props)
  const leave = (): void => {
    if (isUntouched) onClose()
  }
  useKeys([{ keys: ['Escape'], words: 'Close the editor', press: once(leave), isUnlisted: true }])
  const { host, editor } = useEditor({
    text: first,
    isForm: way === 'image',
    kinds,
    onChange: (text) => {
      setText(text)
      forget()
    },
    onProblems: setProblems,
    onSend: (editor) => void send(editor),
    onLeave: leave,
  })
  const pickWay = (next: Way): void => {
    onWay(next)
    if (next === 'image' && !isByHand) editor.current?.write(drafting.text)
  }
  const cannotSend = isSending
    ? 'It is being sent.'
    : original && isUntouched
      ? 'Nothing is changed yet.'
      : null
  return (
    <>
      <header className={css.header}>
        <h2>{title}</h2>
        {!original && <Segments label="Write it as" segments={WAYS} value={way} onPick={pickWay} />}
        <Button size="small" icon="cross" label="Close" onPress={onClose} />
      </header>
      <div className={css.body}>
        {way === 'image' && (
          <ImageForm
            {...drafting}
            isByHand={isByHand}
            onChange={(change) => editor.current?.write(drafting.change(change))}
            onRewrite={() => editor.current?.write(drafting.text)}
            onLeave={leave}
            onSend={() => void send(editor.current)}
          />
        )}
        <div ref={host} className={css.editor} role="group" aria-label="Text" />
      </div>
      <ProblemList problems={problems} editor={editor} />
      <footer className={css.footer}>
        <p>Ctrl Space completes, Ctrl Enter {original ? 'saves' : 'applies'}.</p>
        {canTakeOver && (
          <Button look="danger" onPress={() => void send(editor.current, true)}>
            Take the fields over
          </Button>
        )}
        <Button onPress={onClose}>{isUntouched ? 'Close' : 'Discard'}</Button>
        <Button
          look="primary"
          disabledReason={cannotSend}
          tipSide="left"
          onPress={() => void send(editor.current)}
        >
          {original ? 'Save' : 'Apply'}
        </Button>
      </footer>
    </>
  )
}

/** Sends the text, tells what became of it, and keeps what was refused in the editor. */
function useSending({ subject, kinds, original, onClose, onDone }: Props) {
  const { kind } = subject.kind
  const [isSending, setSending] = useState(false)
  const [canTakeOver, setTakeOver] = useState(false)
  const finish = (
    { written, problems: refused, isOwnedByOthers }: Sent,
    editor: YamlEditor,
  ): void => {
    setTakeOver(isOwnedByOthers)
    const words = original ? `${written[0]} is saved.` : `Applied: ${written.join(', ')}.`
    const line = `kubectl edit ${kind.singular || kind.plural} ${original?.metadata.name}`
    const said = { words, command: original ? line : 'kubectl apply --server-side -f -' }
    if (written.length > 0) onDone(said)
    if (refused.length === 0) return onClose()
    editor.refuse(refused)
  }
  const send = async (editor: YamlEditor | null, isForced = false): Promise<void> => {
    if (!editor) return
    const text = editor.text()
    setSending(true)
    try {
      const context = { kinds, namespace: subject.namespace, isForced }
      const sent = original ? replaceText(text, original, kind) : applyText(text, context)
      finish(await sent, editor)
    } finally {
      setSending(false)
    }
  }
  return { send, isSending, canTakeOver, forget: () => setTakeOver(false) }
}

interface EditorOptions {
  text: string
  /** Whether a form is shown, which has the focus then. */
  isForm: boolean
  kinds: readonly ListedKind[]
  onChange: (text: string) => void
  onProblems: (problems: readonly Problem[]) => void
  onSend: (editor: YamlEditor) => void
  onLeave: () => void
}

/** An editor in the element that gets the reference, for as long as that is there. */
function useEditor(options: EditorOptions) {
  const editor = useRef<YamlEditor | null>(null)
  const host = useRef<HTMLDivElement>(null)
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  // An editor keeps its text whatever is known of the cluster by then.
  const beginning = useRef({
    text: options.text,
    words: wordsOf(options.kinds),
    isForm: options.isForm,
  })
  useEffect(() => {
    const opened = openYamlEditor(host.current!, {
      text: beginning.current.text,
      words: beginning.current.words,
      label: 'YAML',
      book: openSchemaBook(),
      onChange: (text) => latest.current.onChange(text),
      onProblems: (problems) => latest.current.onProblems(problems),
      onSend: () => latest.current.onSend(opened),
      onLeave: () => latest.current.onLeave(),
    })
    editor.current = opened
    if (!beginning.current.isForm) opened.focus()
    return () => opened.close()
  }, [])
  return { host, editor }
}

function wordsOf(kinds: readonly ListedKind[]): { kinds: string[]; versions: string[] } {
  const writable = kinds.filter(({ verbs }) => verbs.includes('create'))
  return {
    kinds: [...new Set(writable.map(({ kind }) => kind.kind))].sort(),
    versions: [...new Set(writable.map(({ kind }) => apiVersionOf(kind)))].sort(),
  }
}
