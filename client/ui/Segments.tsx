import { useId } from 'react'
import type { ReactNode } from 'react'
import css from './Segments.module.css'

export interface Segment<T extends string> {
  value: T
  content: ReactNode
}

/** One of a few. `look` figures is for segments that carry numbers of their own. */
export function Segments<T extends string>({
  label,
  segments,
  value,
  look = 'plain',
  describedBy,
  onPick,
}: {
  label: string
  segments: readonly Segment<T>[]
  value: T | null
  look?: 'plain' | 'figures'
  describedBy?: string | undefined
  onPick: (value: T) => void
}) {
  const name = useId()
  return (
    <div
      role="radiogroup"
      aria-label={label}
      aria-describedby={describedBy}
      className={look === 'figures' ? `${css.segments} ${css.figures}` : css.segments}
    >
      {segments.map((segment) => (
        <label key={segment.value} className={css.segment}>
          <input
            type="radio"
            className={css.input}
            name={name}
            value={segment.value}
            checked={segment.value === value}
            onChange={() => onPick(segment.value)}
          />
          {segment.content}
        </label>
      ))}
    </div>
  )
}
