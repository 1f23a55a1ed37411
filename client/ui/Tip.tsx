import { useId } from 'react'
import type { ReactNode } from 'react'
import css from './Tip.module.css'

/**
 * A control and the sentence that explains why it cannot act now; shown on hover and on focus.
 * `children` gets the id to name in `aria-describedby`, or undefined when there is nothing to explain.
 */
export function Tip({
  text,
  side = 'centre',
  className,
  children,
}: {
  text: string | null
  side?: 'centre' | 'left'
  className?: string | undefined
  children: (describedBy: string | undefined) => ReactNode
}) {
  const id = useId()
  return (
    <span className={className ? `${css.anchor} ${className}` : css.anchor}>
      {children(text === null ? undefined : id)}
      {text !== null && (
        <span role="tooltip" id={id} className={css.tip} data-side={side}>
          {text}
        </span>
      )}
    </span>
  )
}
