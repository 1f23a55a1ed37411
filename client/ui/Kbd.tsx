import css from './Kbd.module.css'

/** The key that does the same as the control it stands on. Decorative: `aria-keyshortcuts` tells assistive technology. */
export function Kbd({ children }: { children: string }) {
  return (
    <kbd className={css.key} aria-hidden="true">
      {children}
    </kbd>
  )
}
