import { useMemo } from 'react'
import type { ReplaySpeed } from '../../../shared/stage.ts'
import { useLoad, usePacedPods, useViews } from '../../live/live.ts'
import {
  returnToLive,
  scrubberOf,
  setReplaySpeed,
  STEP_MS,
  travel,
  useKept,
  useMeasurements,
  useReplay,
} from '../../live/replay.ts'
import type { Kept } from '../../live/replay.ts'
import { Replayed } from '../../live/Replayed.tsx'
import { Button } from '../../ui/Button.tsx'
import { formatClock, formatCount } from '../../ui/numbers.ts'
import { Segments } from '../../ui/Segments.tsx'
import { Slider } from '../../ui/Slider.tsx'
import { Areas } from './Areas.tsx'
import { flagsOf, layersOf, shareOf, spanOf, ticksOf } from './timeline.ts'
import type { Span } from './timeline.ts'
import css from './TimeTravel.module.css'

const LIVE = 'The stage is live. −10 s looks back.'
const SPEEDS = [1, 4, 16] as const

/** Counts are glanced at here. */
const PACE = (count: number): number => (count <= 300 ? 100 : 500)

/** `35 of 60 on v2, 1,024,331 req/s, 0 failed`, at the moment shown. */
function Moment() {
  const load = useLoad()
  const rollout = useViews('rollout')[0]
  const pods = usePacedPods(PACE)
  const words: string[] = []
  if (rollout) {
    const { toVersion, replicas } = rollout
    const updated = pods.filter(
      ({ role, state, version }) => role === 'server' && state === 'ready' && version === toVersion,
    ).length
    words.push(`${updated} of ${replicas} on ${toVersion}`)
  }
  if (load) words.push(`${formatCount(load.rate)} req/s`, `${formatCount(load.failed)} failed`)
  return <p className={css.moment}>{words.join(', ')}</p>
}

function Buttons() {
  const replay = useReplay()
  const reason = replay ? null : LIVE
  const isPlaying = replay !== null && replay.speed > 0
  const fast = SPEEDS.find((speed) => speed === replay?.speed) ?? 1
  return (
    <>
      <Button size="small" keys="," onPress={() => travel(-STEP_MS)}>
        −10 s
      </Button>
      <Button
        size="small"
        look={replay && !isPlaying ? 'primary' : 'plain'}
        icon={isPlaying || !replay ? 'pause' : 'play'}
        label={isPlaying || !replay ? 'Stand still' : 'Play'}
        disabledReason={reason}
        onPress={() => setReplaySpeed(isPlaying ? 0 : 1)}
      />
      <Button size="small" keys=";" disabledReason={reason} onPress={() => travel(STEP_MS)}>
        +10 s
      </Button>
      {replay && (
        <Segments
          label="Speed of the replay"
          value={isPlaying ? String(fast) : null}
          segments={SPEEDS.map((speed) => ({ value: String(speed), content: `${speed}×` }))}
          onPick={(picked) => setReplaySpeed(Number(picked) as ReplaySpeed)}
        />
      )}
    </>
  )
}

/** What happened, when, and how much; what comes after the moment shown is dimmed. */
function Line({ kept, moment }: { kept: Kept; moment: number }) {
  const span = useMemo(() => spanOf(kept.oldest, kept.now), [kept])
  const measurements = useMeasurements(kept)
  const commands = useViews('command')
  const { layers, peak } = useMemo(() => layersOf(measurements, span), [measurements, span])
  const flags = useMemo(() => flagsOf(commands, span), [commands, span])
  const target = measurements.at(-1)?.target ?? null
  return (
    <div className={css.line}>
      <Areas layers={layers} peak={peak} target={target} playhead={shareOf(moment, span)} />
      {ticksOf(span).map(({ share, words }) => (
        <span key={words} className={css.tick} style={{ left: `${share * 100}%` }}>
          {words}
        </span>
      ))}
      {flags.map(({ key, share, words }) => (
        <p key={key} className={css.flag} style={{ left: `${share * 100}%` }}>
          {words}
        </p>
      ))}
      <Playhead span={span} kept={kept} moment={moment} />
      <time className={css.now}>{formatClock(kept.now)}</time>
    </div>
  )
}

function Playhead({ span, kept, moment }: { span: Span; kept: Kept; moment: number }) {
  const place = { left: `${shareOf(moment, span) * 100}%` }
  const start = { left: `${shareOf(kept.oldest, span) * 100}%` }
  return (
    <>
      <i className={css.playhead} style={place} />
      <div className={css.scrubber} style={start}>
        <Slider {...scrubberOf(kept, moment)} valueText={formatClock(moment)} />
      </div>
      {moment < kept.now && (
        <time className={css.pill} style={place}>
          {formatClock(moment)}
        </time>
      )}
    </>
  )
}

/** The last minutes on a line, and the hand that goes along it: what it points at is on every screen of the hall. */
export function TimeTravel() {
  const replay = useReplay()
  const kept = useKept()
  return (
    <section className={css.travel} aria-labelledby="travel-title">
      <header>
        <h2 id="travel-title">Time travel</h2>
        <Buttons />
        <Replayed>
          <Moment />
        </Replayed>
        <Button
          size="small"
          keys="L"
          className={css.back}
          disabledReason={replay ? null : LIVE}
          onPress={returnToLive}
        >
          Return to live
        </Button>
      </header>
      <Line kept={kept} moment={replay?.moment ?? kept.now} />
    </section>
  )
}
