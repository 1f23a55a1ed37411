import type { ReactNode } from 'react'
import css from './Dock.module.css'

/** One part of the dock: its name, its controls, and in words what was refused when it was. */
export function ControlGroup({
  label,
  aside,
  error,
  className,
  children,
}: {
  label: string
  aside?: ReactNode
  error: string | null
  className: string | undefined
  children: ReactNode
}) {
  return (
    <div role="group" aria-label={label} className={`${css.group} ${className}`}>
      <div className={css.caption}>
        <span>{label}</span>
        {aside}
      </div>
      {children}
      {error !== null && (
        <p role="alert" className={css.error}>
          {error}
        </p>
      )}
    </div>
  )
}
