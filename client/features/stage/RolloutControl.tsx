import { TileGlyph } from '../../canvas/TileGlyph.tsx'
import { toneOf } from '../../canvas/tone.ts'
import { Button } from '../../ui/Button.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { Stepper } from '../../ui/Stepper.tsx'
import { ControlGroup } from './ControlGroup.tsx'
import type { Controls } from './controls.ts'
import css from './Dock.module.css'
import { asShare, stepShare } from './share.ts'
import { useServers } from './views.ts'

function updateWords({ rollout, version }: Controls): string {
  const isUnderWay = rollout?.phase === 'updating' && rollout.toVersion === version
  return `${isUnderWay ? 'Updating' : 'Update'} to ${version ?? '…'}`
}

function Strategy({ controls }: { controls: Controls }) {
  const surge = controls.rollout?.maxSurge ?? '–'
  const unavailable = controls.rollout?.maxUnavailable ?? '–'
  const surgeReason = (by: number) =>
    controls.strategyReason(stepShare(surge, by), asShare(unavailable))
  const unavailableReason = (by: number) =>
    controls.strategyReason(asShare(surge), stepShare(unavailable, by))
  return (
    <div className={css.strategy}>
      <span className={css.share}>
        Max surge
        <Stepper
          size="mini"
          label="Max surge"
          value={surge}
          lessReason={surge === '0' ? 'It is 0 already.' : surgeReason(-1)}
          moreReason={surgeReason(1)}
          onStep={(by) => controls.setStrategy(stepShare(surge, by), asShare(unavailable))}
        />
      </span>
      <span className={css.share}>
        Max unavailable
        <Stepper
          size="mini"
          label="Max unavailable"
          value={unavailable}
          lessReason={unavailable === '0' ? 'It is 0 already.' : unavailableReason(-1)}
          moreReason={unavailableReason(1)}
          onStep={(by) => controls.setStrategy(asShare(surge), stepShare(unavailable, by))}
        />
      </span>
    </div>
  )
}

/** Which version, start, pause, resume, roll back, and how carefully. */
export function RolloutControl({ controls }: { controls: Controls }) {
  const { rollout, versions, version, reasons } = controls
  const failing = new Set(
    useServers().flatMap((pod) => (pod.state === 'failed' ? [pod.version] : [])),
  )
  const isMoving = rollout?.phase === 'updating'
  const isPaused = rollout?.paused ?? false
  return (
    <ControlGroup
      label="Rolling update"
      error={controls.errorOf('rollout')}
      className={css.rollout}
    >
      <div className={css.actions}>
        {versions.length > 0 && (
          <Segments
            label="Version to update to"
            value={version}
            onPick={controls.pickVersion}
            segments={versions.map((each) => ({
              value: each,
              content: (
                <>
                  <TileGlyph
                    state={failing.has(each) ? 'failed' : 'ready'}
                    tone={toneOf(each, versions)}
                  />
                  {each}
                </>
              ),
            }))}
          />
        )}
        <Button
          look={isMoving || isPaused ? 'plain' : 'primary'}
          keys="U"
          disabledReason={reasons.update}
          onPress={controls.update}
        >
          {updateWords(controls)}
        </Button>
        {isPaused ? (
          <Button icon="play" keys="P" disabledReason={reasons.resume} onPress={controls.resume}>
            Resume
          </Button>
        ) : (
          <Button
            look={isMoving ? 'primary' : 'plain'}
            icon="pause"
            keys="P"
            disabledReason={reasons.pause}
            onPress={controls.pause}
          >
            Pause
          </Button>
        )}
        <Button icon="undo" keys="Z" disabledReason={reasons.rollBack} onPress={controls.rollBack}>
          Roll back
        </Button>
      </div>
      <Strategy controls={controls} />
    </ControlGroup>
  )
}
