import type { ReactNode } from 'react'
import css from './Hidden.module.css'

/** There for screen readers and tests, not for the eye. */
export function Hidden({ children }: { children: ReactNode }) {
  return <div className={css.hidden}>{children}</div>
}
