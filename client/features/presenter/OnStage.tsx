import type { RolloutView } from '../../../shared/stage.ts'
import { TileGlyph } from '../../canvas/TileGlyph.tsx'
import { toneOf } from '../../canvas/tone.ts'
import { useLoad, usePacedPods, useViews } from '../../live/live.ts'
import { Replayed } from '../../live/Replayed.tsx'
import { useReplay } from '../../live/replay.ts'
import { formatClock, formatCount, formatLatency } from '../../ui/numbers.ts'
import css from './OnStage.module.css'

/** Tiles are glanced at here, not followed. */
const PACE = (count: number): number => (count <= 300 ? 100 : 500)
const MOST_TILES = 160

function sentenceOf({ name, phase, message, toVersion, replicas, ready }: RolloutView): string {
  if (message !== null) return message
  return phase === 'steady'
    ? `${name} ${toVersion}: ${ready} of ${replicas} ready.`
    : `${name} goes to ${toVersion}: ${ready} of ${replicas} ready.`
}

/** What the hall sees, in a few figures: what is, or what is shown again. */
export function OnStage() {
  const replay = useReplay()
  const live = useLoad()
  return (
    <section className={css.stage} aria-labelledby="stage-title">
      <header className={css.head}>
        <h2 id="stage-title">On stage</h2>
        {replay && <p>replaying {formatClock(replay.moment)}</p>}
      </header>
      <Replayed>
        <Card />
      </Replayed>
      {replay && live && (
        <p className={css.live}>
          <b>{formatCount(live.rate)}</b> req/s live now
        </p>
      )}
    </section>
  )
}

function Card() {
  const load = useLoad()
  const rollout = useViews('rollout')[0]
  const nodes = useViews('node')
  const pods = usePacedPods(PACE)
    .filter(({ role }) => role === 'server')
    .sort((a, b) => b.version.localeCompare(a.version) || a.index - b.index)
  const p99 = formatLatency(load?.p99Ms ?? null)
  return (
    <div className={css.card}>
      <p className={css.rate}>
        {load ? formatCount(load.rate) : '–'} <span>req/s</span>
      </p>
      <dl className={css.facts}>
        <div>
          <dt>p99</dt>
          <dd>
            {p99.figure} <small>{p99.unit}</small>
          </dd>
        </div>
        <div>
          <dt>Failed since the start</dt>
          <dd data-failed={(load?.failed ?? 0) > 0}>{load ? formatCount(load.failed) : '–'}</dd>
        </div>
        <div>
          <dt>Nodes Ready</dt>
          <dd>
            {nodes.filter(({ ready }) => ready).length} <small>of {nodes.length}</small>
          </dd>
        </div>
      </dl>
      <div
        className={css.tiles}
        role="img"
        aria-label={`${pods.filter(({ state }) => state === 'ready').length} of ${pods.length} pods ready`}
      >
        {pods.slice(0, MOST_TILES).map(({ uid, state, version }) => (
          <TileGlyph key={uid} state={state} tone={toneOf(version)} />
        ))}
      </div>
      {rollout && <p className={css.sentence}>{sentenceOf(rollout)}</p>}
    </div>
  )
}
