import type { CSSProperties } from 'react'
import css from './HeroNumber.module.css'
import { formatCount } from './numbers.ts'

/** Digits that fit at full size; longer numbers shrink in proportion. */
const FULL_SIZE_DIGITS = 7
const FULL_SIZE = 226

/** The one number of the hall: digits swap in place, commas stand back. Null is a dash, for "not measured". */
export function HeroNumber({ value }: { value: number | null }) {
  const digits = value === null ? '–' : String(Math.round(value))
  const size = FULL_SIZE * Math.min(1, FULL_SIZE_DIGITS / digits.length)
  const groups = value === null ? [digits] : formatCount(value).split(',')
  return (
    <span className={css.number} style={{ '--size': size } as CSSProperties}>
      {groups.map((group, index) => (
        <span key={groups.length - index}>
          {index > 0 && <i className={css.comma}>,</i>}
          {group}
        </span>
      ))}
    </span>
  )
}
