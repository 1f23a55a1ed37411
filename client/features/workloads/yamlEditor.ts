// CodeMirror as a writer of YAML that knows the cluster's schemas. It stands in a shadow root: there its styles are
// adopted style sheets, which the page's content security policy allows, and not <style> elements, which it does not.
import { autocompletion, completionKeymap } from '@codemirror/autocomplete'
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { forceLinting, linter, nextDiagnostic } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import { EditorSelection, EditorState } from '@codemirror/state'
import type { Extension } from '@codemirror/state'
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  MatchDecorator,
  ViewPlugin,
} from '@codemirror/view'
import type { DecorationSet, ViewUpdate } from '@codemirror/view'
import type { Document, Node } from 'yaml'
import { documentsOf, schemaProblems, syntaxProblems } from './problems.ts'
import type { Problem } from './problems.ts'
import type { SchemaBook } from './schemaBook.ts'
import { suggestionsAt } from './suggestions.ts'
import { LOOK } from './yamlLook.ts'
import { placeAt } from './yamlPlace.ts'

export interface YamlEditor {
  text(): string
  /** Makes it another text by changing what differs, and shows that; it can be undone. */
  write(text: string): void
  focus(): void
  /** What the API said against the text as it is now; it stays until the text changes. */
  refuse(problems: readonly Problem[]): void
  goTo(offset: number): void
  close(): void
}

interface EditorOptions {
  text: string
  label: string
  book: SchemaBook
  /** Kinds for `kind:`, and versions for `apiVersion:`. */
  words: { kinds: readonly string[]; versions: readonly string[] }
  onChange: (text: string) => void
  onProblems: (problems: readonly Problem[]) => void
  onSend: () => void
  onLeave: () => void
}

const LINT_MS = 350

/** What the API said against a text. */
interface Refusal {
  text: string
  problems: readonly Problem[]
}

/** Checks the text a moment after it was changed; a refusal is shown as long as the text is the one refused. */
function checking(options: EditorOptions, refused: Refusal): Extension {
  const check = async (view: EditorView): Promise<Diagnostic[]> => {
    const text = view.state.doc.toString()
    const own = await problemsIn(text, options)
    const problems = refused.text === text ? [...own, ...refused.problems] : own
    if (view.state.doc.toString() === text) options.onProblems(problems)
    return problems.map(({ from, to, message }) => ({
      from: Math.min(from, text.length),
      to: Math.min(to, text.length),
      message,
      severity: 'error',
    }))
  }
  return linter(check, { delay: LINT_MS })
}

/** Opens an editor in `host`. Tab leaves it, as everywhere on a page. */
export function openYamlEditor(host: HTMLElement, options: EditorOptions): YamlEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const refused: Refusal = { text: '', problems: [] }
  const view = new EditorView({
    root,
    parent: root,
    doc: options.text,
    extensions: [
      lineNumbers(),
      history(),
      drawSelection(),
      highlightActiveLine(),
      yaml(),
      FIELDS,
      LOOK,
      checking(options, refused),
      autocompletion({ override: [(context) => complete(context, options)], icons: false }),
      keymap.of([
        { key: 'Mod-Enter', run: () => (options.onSend(), true) },
        { key: 'F8', run: nextDiagnostic },
        ...completionKeymap,
        ...historyKeymap,
        { key: 'Escape', run: () => (options.onLeave(), true) },
        ...defaultKeymap,
      ]),
      EditorState.tabSize.of(2),
      EditorView.contentAttributes.of({
        'aria-label': options.label,
        spellcheck: 'false',
        tabindex: '0',
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onChange(update.state.doc.toString())
      }),
    ],
  })
  return {
    text: () => view.state.doc.toString(),
    write(text) {
      const { from, to, insert } = differing(view.state.doc.toString(), text)
      view.dispatch({
        changes: { from, to, insert },
        effects: EditorView.scrollIntoView(EditorSelection.range(from, from + insert.length)),
      })
    },
    focus: () => view.focus(),
    refuse(problems) {
      Object.assign(refused, { text: view.state.doc.toString(), problems })
      options.onProblems(problems)
      view.dispatch({})
      forceLinting(view)
    },
    goTo(offset) {
      view.dispatch({ selection: { anchor: offset }, scrollIntoView: true })
      view.focus()
    },
    close: () => view.destroy(),
  }
}

/** The part in which two texts differ. */
function differing(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from < shorter && before[from] === after[from]) from += 1
  let tail = 0
  while (tail < shorter - from && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) }
}

/** What can be told without asking the API to write anything. */
async function problemsIn(text: string, { book, words }: EditorOptions): Promise<Problem[]> {
  const all = await Promise.all(
    documentsOf(text).map(async (document) => {
      const broken = syntaxProblems(document)
      if (broken.length > 0) return broken
      const { apiVersion, kind } = (document.toJS() ?? {}) as Record<string, unknown>
      if (typeof apiVersion !== 'string' || typeof kind !== 'string') return []
      const known = await book.find(apiVersion, kind)
      if (known) return schemaProblems(document, known.root, known.schemas)
      // What is served without a schema is checked by nobody but the API.
      const isListed = words.versions.includes(apiVersion) && words.kinds.includes(kind)
      return known === undefined || isListed ? [] : [unknownKind(document, apiVersion, kind)]
    }),
  )
  return all.flat()
}

function unknownKind(document: Document.Parsed, apiVersion: string, kind: string): Problem {
  const [from, to] = (document.get('kind', true) as Node | undefined)?.range ?? [0, 1]
  return { from, to, path: 'kind', message: `This cluster has no ${kind} in ${apiVersion}.` }
}

/** What every object has: offered until it is known which kind it is of. */
const OF_ALL = [
  { label: 'apiVersion', apply: 'apiVersion: ' },
  { label: 'kind', apply: 'kind: ' },
  { label: 'metadata', apply: 'metadata:' },
]

async function complete(
  context: CompletionContext,
  { book, words }: EditorOptions,
): Promise<CompletionResult | null> {
  const text = context.state.doc.toString()
  const place = placeAt(text, context.pos)
  if (place.word === '' && !context.explicit && place.field === null) return null
  const from = context.pos - place.word.length
  const isTop = place.path.length === 0
  if (isTop && place.field === 'kind') return { from, options: words.kinds.map(labelled) }
  if (isTop && place.field === 'apiVersion') return { from, options: words.versions.map(labelled) }
  const { apiVersion, kind } = namedAround(text, context.pos)
  const known = apiVersion && kind ? await book.find(apiVersion, kind) : undefined
  if (!known) {
    const options = OF_ALL.filter(({ label }) => !place.present.has(label))
    return isTop && place.field === null ? { from, options } : null
  }
  return {
    from,
    options: suggestionsAt(place, known).map(({ label, insert, detail, info, isRequired }) => ({
      label,
      apply: insert,
      detail: isRequired ? `${detail}, required` : detail,
      boost: isRequired ? 1 : 0,
      ...(info && { info }),
    })),
    validFor: /^[\w./-]*$/,
  }
}

const labelled = (label: string): { label: string } => ({ label })

/** What the document around `offset` says it is. */
function namedAround(text: string, offset: number): { apiVersion?: string; kind?: string } {
  const start = text.lastIndexOf('\n---', offset) + 1
  const next = text.indexOf('\n---', offset)
  const document = text.slice(start, next < 0 ? undefined : next)
  const [, apiVersion] = /^apiVersion: *["']?([\w./-]+)/m.exec(document) ?? []
  const [, kind] = /^kind: *["']?(\w+)/m.exec(document) ?? []
  return { ...(apiVersion && { apiVersion }), ...(kind && { kind }) }
}

const decorator = new MatchDecorator({
  regexp: /^( *(?:- +)*)([^\s#:"'-][^\s#:]*)(?=:(?: |$))|(#.*$)/g,
  decorate(add, from, _to, [, indent, field, comment]) {
    if (field !== undefined && indent !== undefined) {
      const begin = from + indent.length
      add(begin, begin + field.length, Decoration.mark({ class: 'cm-field' }))
    } else if (comment) {
      add(from, from + comment.length, Decoration.mark({ class: 'cm-comment' }))
    }
  },
})

/** Names of fields stand out, comments stand back; there is no colour in it. */
const FIELDS = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = decorator.createDeco(view)
    }
    update(update: ViewUpdate): void {
      this.decorations = decorator.updateDeco(update, this.decorations)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)
