import { endpointSlices } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { useLoad, useViews } from '../../live/live.ts'
import { formatClock, formatCount, formatLatency, plural } from '../../ui/numbers.ts'
import { conditionsInWords } from './conditions.ts'
import { Endpoints } from './Endpoints.tsx'
import { conditionsOf, factsOf } from './facts.ts'
import css from './Inspector.module.css'
import { Trace } from './Trace.tsx'
import { useEventsOf } from './useEventsOf.ts'
import { whyOf } from './why.ts'

/** What it is, why it is so, and what it does now. */
export function Overview({ object }: { object: KubeObject }) {
  const { namespace, name } = object.metadata
  const isOfTheShow = useViews('service').some(({ key }) => key === `${namespace}/${name}`)
  const hasTrace = object.kind === 'Service' && isOfTheShow
  return (
    <div className={css.scroll} tabIndex={0} role="group" aria-label="Overview">
      <Traffic object={object} />
      {hasTrace && <Trace />}
      {object.kind === 'Pod' && <WhyHere pod={object as Pod} />}
      <dl className={css.facts}>
        {factsOf(object).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {/^Service(Import)?$/.test(object.kind ?? '') && <Endpoints service={object} />}
      <Conditions object={object} />
    </div>
  )
}

/** What the loadbots measured of it; only of pods that serve or ask, of nodes and of the Service. */
function Traffic({ object }: { object: KubeObject }) {
  const load = useLoad()
  const pods = useViews('pod')
  const services = useViews('service')
  const { name = '', namespace } = object.metadata
  if (!load) return null
  const rates = { ...load.byServer, ...load.byBot }
  const ours =
    object.kind === 'Node'
      ? pods.filter(({ node, role }) => node === name && role === 'server')
      : pods.filter((pod) => object.kind === 'Pod' && pod.key === `${namespace}/${name}`)
  const isTheService =
    object.kind === 'Service' && services.some(({ key }) => key === `${namespace}/${name}`)
  const isMeasured = isTheService || ours.some(({ role }) => role !== 'other')
  if (!isMeasured) return null
  const served = ours.reduce((sum, pod) => sum + (rates[pod.name] ?? 0), 0)
  const rate = isTheService ? load.rate : served
  const [p50, p99] = [formatLatency(load.p50Ms), formatLatency(load.p99Ms)]
  return (
    <dl className={css.figures} data-old={!load.live}>
      <div>
        <dt>{ours[0]?.role === 'loadbot' ? 'Asks' : 'Answers'}</dt>
        <dd>
          {formatCount(rate)}
          <small>req/s</small>
        </dd>
      </div>
      <div>
        <dt>p50, all requests</dt>
        <dd>
          {p50.figure}
          <small>{p50.unit}</small>
        </dd>
      </div>
      <div>
        <dt>p99, all requests</dt>
        <dd>
          {p99.figure}
          <small>{p99.unit}</small>
        </dd>
      </div>
    </dl>
  )
}

function WhyHere({ pod }: { pod: Pod }) {
  const events = useEventsOf(pod).data ?? []
  const { data: slices = [] } = useObjects(endpointSlices, { namespace: pod.metadata.namespace })
  const { sentence, nodeReasons, steps } = whyOf(pod, events, slices)
  return (
    <section className={css.why} aria-label={pod.spec.nodeName ? 'Why it is here' : 'Why it waits'}>
      <h3>{sentence}</h3>
      {nodeReasons.length > 0 && (
        <ul aria-label="What the nodes say">
          {nodeReasons.map(({ nodes, reason }) => (
            <li key={reason}>
              <b>{plural(nodes, 'node')}</b> {reason}
            </li>
          ))}
        </ul>
      )}
      <ul>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
    </section>
  )
}

function Conditions({ object }: { object: KubeObject }) {
  const conditions = conditionsInWords(conditionsOf(object))
  if (conditions.length === 0) return null
  return (
    <section className={css.conditions} aria-label="Conditions">
      <h3>Conditions</h3>
      <ul>
        {conditions.map(({ type, tone, sentence, detail, since }) => (
          <li key={type} data-tone={tone}>
            <p>
              {sentence}
              <small>
                {type}
                {since !== null && `, since ${formatClock(since)}`}
              </small>
            </p>
            {tone !== 'good' && detail && <p className={css.detail}>{detail}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
