import { useEffect, useMemo, useRef, useState } from 'react'
import { stringify } from 'yaml'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { Segments } from '../../ui/Segments.tsx'
import { FRAME, Pane } from './Pane.tsx'
import css from './Yaml.module.css'
import { lastApplied, partAsked, readable } from './lastApplied.ts'
import { openYamlView } from './yamlView.ts'
import type { YamlView } from './yamlView.ts'

type Mode = 'object' | 'diff'

const textOf = (value: unknown): string =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })

/** The object as YAML, and what of it differs from what was last applied. */
export function YamlTab({ object }: { object: KubeObject }) {
  const [mode, setMode] = useState<Mode>('object')
  const asked = useMemo(() => lastApplied(object), [object])
  const isDiff = mode === 'diff' && asked !== null
  const text = useMemo(
    () => textOf(isDiff ? partAsked(readable(object), readable(asked)) : readable(object)),
    [object, asked, isDiff],
  )
  const original = useMemo(() => (isDiff ? textOf(readable(asked)) : null), [asked, isDiff])
  return (
    <Pane
      tools={
        <>
          <Segments<Mode>
            label="Show"
            segments={[
              { value: 'object', content: 'As it is' },
              { value: 'diff', content: 'Against last applied' },
            ]}
            value={mode}
            onPick={setMode}
          />
          {mode === 'diff' && (
            <p className={css.said} role="status">
              {asked === null
                ? 'Nobody applied it from a file (kubectl apply), so there is nothing to compare with.'
                : text === original
                  ? 'It is what was applied.'
                  : 'Red: as applied. Green: as it is now.'}
            </p>
          )}
        </>
      }
    >
      <Editor key={isDiff ? 'diff' : 'object'} text={text} original={original} />
    </Pane>
  )
}

function Editor({ text, original }: { text: string; original: string | null }) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<YamlView | null>(null)
  const first = useRef({ text, original })
  useEffect(() => {
    const opened = openYamlView(host.current!, first.current)
    view.current = opened
    return () => opened.close()
  }, [])
  useEffect(() => view.current?.show(text), [text])
  return <div ref={host} className={`${FRAME} ${css.editor}`} role="group" aria-label="YAML" />
}
