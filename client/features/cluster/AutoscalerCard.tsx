import { useState } from 'react'
import type { HorizontalPodAutoscaler } from '../../../shared/kubernetes/autoscaling.ts'
import {
  customResourceDefinitions,
  horizontalPodAutoscalers,
} from '../../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../../shared/kubernetes/meta.ts'
import type { VerticalPodAutoscaler } from '../../../shared/kubernetes/vertical.ts'
import { verticalPodAutoscalers } from '../../../shared/kubernetes/vertical.ts'
import { useObject, useObjects } from '../../live/kubernetes.ts'
import { useScaling } from '../../live/measured.ts'
import { Button } from '../../ui/Button.tsx'
import { ArrowTo } from './ArrowTo.tsx'
import css from './Cards.module.css'
import { ScalingChart } from './ScalingChart.tsx'
import { explanationOf, formulasOf } from './scalingModel.ts'
import { useNow } from './useMemory.ts'
import { VerticalFigures } from './VerticalFigures.tsx'

/** The newest autoscaler, or the next ones by a press: its sum with its numbers, and how it went. */
export function AutoscalerCard() {
  const { data, error } = useObjects(horizontalPodAutoscalers)
  const vertical = useVertical()
  const [turn, setTurn] = useState(0)
  const all = [...(data ?? []), ...vertical].toSorted((a, b) => bornAt(b) - bornAt(a))
  const shown = all[turn % Math.max(1, all.length)]
  return (
    <section className={css.card} aria-label="Autoscaler" aria-busy={!data && !error}>
      <header className={css.head}>
        <h2>Autoscaler {shown?.metadata.name}</h2>
        {all.length > 1 && (
          <Button size="caption" onPress={() => setTurn((held) => held + 1)}>
            {(turn % all.length) + 1} of {all.length}: next
          </Button>
        )}
      </header>
      {shown && isVertical(shown) && <VerticalFigures vpa={shown} />}
      {shown && !isVertical(shown) && <Figures hpa={shown} />}
      {!shown && data && <None />}
      {error && <p role="alert">{error.message}</p>}
    </section>
  )
}

type Autoscaler = HorizontalPodAutoscaler | VerticalPodAutoscaler

const isVertical = (one: Autoscaler): one is VerticalPodAutoscaler => 'targetRef' in one.spec

/** Their kind is a custom resource: asked for while it is defined. */
function useVertical(): readonly VerticalPodAutoscaler[] {
  const { plural, group } = verticalPodAutoscalers
  const { data } = useObject(customResourceDefinitions, { name: `${plural}.${group}` })
  return useObjects(verticalPodAutoscalers, data ? {} : null).data ?? []
}

const bornAt = ({ metadata }: Autoscaler): number => Date.parse(metadata.creationTimestamp ?? '')

function None() {
  return (
    <>
      <p className={css.none}>There is none. One begins with</p>
      <code className={css.hint}>kubectl autoscale deployment/nginx --max=10</code>
      <p className={css.none}>or with the scene “Autoscaling under load”.</p>
    </>
  )
}

function Figures({ hpa }: { hpa: HorizontalPodAutoscaler }) {
  const history = useScaling()
  const now = useNow()
  const { spec, status } = hpa
  const [formula] = formulasOf(hpa)
  const replicas = status?.currentReplicas ?? 0
  const wanted = status?.desiredReplicas ?? replicas
  const samples = history.data?.[keyOf(hpa)] ?? []
  return (
    <>
      <div className={css.figures}>
        <b>{replicas}</b>
        <ArrowTo />
        <b>{wanted}</b>
        <p>
          replicas wanted
          <br />
          min {spec.minReplicas ?? 1}, max {spec.maxReplicas}
        </p>
      </div>
      <code className={css.formula}>
        {formula?.line ?? `${formula?.metric ?? 'Nothing'} is not measured yet`}
      </code>
      {formula && <ScalingChart samples={samples} formula={formula} wanted={wanted} now={now} />}
      <p className={css.explanation}>{explanationOf(hpa)}</p>
    </>
  )
}
