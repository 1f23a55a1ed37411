import { useSelection } from '../../live/selection.ts'
import { useIsStale } from '../../live/useIsStale.ts'
import { Comparison } from './Comparison.tsx'
import { FlowMap } from './FlowMap.tsx'
import { ModeCard } from './ModeCard.tsx'
import css from './Traffic.module.css'
import { useTrafficModel } from './useTrafficModel.ts'

/** Traffic: from whoever sends through Ingresses and Services to pods, and the two proxies compared. */
export function Traffic() {
  const traffic = useTrafficModel()
  const isStale = useIsStale()
  const isInspecting = useSelection() !== null
  const comparison = traffic.report?.comparison ?? null
  return (
    <main
      className={css.view}
      aria-label="Traffic"
      aria-busy={!traffic.model}
      data-stale={isStale}
      data-inspecting={isInspecting}
    >
      <FlowMap traffic={traffic} isStale={isStale} />
      <div className={css.cards}>
        <Comparison comparison={comparison} />
        <ModeCard comparison={comparison} />
      </div>
    </main>
  )
}
