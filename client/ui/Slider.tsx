import { useEffect, useRef } from 'react'
import type { CSSProperties } from 'react'
import css from './Slider.module.css'

/** A range from 0 to `max`. `onMove` says what is shown meanwhile, `onCommit` what was meant: on release. */
export function Slider({
  value,
  max,
  label,
  valueText,
  isDisabled = false,
  onMove,
  onCommit,
}: {
  value: number
  max: number
  label: string
  /** What the value means, where a number does not say it. */
  valueText?: string
  isDisabled?: boolean
  onMove: (value: number) => void
  onCommit: (value: number) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const commit = useRef(onCommit)
  useEffect(() => {
    commit.current = onCommit
  })
  // React's onChange is the DOM's `input`; only the DOM's own `change` comes on release.
  useEffect(() => {
    const element = input.current
    const onChange = (): void => commit.current(Number(element?.value))
    element?.addEventListener('change', onChange)
    return () => element?.removeEventListener('change', onChange)
  }, [])
  const share = max === 0 ? 0 : Math.min(1, value / max)
  return (
    <input
      ref={input}
      type="range"
      className={css.slider}
      style={{ '--share': `${share * 100}%` } as CSSProperties}
      aria-label={label}
      aria-valuetext={valueText}
      aria-disabled={isDisabled || undefined}
      disabled={isDisabled}
      min={0}
      max={Math.max(max, 1)}
      step={1}
      value={value}
      onChange={(event) => onMove(Number(event.target.value))}
    />
  )
}
