// CodeMirror as a reader of YAML. It stands in a shadow root: there its styles are adopted style sheets, which the
// page's content security policy allows, and not <style> elements, which it does not.
import { yaml } from '@codemirror/lang-yaml'
import { foldGutter } from '@codemirror/language'
import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'

export interface YamlView {
  /** Shows another text at the same place. */
  show(text: string): void
  close(): void
}

const LOOK = EditorView.theme({
  '&': {
    height: '100%',
    color: 'var(--t1)',
    backgroundColor: 'transparent',
    fontSize: 'var(--text-caption)',
  },
  '&.cm-focused': { outline: 'max(2px, calc(2 * var(--u))) solid var(--t1)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.45', fontVariantLigatures: 'none' },
  '.cm-gutters': { color: 'var(--t3)', backgroundColor: 'transparent', border: 'none' },
  '.cm-changedLine': {
    backgroundColor: 'color-mix(in srgb, var(--v3) 18%, transparent) !important',
  },
  '.cm-changedText': { background: 'color-mix(in srgb, var(--v3) 34%, transparent) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--fail-bg) !important' },
  '.cm-deletedText': { background: 'color-mix(in srgb, var(--fail) 34%, transparent) !important' },
  '.cm-foldGutter': { color: 'var(--t3)' },
})

/** Shows `text` in `host`; with an `original`, as what became of it. */
export function openYamlView(
  host: HTMLElement,
  { text, original }: { text: string; original: string | null },
): YamlView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const extensions = [
    lineNumbers(),
    foldGutter(),
    yaml(),
    LOOK,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({
      tabindex: '0',
      'aria-label': 'YAML',
      'aria-readonly': 'true',
    }),
    ...(original === null
      ? []
      : [
          unifiedMergeView({ original, mergeControls: false, gutter: true, collapseUnchanged: {} }),
        ]),
  ]
  const view = new EditorView({ root, parent: root, doc: text, extensions })
  return {
    show(next) {
      const held = view.state.doc.toString()
      if (next === held) return
      view.dispatch({ changes: { from: 0, to: held.length, insert: next } })
    },
    close: () => view.destroy(),
  }
}
