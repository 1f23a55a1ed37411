import { Button } from '../../ui/Button.tsx'
import { ControlGroup } from './ControlGroup.tsx'
import type { Controls } from './controls.ts'
import css from './Dock.module.css'

/** Breaks things, at once and without asking back. */
export function ChaosControl({ controls }: { controls: Controls }) {
  const { node, reasons } = controls
  const words = node ? `${node.restores ? 'Restore' : 'Fail'} ${node.name}` : 'Fail node'
  return (
    <ControlGroup label="Chaos" error={controls.errorOf('chaos')} className={css.chaos}>
      <div className={css.stack}>
        <Button
          size="small"
          icon="cross"
          keys="K"
          tipSide="left"
          disabledReason={reasons.killPod}
          onPress={controls.killPod}
        >
          <span className={css.spread}>Kill pod</span>
        </Button>
        <Button
          size="small"
          {...(!node?.restores && { icon: 'node' as const })}
          keys="N"
          tipSide="left"
          disabledReason={reasons.node}
          onPress={controls.failOrRestoreNode}
        >
          <span className={css.spread}>{words}</span>
        </Button>
      </div>
    </ControlGroup>
  )
}
