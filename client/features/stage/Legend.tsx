import { useMemo } from 'react'
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

const noneOf = (version: string) => ({ count: 0, version, isMixed: false })

/** Live counts: ready pods by version, newest first, then every other state that occurs. `failed` is there even at 0. */
export function legendOf(pods: readonly PodView[], toVersion: string, otherPods = 0): LegendItem[] {
  const ready = new Map<string, number>()
  const rest = new Map<PodState, { count: number; version: string; isMixed: boolean }>()
  for (const { state, version } of pods) {
    if (state === 'ready') ready.set(version, (ready.get(version) ?? 0) + 1)
    else {
      const before = rest.get(state)
      const isMixed = before !== undefined && (before.isMixed || before.version !== version)
      rest.set(state, { version, count: (before?.count ?? 0) + 1, isMixed })
    }
  }
  const versions = [...ready].sort(([a], [b]) => b.localeCompare(a, 'en', { numeric: true }))
  const others = OTHERS.map(([state, words]) => {
    const { count, version, isMixed } = rest.get(state) ?? noneOf(toVersion)
    // Which version fails is what the hall wants to know.
    const isOne = state === 'failed' && count > 0 && !isMixed
    return { state, words: isOne ? `${version} failing` : words, count, tone: toneOf(version) }
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
  const all = usePacedPods(COUNT_PACE)
  const items = useMemo(() => {
    const others = all.filter(({ role }) => role === 'other').length
    return pods.length + others === 0 ? null : legendOf(pods, toVersion, others)
  }, [all, pods, toVersion])
  if (!items) return null
  return (
    <ul className={css.legend} aria-label="Pods by state">
      {items.map(({ state, tone, count, words }) => (
        <li key={`${state}${words}`} className={css.item}>
          <TileGlyph state={state} tone={tone} />
          <b>{count}</b> <span>{words}</span>
        </li>
      ))}
    </ul>
  )
}
