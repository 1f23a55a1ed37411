import type { ReactNode } from 'react'
import css from './Pane.module.css'

/** What a tab of the inspector is made of: a row of tools over a frame that takes the rest of the height. */
export function Pane({ tools, children }: { tools: ReactNode; children: ReactNode }) {
  return (
    <div className={css.pane}>
      <div className={css.tools}>{tools}</div>
      {children}
    </div>
  )
}

/** The look of the frame, for whatever fills it: lines, an editor, a terminal. */
export const FRAME = css.frame
