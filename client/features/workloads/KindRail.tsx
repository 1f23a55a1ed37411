import { useMemo } from 'react'
import { resourceName } from '../../live/selection.ts'
import { sectionsOf } from './kindList.ts'
import type { ListedKind } from './kindList.ts'
import css from './KindRail.module.css'

interface Props {
  kinds: readonly ListedKind[]
  /** `deployments.apps` */
  value: string
  onPick: (kind: string) => void
}

/** All kinds of the cluster at the left of the table; a choice from a list where there is no room. */
export function KindRail({ kinds, value, onPick }: Props) {
  const sections = useMemo(() => sectionsOf(kinds), [kinds])
  return (
    <>
      <nav className={css.rail} aria-label="Kinds">
        {sections.map(({ name, kinds: those }) => (
          <section key={name} aria-label={name}>
            <h2>{name}</h2>
            <ul>
              {those.map(({ kind }) => (
                <li key={resourceName(kind)}>
                  <button
                    type="button"
                    aria-current={resourceName(kind) === value || undefined}
                    onClick={() => onPick(resourceName(kind))}
                  >
                    {kind.kind}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <label className={css.choice}>
        Kind
        <select value={value} onChange={(event) => onPick(event.target.value)}>
          {sections.map(({ name, kinds: those }) => (
            <optgroup key={name} label={name}>
              {those.map(({ kind }) => (
                <option key={resourceName(kind)} value={resourceName(kind)}>
                  {kind.kind}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    </>
  )
}
