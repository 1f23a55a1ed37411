import type { CSSProperties } from 'react'
import type { PodView } from '../../../shared/stage.ts'
import { splitKey } from '../../../shared/kubernetes/meta.ts'
import { TileGlyph } from '../../canvas/TileGlyph.tsx'
import { toneOf } from '../../canvas/tone.ts'
import { useInfo } from '../../live/live.ts'
import { select } from '../../live/selection.ts'
import { at, rateText } from './placing.ts'
import css from './Traffic.module.css'
import type { Placed } from './placed.ts'
import { portHeight } from './placed.ts'
import type { TrafficLayout } from './trafficLayout.ts'
import type { ServiceNode } from './trafficModel.ts'

/** Sides and columns, the largest first, and how many fit into four rows. */
const SIZES = [
  { size: 36, columns: 9 },
  { size: 22, columns: 13 },
  { size: 16, columns: 18 },
] as const
const GAP = 4
const MOST = SIZES[2].columns * 7

/** The pods behind a Service, each a button that looks into it. */
export function PodTiles({
  service,
  layout: { x },
}: {
  service: Placed<ServiceNode>
  layout: TrafficLayout
}) {
  const { node, y } = service
  const versions = useInfo()?.versions ?? []
  if (node.pods.length === 0) return null
  const room = portHeight(service) + 30
  const { size, columns } =
    SIZES.find((each) => Math.ceil(node.pods.length / each.columns) * (each.size + GAP) <= room) ??
    SIZES[2]
  const shown = node.pods.slice(0, MOST)
  const rows = Math.ceil(shown.length / columns)
  const style: CSSProperties = {
    ...at(x.pods, y - (rows * (size + GAP) - GAP) / 2),
    gridTemplateColumns: `repeat(${columns}, calc(${size} * var(--u)))`,
    fontSize: `calc(${size} * var(--u))`,
  }
  return (
    <ul className={css.tiles} style={style} aria-label={`Pods of Service ${node.name}`}>
      {shown.map((pod) => (
        <li key={pod.uid}>
          <button
            type="button"
            title={`${pod.name} ${pod.version}`}
            aria-label={wordsOf(pod, node.byPod[pod.name] ?? null)}
            onClick={() => open(pod)}
          >
            <TileGlyph state={pod.state} tone={toneOf(pod.version, versions)} />
          </button>
        </li>
      ))}
      {node.pods.length > shown.length && (
        <li className={css.more}>and {node.pods.length - shown.length} more</li>
      )}
    </ul>
  )
}

function wordsOf({ name, version, state }: PodView, rate: number | null): string {
  return `${name}, ${version}, ${state}${rate === null ? '' : `, ${rateText(rate)}`}`
}

function open({ key }: PodView): void {
  const { namespace = null, name } = splitKey(key)
  select({ kind: 'pods', namespace, name })
}
