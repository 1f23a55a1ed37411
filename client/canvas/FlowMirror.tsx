import { memo } from 'react'
import { Hidden } from '../ui/Hidden.tsx'
import type { PodView } from '../../shared/stage.ts'
import type { Band, TileMark } from './bands.ts'

/** More pods than this are told by their summary only. */
const MOST_LISTED = 300

const ORDER = ['ready', 'starting', 'pending', 'stopping', 'failed', 'unknown', 'succeeded']

/** `9 v2 ready, 7 v1 ready, 1 v2 starting`, or `no pods`. */
export function summaryOf(tiles: readonly Pick<TileMark, 'state' | 'version'>[]): string {
  const counts = new Map<string, number>()
  const sorted = [...tiles].sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.version.localeCompare(a.version, 'en'),
  )
  for (const { version, state } of sorted) {
    const what = `${version} ${state}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(', ') || 'no pods'
}

function PodList({
  label,
  pods,
}: {
  label: string
  pods: readonly (Pick<PodView, 'uid' | 'name' | 'version' | 'state'> & { node: string | null })[]
}) {
  return (
    <ul aria-label={label}>
      {pods.map(({ uid, name, version, state, node }) => (
        <li key={uid}>{`${name}, ${version}, ${state}, ${node ?? 'no node'}`}</li>
      ))}
    </ul>
  )
}

/** The flow in words: one picture with a summary per node, and a list with one line per pod; `others` have no tile. */
export const FlowMirror = memo(function FlowMirror({
  bands,
  others,
}: {
  bands: readonly Band[]
  others: readonly PodView[]
}) {
  const total = bands.reduce((sum, { tiles }) => sum + tiles.length, 0)
  return (
    <Hidden>
      {bands.map((band) => {
        const state = band.isReady ? '' : ' (not ready)'
        return (
          <section key={band.name} aria-label={`${band.name}${state}`}>
            <div role="img" aria-label={`${band.name}${state}: ${summaryOf(band.tiles)}`} />
            {total <= MOST_LISTED && band.tiles.length > 0 && (
              <PodList
                label={`Pods on ${band.name}`}
                pods={band.tiles.map((tile) => ({ ...tile, node: band.name }))}
              />
            )}
          </section>
        )
      })}
      {others.length > 0 && others.length <= MOST_LISTED && (
        <PodList label="Pods without a tile" pods={others} />
      )}
    </Hidden>
  )
})
