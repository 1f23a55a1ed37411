import type { RefObject } from 'react'
import type { Problem } from './problems.ts'
import type { YamlEditor } from './yamlEditor.ts'
import css from './EditorPanel.module.css'

/** What is wrong, each with its line; pressed, the text is shown there. */
export function ProblemList({
  problems,
  editor,
}: {
  problems: readonly Problem[]
  editor: RefObject<YamlEditor | null>
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
                {problem.of && `${problem.of}, line `}
                {!problem.of && 'Line '}
                {lineOf(problem)}
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
