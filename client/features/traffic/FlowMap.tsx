import { useMemo } from 'react'
import { EdgeCanvas } from '../../canvas/EdgeCanvas.tsx'
import { useInfo, useViews } from '../../live/live.ts'
import { useSize } from '../../ui/useSize.ts'
import { useUnit } from '../../ui/useUnit.ts'
import { Controllers } from './Controllers.tsx'
import { Gates } from './Gates.tsx'
import { PodTiles } from './PodTiles.tsx'
import { ServiceLabel } from './ServiceLabel.tsx'
import { at, rateText } from './placing.ts'
import css from './Traffic.module.css'
import type { TrafficLayout } from './trafficLayout.ts'
import { trafficLayout } from './trafficLayout.ts'
import type { TrafficNow } from './useTrafficModel.ts'

/** From left to right: who sends, Ingresses, Services, pods. */
export function FlowMap({ traffic, isStale }: { traffic: TrafficNow; isStale: boolean }) {
  const [box, size] = useSize<HTMLElement>()
  const unit = useUnit()
  const versions = useInfo()?.versions
  const mode = useViews('service')[0]?.proxyMode ?? null
  const { model } = traffic
  const width = size ? Math.round(size.width / unit) : 0
  const height = size ? Math.round(size.height / unit) : 0
  const layout = useMemo(
    () => (model && width > 0 ? trafficLayout(model, width, height, versions ?? []) : null),
    [model, width, height, versions],
  )
  return (
    <section ref={box} className={css.flow} aria-label="From senders to pods">
      {layout && (
        <>
          <EdgeCanvas
            width={width}
            height={height}
            unit={unit}
            strands={layout.strands}
            rates={isStale ? null : layout.rates}
          />
          <Gates layout={layout} mode={mode} width={width} height={height} />
          <Sources layout={layout} />
          <Hosts layout={layout} />
          <Routes layout={layout} />
          {layout.services.map((service) => (
            <ServiceLabel key={service.node.key} service={service} layout={layout} />
          ))}
          {layout.services.map((service) => (
            <PodTiles key={service.node.key} service={service} layout={layout} />
          ))}
          <Controllers traffic={traffic} layout={layout} />
          {layout.services.length === 0 && <Nothing />}
          {layout.hidden > 0 && (
            <p className={css.hidden}>and {layout.hidden} more Services behind Ingresses</p>
          )}
        </>
      )}
      {!model && traffic.error && <p role="alert">{traffic.error.message}</p>}
    </section>
  )
}

function Sources({ layout }: { layout: TrafficLayout }) {
  return layout.sources.map(({ node, y }) => (
    <div key={node.id} className={css.source} style={at(40, y)}>
      <div>
        <h2>{node.title}</h2>
        <code>{node.detail}</code>
      </div>
      <b>{rateText(node.rate)}</b>
    </div>
  ))
}

function Hosts({ layout }: { layout: TrafficLayout }) {
  return layout.ingresses.map(({ node, y, height }) => (
    <div
      key={node.className}
      className={css.host}
      style={at(layout.x.ingress, y - height / 2 - 28)}
    >
      <h2>{node.hosts.slice(0, 2).join(', ')}</h2>
      <p>
        Ingress, {node.controller}, <b>{rateText(node.rate)}</b>
      </p>
    </div>
  ))
}

function Routes({ layout }: { layout: TrafficLayout }) {
  return layout.routes.map(({ node, label }) => {
    const isServed = layout.ingresses.some((ingress) => ingress.node.className === node.className)
    if (!isServed) return null
    const isNarrow = layout.ingresses.length > 1
    return (
      <p
        key={node.id}
        className={css.pill}
        style={at(label.x, label.y)}
        data-failing={(node.failed ?? 0) > 0}
        data-narrow={isNarrow}
      >
        <code>{node.paths.slice(0, 2).join(' ')}</code>
        <b>{isNarrow && node.rate === null ? '–' : rateText(node.rate)}</b>
        {(node.failed ?? 0) > 0 && <small>{rateText(node.failed)} failed</small>}
      </p>
    )
  })
}

function Nothing() {
  return (
    <div className={css.nothing}>
      <h2>No Service gets traffic here</h2>
      <p>The scene “Ingress fan-out” shows one host that leads to two Services.</p>
    </div>
  )
}
