import { useEffect, useRef, useState } from 'react'
import type { CSSProperties } from 'react'
import css from './HoldButton.module.css'
import { Kbd } from './Kbd.tsx'
import { Tip } from './Tip.tsx'

/** Acts after it was held for `holdMs`; letting go earlier cancels. Space and Enter hold it too. */
export function HoldButton({
  children,
  holdMs,
  onHeld,
  keys,
  isKeyHeld = false,
  disabledReason = null,
}: {
  children: string
  holdMs: number
  onHeld: () => void
  keys?: string
  /** Its key is held, which somebody else listens to: the edge fills all the same. */
  isKeyHeld?: boolean
  disabledReason?: string | null
}) {
  const [held, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const release = (): void => {
    clearTimeout(timer.current)
    setHeld(false)
  }
  const press = (): void => {
    if (disabledReason !== null || held) return
    setHeld(true)
    timer.current = setTimeout(() => {
      setHeld(false)
      onHeld()
    }, holdMs)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const isHoldKey = (key: string): boolean => key === ' ' || key === 'Enter'
  return (
    <Tip text={disabledReason} side="left">
      {(describedBy) => (
        <button
          type="button"
          className={css.hold}
          style={{ '--hold-for': `${holdMs}ms` } as CSSProperties}
          data-held={held || isKeyHeld}
          aria-disabled={disabledReason !== null || undefined}
          aria-describedby={describedBy}
          aria-keyshortcuts={keys}
          onPointerDown={press}
          onPointerUp={release}
          onPointerLeave={release}
          onPointerCancel={release}
          onBlur={release}
          onKeyDown={(event) => {
            if (isHoldKey(event.key)) {
              event.preventDefault()
              press()
            }
          }}
          onKeyUp={(event) => isHoldKey(event.key) && release()}
        >
          <svg className={css.edge} aria-hidden="true">
            <rect />
            <rect className={css.filling} pathLength={100} />
          </svg>
          {children} <span className={css.hint}>hold {holdMs / 1000} s</span>
          {keys && <Kbd>{keys}</Kbd>}
        </button>
      )}
    </Tip>
  )
}
