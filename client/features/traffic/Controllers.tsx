import type { IngressClass } from '../../../shared/kubernetes/ingress.ts'
import { DEFAULT_CLASS_ANNOTATION } from '../../../shared/kubernetes/ingress.ts'
import { useViews } from '../../live/live.ts'
import css from './Traffic.module.css'
import type { TrafficLayout } from './trafficLayout.ts'
import { controllerName } from './trafficModel.ts'
import type { TrafficNow } from './useTrafficModel.ts'

const isDefault = ({ metadata }: IngressClass): boolean =>
  metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true'
const defaultFirst = (a: IngressClass, b: IngressClass): number =>
  Number(isDefault(b)) - Number(isDefault(a))

/** The ingress controllers there are, which of them serves, and in words what is wrong with Ingresses. */
export function Controllers({ traffic, layout }: { traffic: TrafficNow; layout: TrafficLayout }) {
  const events = useViews('event')
  const { classes, model } = traffic
  if (!model || classes.length === 0) return null
  const problemOf = (name: string): string | null =>
    events.findLast(({ about, type }) => about === `IngressClass ${name}` && type === 'Warning')
      ?.message ?? null
  return (
    <section className={css.controllers} aria-label="Ingress controllers">
      <h2>Ingress controllers</h2>
      <ul>
        {classes.toSorted(defaultFirst).map(({ metadata, spec }) => {
          const name = metadata.name ?? ''
          const wants = model.ingresses.some(({ className }) => className === name)
          const serves = layout.ingresses.some(({ node }) => node.className === name)
          const problem = wants && !serves ? problemOf(name) : null
          return (
            <li key={name} data-serves={serves}>
              <b>{controllerName({ metadata, ...(spec && { spec }) })}</b>
              <span>
                {serves ? 'serves' : wants ? (problem ?? 'is starting') : 'has no Ingress'}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
