import { TileGlyph } from '../../canvas/TileGlyph.tsx'
import { summaryOf } from '../../canvas/FlowMirror.tsx'
import { toneOf } from '../../canvas/tone.ts'
import { useViews } from '../../live/live.ts'
import { Legend } from './Legend.tsx'
import css from './PhoneTiles.module.css'
import { useServers } from './views.ts'

const ORDER = new Intl.Collator('en', { numeric: true })

/** The tiles on a phone: nodes under each other, pods in their slots' order, nothing to press. */
export function PhoneTiles() {
  const nodes = useViews('node')
  const servers = useServers()
  return (
    <section aria-label="Pods" className={css.tiles}>
      <Legend />
      {[...nodes]
        .sort((a, b) => ORDER.compare(a.name, b.name))
        .filter(({ simulated, name }) => !simulated || servers.some(({ node }) => node === name))
        .map(({ key, name, ready }) => {
          const pods = servers
            .filter(({ node }) => node === name)
            .sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0))
          return (
            <div key={key}>
              <h3 className={css.name}>
                {name} {!ready && <span>not ready</span>}
                {ready && pods.length === 0 && <i>no pods</i>}
              </h3>
              <div role="img" aria-label={`${name}: ${summaryOf(pods)}`} className={css.row}>
                {pods.map(({ uid, state, version }) => (
                  <TileGlyph key={uid} state={state} tone={toneOf(version)} />
                ))}
              </div>
            </div>
          )
        })}
    </section>
  )
}
