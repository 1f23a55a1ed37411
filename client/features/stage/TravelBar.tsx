import {
  returnToLive,
  scrubberOf,
  setReplaySpeed,
  STEP_MS,
  travel,
  useKept,
  useReplay,
} from '../../live/replay.ts'
import { Button } from '../../ui/Button.tsx'
import { formatClock } from '../../ui/numbers.ts'
import { Slider } from '../../ui/Slider.tsx'
import css from './TravelBar.module.css'

/** Stands where the newest events stood while the past is shown: where in it, and the way back. */
export function TravelBar() {
  const replay = useReplay()
  const kept = useKept()
  if (!replay) return null
  const { moment, speed } = replay
  const isPlaying = speed > 0
  return (
    <div className={css.bar} role="group" aria-label="Time travel">
      <time className={css.time}>{formatClock(moment)}</time>
      <Button size="caption" keys="," onPress={() => travel(-STEP_MS)}>
        −10 s
      </Button>
      <Button
        size="caption"
        icon={isPlaying ? 'pause' : 'play'}
        label={isPlaying ? 'Stand still' : 'Play'}
        onPress={() => setReplaySpeed(isPlaying ? 0 : 1)}
      />
      <Button size="caption" keys=";" onPress={() => travel(STEP_MS)}>
        +10 s
      </Button>
      <div className={css.slider}>
        <Slider {...scrubberOf(kept, moment)} valueText={formatClock(moment)} />
      </div>
      <Button look="primary" size="caption" keys="L" onPress={returnToLive}>
        Return to live
      </Button>
    </div>
  )
}
