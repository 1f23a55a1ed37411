import { memo } from 'react'
import type { KeyboardEvent } from 'react'
import { Hidden } from '../ui/Hidden.tsx'
import type { PodView } from '../../shared/stage.ts'
import type { Band, TileMark } from './bands.ts'

/** More pods than this are told by their summary only. */
const MOST_LISTED = 300

const ORDER = ['ready', 'starting', 'pending', 'stopping', 'failed', 'unknown', 'succeeded']

/** `9 v2 ready, 7 v1 ready, 1 v2 starting`, or `no pods`. */
export function summaryOf(tiles: readonly Pick<TileMark, 'state' | 'version'>[]): string {
  const counts = new Map<string, { tile: Pick<TileMark, 'state' | 'version'>; count: number }>()
  for (const tile of tiles) {
    const what = `${tile.version} ${tile.state}`
    const held = counts.get(what)
    if (held) held.count += 1
    else counts.set(what, { tile, count: 1 })
  }
  const sorted = [...counts].sort(
    ([, { tile: a }], [, { tile: b }]) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.version.localeCompare(a.version, 'en'),
  )
  return sorted.map(([what, { count }]) => `${count} ${what}`).join(', ') || 'no pods'
}

export interface MirrorDeeds {
  /** Somebody asks to look into that pod, `namespace/name`. */
  onOpen: (key: string) => void
  /** The keyboard is on that pod; null: on none. */
  onFocus: (key: string | null) => void
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowRight: (at, count) => Math.min(count - 1, at + 1),
  ArrowDown: (at, count) => Math.min(count - 1, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** A list is one stop of Tab; arrows go from pod to pod. */
function onKeyDown(event: KeyboardEvent<HTMLUListElement>): void {
  const step = STEPS[event.key]
  if (!step) return
  const buttons = [...event.currentTarget.querySelectorAll('button')]
  const at = buttons.findIndex((button) => button === document.activeElement)
  buttons[step(at, buttons.length)]?.focus()
  event.preventDefault()
  event.stopPropagation()
}

function PodList({
  label,
  pods,
  deeds,
}: {
  label: string
  pods: readonly (Pick<PodView, 'uid' | 'key' | 'name' | 'version' | 'state'> & {
    node: string | null
  })[]
  deeds: MirrorDeeds
}) {
  return (
    <ul aria-label={label} onKeyDown={onKeyDown}>
      {pods.map(({ uid, key, name, version, state, node }, at) => (
        <li key={uid}>
          <button
            type="button"
            tabIndex={at === 0 ? 0 : -1}
            onClick={() => deeds.onOpen(key)}
            onFocus={() => deeds.onFocus(key)}
            onBlur={() => deeds.onFocus(null)}
          >
            {`${name}, ${version}, ${state}, ${node ?? 'no node'}`}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The flow in words: one picture with a summary per node, and a list with one line per pod; `others` have no tile. */
export const FlowMirror = memo(function FlowMirror({
  bands,
  others,
  deeds,
}: {
  bands: readonly Band[]
  others: readonly PodView[]
  deeds: MirrorDeeds
}) {
  const total = bands.reduce((sum, { tiles }) => sum + tiles.length, 0)
  return (
    <Hidden>
      {others.length > 0 && others.length <= MOST_LISTED && (
        <PodList label="Pods without a tile" pods={others} deeds={deeds} />
      )}
      {bands.map((band) => {
        const state = band.isReady ? '' : ' (not ready)'
        return (
          <section key={band.name} aria-label={`${band.name}${state}`}>
            <div role="img" aria-label={`${band.name}${state}: ${summaryOf(band.tiles)}`} />
            {total <= MOST_LISTED && band.tiles.length > 0 && (
              <PodList
                label={`Pods on ${band.name}`}
                pods={band.tiles.map((tile) => ({ ...tile, node: band.name }))}
                deeds={deeds}
              />
            )}
          </section>
        )
      })}
    </Hidden>
  )
})
