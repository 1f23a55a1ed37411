import type { CSSProperties } from 'react'
import css from './HeroNumber.module.css'
import { formatCount } from './numbers.ts'

/** Digits that fit at full size; longer numbers shrink in proportion. */
const FULL_SIZE_DIGITS = 7
const FULL_SIZE = 226
/** A tabular 1 has air at its left that other digits do not have; without it all stand on the margin. In em. */
const LEFT_AIR = { one: 0.062, other: 0.022 }

/** The one number of the hall: digits swap in place, commas stand back. Null is a dash, for "not measured". */
export function HeroNumber({ value }: { value: number | null }) {
  const digits = value === null ? '–' : String(Math.round(value))
  const size = FULL_SIZE * Math.min(1, FULL_SIZE_DIGITS / digits.length)
  const air = value === null ? 0 : digits.startsWith('1') ? LEFT_AIR.one : LEFT_AIR.other
  const groups = value === null ? [digits] : formatCount(value).split(',')
  return (
    <span
      className={css.number}
      data-unknown={value === null}
      style={{ '--size': size, marginLeft: `${-air}em` } as CSSProperties}
    >
      {groups.map((group, index) => (
        <span key={groups.length - index}>
          {index > 0 && <i className={css.comma}>,</i>}
          {group}
        </span>
      ))}
    </span>
  )
}
