import type { MouseEvent, ReactNode } from 'react'
import css from './Button.module.css'
import { Icon } from './Icon.tsx'
import type { IconName } from './Icon.tsx'
import { Kbd } from './Kbd.tsx'
import { Tip } from './Tip.tsx'

/**
 * Does one thing when pressed. With `disabledReason` it does nothing, stays reachable by keyboard and says why.
 * `keys` is the shortcut shown on it; `label` names it where its content alone does not.
 */
export function Button({
  children,
  onPress,
  look = 'plain',
  size = 'normal',
  icon,
  keys,
  label,
  disabledReason = null,
  tipSide = 'centre',
  isPressed,
  className,
}: {
  children?: ReactNode
  onPress: (event: MouseEvent) => void
  look?: 'plain' | 'primary' | 'danger'
  size?: 'normal' | 'large' | 'small' | 'caption' | 'square' | 'mini'
  icon?: IconName
  keys?: string
  label?: string
  disabledReason?: string | null
  tipSide?: 'centre' | 'left'
  /** Of a button that shows and hides something: whether it is shown. */
  isPressed?: boolean
  className?: string | undefined
}) {
  const isDisabled = disabledReason !== null
  return (
    <Tip text={disabledReason} side={tipSide} className={className}>
      {(describedBy) => (
        <button
          type="button"
          className={css.button}
          data-look={isDisabled ? 'plain' : look}
          data-size={size}
          aria-label={label}
          aria-disabled={isDisabled || undefined}
          aria-describedby={describedBy}
          aria-keyshortcuts={keys}
          aria-pressed={isPressed}
          onClick={(event) => {
            if (!isDisabled) onPress(event)
          }}
        >
          {icon && <Icon name={icon} />}
          {children}
          {keys && <Kbd>{keys}</Kbd>}
        </button>
      )}
    </Tip>
  )
}
