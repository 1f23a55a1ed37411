// How the editor looks: the design's surfaces and type, colour for what is wrong only.
import { EditorView } from '@codemirror/view'

const CARD = {
  color: 'var(--t1)',
  backgroundColor: 'var(--s2)',
  border: '1px solid var(--line2)',
  borderRadius: 'calc(8 * var(--u))',
}

export const LOOK = EditorView.theme({
  '&': {
    height: '100%',
    color: 'var(--t2)',
    backgroundColor: 'transparent',
    fontSize: 'max(13px, calc(18 * var(--u)))',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--t1)', padding: 'calc(12 * var(--u)) 0' },
  '.cm-cursor': { borderLeft: '2px solid var(--t1)' },
  '.cm-gutters': { color: 'var(--t3)', backgroundColor: 'transparent', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--s2) 60%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { background: 'var(--s3) !important' },
  '.cm-field': { color: 'var(--t1)', fontWeight: '600' },
  '.cm-comment': { color: 'var(--t3)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--fail) 1.5px',
    textUnderlineOffset: '3px',
  },
  '.cm-lintPoint-error:after': { borderBottomColor: 'var(--fail)' },
  '.cm-tooltip': { ...CARD, fontFamily: 'var(--sans)', fontSize: 'var(--text-caption)' },
  '.cm-tooltip-lint': { padding: '0' },
  '.cm-diagnostic': {
    padding: 'calc(8 * var(--u)) calc(12 * var(--u))',
    borderLeft: 'max(3px, calc(4 * var(--u))) solid var(--fail)',
    maxWidth: '52ch',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    maxHeight: 'calc(320 * var(--u))',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: 'calc(4 * var(--u)) calc(12 * var(--u))',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    color: 'var(--ctl-ink)',
    background: 'var(--ctl)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': {
    marginLeft: '1.2em',
    fontFamily: 'var(--sans)',
    fontStyle: 'normal',
    opacity: '0.75',
  },
  '.cm-tooltip.cm-completionInfo': {
    padding: 'calc(10 * var(--u)) calc(14 * var(--u))',
    maxWidth: '46ch',
    lineHeight: '1.35',
    color: 'var(--t2)',
  },
})
