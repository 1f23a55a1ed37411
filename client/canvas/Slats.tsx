import { toneOf } from './tone.ts'

/** Vertical slats: thin ones for the older version, broad ones for the newest while two serve. */
export function Slats({
  id,
  version,
  isNew,
  unit,
}: {
  /** Areas fill themselves with `url(#id)`. */
  id: string
  version: string
  isNew: boolean
  /** CSS pixels per u. */
  unit: number
}) {
  const fill = `var(--v${toneOf(version)})`
  const kind = isNew ? 'new' : 'old'
  return (
    <pattern id={id} width={6 * unit} height={8} patternUnits="userSpaceOnUse">
      <rect
        width={6 * unit}
        height={8}
        fill={fill}
        style={{ opacity: `var(--slat-${kind}-ground)` }}
      />
      <rect
        width={(isNew ? 3.5 : 1.5) * unit}
        height={8}
        fill={fill}
        style={{ opacity: `var(--slat-${kind})` }}
      />
    </pattern>
  )
}
