import { Button } from '../../ui/Button.tsx'
import { formatShort } from '../../ui/numbers.ts'
import { ChaosControl } from './ChaosControl.tsx'
import type { Controls } from './controls.ts'
import css from './Dock.module.css'
import { ProxyControl } from './ProxyControl.tsx'
import { RolloutControl } from './RolloutControl.tsx'
import { ScaleControl } from './ScaleControl.tsx'

/** All that the machine sustains, in one press. */
function FullLoad({ controls }: { controls: Controls }) {
  const { fullLoad, reasons, goFullLoad } = controls
  return (
    <Button size="caption" keys="G" disabledReason={reasons.fullLoad} onPress={goFullLoad}>
      Full load{fullLoad !== null && <span className={css.measured}>{formatShort(fullLoad)}</span>}
    </Button>
  )
}

/** The controls, at the bottom where the audience does not look. */
export function Dock({ controls }: { controls: Controls }) {
  const { loadbots, servers, rollout, errorOf } = controls
  return (
    <section className={css.dock} aria-label="Controls">
      <ScaleControl
        label="Loadbots"
        scale={loadbots}
        error={errorOf('loadbots')}
        aside={rollout && <FullLoad controls={controls} />}
      />
      <ScaleControl
        label={`${rollout?.name ?? 'nginx'} replicas`}
        scale={servers}
        error={errorOf('servers')}
      />
      <RolloutControl controls={controls} />
      <ProxyControl controls={controls} />
      <ChaosControl controls={controls} />
    </section>
  )
}
