import { Button } from './Button.tsx'
import css from './Stepper.module.css'

/** How far one press goes: one, or ten with Shift. */
export function stepOf(event: { shiftKey: boolean }): number {
  return event.shiftKey ? 10 : 1
}

/**
 * A number between two buttons. `onStep` gets the signed distance; the caller decides where that leads.
 * `lessReason` and `moreReason` say why a direction is closed.
 */
export function Stepper({
  value,
  label,
  size = 'normal',
  lessReason,
  moreReason,
  onStep,
}: {
  value: number | string
  label: string
  size?: 'normal' | 'mini'
  lessReason: string | null
  moreReason: string | null
  onStep: (by: number) => void
}) {
  const buttonSize = size === 'mini' ? 'mini' : 'square'
  return (
    <div className={css.stepper} data-size={size} role="group" aria-label={label}>
      <Button
        size={buttonSize}
        icon="minus"
        label={`Fewer: ${label}`}
        disabledReason={lessReason}
        onPress={(event) => onStep(-stepOf(event))}
      />
      <output className={css.figure}>{value}</output>
      <Button
        size={buttonSize}
        icon="plus"
        label={`More: ${label}`}
        disabledReason={moreReason}
        onPress={(event) => onStep(stepOf(event))}
      />
    </div>
  )
}
