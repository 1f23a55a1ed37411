import type { ReactNode } from 'react'
import { Slider } from '../../ui/Slider.tsx'
import { Stepper } from '../../ui/Stepper.tsx'
import { ControlGroup } from './ControlGroup.tsx'
import css from './Dock.module.css'
import type { Scale } from './useScale.ts'

/** How many replicas: a step at a time, or wherever the slider is let go. */
export function ScaleControl({
  label,
  scale,
  error,
  aside,
}: {
  label: string
  scale: Scale
  error: string | null
  /** Beside the name, instead of the limit. */
  aside?: ReactNode
}) {
  const { value, max, lessReason, moreReason, preview, set, step } = scale
  return (
    <ControlGroup
      label={label}
      error={error}
      className={css.scale}
      aside={aside ?? (max > 0 && <span className={css.limit}>of {max}</span>)}
    >
      <Stepper
        value={max > 0 ? value : '–'}
        label={label}
        lessReason={lessReason}
        moreReason={moreReason}
        onStep={step}
      />
      <Slider
        value={value}
        max={max}
        label={label}
        isDisabled={lessReason !== null && moreReason !== null}
        onMove={preview}
        onCommit={set}
      />
    </ControlGroup>
  )
}
