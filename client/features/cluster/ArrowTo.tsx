import css from './Cards.module.css'

/** From one figure to the next. */
export function ArrowTo() {
  return (
    <svg viewBox="0 0 20 20" className={css.arrow} aria-label="to" role="img">
      <path d="M3 10h13M11.500 5.500L16 10l-4.500 4.500" />
    </svg>
  )
}
