import { Button } from '../../ui/Button.tsx'
import { HoldButton } from '../../ui/HoldButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import type { Controls } from './controls.ts'
import css from './PausedBanner.module.css'
import { PROCEED_HOLD_MS } from './stripModel.ts'
import type { Banner } from './stripModel.ts'

/** Stands where the strip stood while an update does not go on by itself, and offers the ways out. */
export function PausedBanner({
  banner,
  controls,
  isProceedHeld = false,
}: {
  banner: Banner
  controls: Controls
  /** The key of `Proceed anyway` is held. */
  isProceedHeld?: boolean
}) {
  const { rollout } = controls
  const previous = rollout?.previousVersion
  const isFailing = banner.tone === 'failing'
  const error = controls.errorOf('rollout')
  return (
    <section className={css.banner} data-tone={banner.tone} aria-label="Update does not go on">
      <span className={css.sign}>
        <Icon name={isFailing && rollout?.phase === 'stuck' ? 'warn' : 'pause'} weight={3} />
      </span>
      <div className={css.words}>
        <h2>{banner.title}</h2>
        <p>{error ?? banner.sentence}</p>
      </div>
      <div className={css.actions}>
        <Button
          look={isFailing ? 'primary' : 'plain'}
          size="large"
          icon="undo"
          keys="Z"
          disabledReason={controls.reasons.rollBack}
          onPress={controls.rollBack}
        >
          {previous ? `Roll back to ${previous}` : 'Roll back'}
        </Button>
        {!rollout?.paused ? null : isFailing ? (
          <HoldButton
            holdMs={PROCEED_HOLD_MS}
            keys="Y"
            isKeyHeld={isProceedHeld}
            disabledReason={controls.reasons.resume}
            onHeld={controls.resume}
          >
            Proceed anyway
          </HoldButton>
        ) : (
          <Button
            look="primary"
            size="large"
            icon="play"
            keys="P"
            disabledReason={controls.reasons.resume}
            onPress={controls.resume}
          >
            Resume
          </Button>
        )}
      </div>
    </section>
  )
}
