import type { PodState, PodView } from '../../../shared/stage.ts'
import { TileGlyph } from '../../canvas/TileGlyph.tsx'
import type { TileTone } from '../../canvas/tone.ts'
import { toneOf } from '../../canvas/tone.ts'
import { usePacedPods } from '../../live/live.ts'
import css from './Legend.module.css'
import { COUNT_PACE, useRollout, useServers } from './views.ts'

export interface LegendItem {
  state: PodState
  tone: TileTone
  count: number
  words: string
}

const OTHERS: readonly [PodState, string][] = [
  ['starting', 'starting'],
  ['pending', 'pending'],
  ['stopping', 'stopping'],
  ['unknown', 'unknown'],
  ['failed', 'failed'],
]

const other = (count: number): LegendItem => ({
  state: 'ready',
  tone: 'none',
  count,
  words: count === 1 ? 'other pod' : 'other pods',
})

/** Live counts: ready pods by version, newest first, then every other state that occurs. `failed` is there even at 0. */
export function legendOf(pods: readonly PodView[], toVersion: string, otherPods = 0): LegendItem[] {
  const ready = new Map<string, number>()
  for (const { state, version } of pods) {
    if (state === 'ready') ready.set(version, (ready.get(version) ?? 0) + 1)
  }
  const versions = [...ready].sort(([a], [b]) => b.localeCompare(a, 'en', { numeric: true }))
  const others = OTHERS.map(([state, words]) => {
    const those = pods.filter((pod) => pod.state === state)
    return { state, words, count: those.length, tone: toneOf(those[0]?.version ?? toVersion) }
  })
  return [
    ...versions.map(([version, count]): LegendItem => ({
      state: 'ready',
      tone: toneOf(version),
      count,
      words: version,
    })),
    ...(otherPods > 0 ? [other(otherPods)] : []),
    ...others.filter(({ state, count }) => count > 0 || state === 'failed'),
  ]
}

/** The vocabulary with its counts, over the tiles it explains. */
export function Legend() {
  const pods = useServers()
  const toVersion = useRollout()?.toVersion ?? 'v1'
  const others = usePacedPods(COUNT_PACE).filter(({ role }) => role === 'other').length
  if (pods.length + others === 0) return null
  return (
    <ul className={css.legend} aria-label="Pods by state">
      {legendOf(pods, toVersion, others).map(({ state, tone, count, words }) => (
        <li key={`${state}${words}`} className={css.item}>
          <TileGlyph state={state} tone={tone} />
          <b>{count}</b> <span>{words}</span>
        </li>
      ))}
    </ul>
  )
}
