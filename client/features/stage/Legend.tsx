import type { PodState, PodView } from '../../../shared/stage.ts'
import { TileGlyph } from '../../canvas/TileGlyph.tsx'
import type { Tone } from '../../canvas/tone.ts'
import { toneOf } from '../../canvas/tone.ts'
import css from './Legend.module.css'
import { useRollout, useServers } from './views.ts'

export interface LegendItem {
  state: PodState
  tone: Tone
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

/** Live counts: ready pods by version, newest first, then every other state that occurs. `failed` is there even at 0. */
export function legendOf(pods: readonly PodView[], toVersion: string): LegendItem[] {
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
    ...others.filter(({ state, count }) => count > 0 || state === 'failed'),
  ]
}

/** The vocabulary with its counts, over the tiles it explains. */
export function Legend() {
  const pods = useServers()
  const toVersion = useRollout()?.toVersion ?? 'v1'
  if (pods.length === 0) return null
  return (
    <ul className={css.legend} aria-label="Pods by state">
      {legendOf(pods, toVersion).map(({ state, tone, count, words }) => (
        <li key={`${state}${words}`} className={css.item}>
          <TileGlyph state={state} tone={tone} />
          <b>{count}</b> <span>{words}</span>
        </li>
      ))}
    </ul>
  )
}
