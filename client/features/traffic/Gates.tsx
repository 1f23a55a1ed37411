import type { ProxyMode } from '../../../shared/stage.ts'
import css from './Traffic.module.css'
import type { Placed } from './placed.ts'
import { portHeight } from './placed.ts'
import type { TrafficLayout } from './trafficLayout.ts'

/** What stands still: senders' ends, Ingress processes as blocks, Services as rules or processes, the pods' line. */
export function Gates({
  layout: { x, sources, ingresses, services, routes },
  mode,
  width,
  height,
}: {
  layout: TrafficLayout
  mode: ProxyMode | null
  width: number
  height: number
}) {
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={css.gates} aria-hidden="true">
      {sources.map(({ node, y, height: tall }) => (
        <rect
          key={node.id}
          x={x.source - 3}
          y={y - tall / 2 - 2}
          width="4"
          height={tall + 4}
          rx="2"
          fill="var(--t1)"
        />
      ))}
      {ingresses.map(({ node, y, height: tall }) => (
        <rect
          key={node.className}
          x={x.ingress - 8}
          y={y - tall / 2 - 14}
          width="16"
          height={tall + 28}
          rx="5"
          fill="var(--t1)"
        />
      ))}
      {services.map((service) => (
        <ServiceGate key={service.node.key} service={service} x={x} mode={mode} />
      ))}
      {routes.map(({ node, start, y }) => {
        const service = services.find((each) => each.node.key === node.service)
        if (!start || service?.node.address !== null) return null
        const from = x.ingress + 12
        const middle = (from + x.service) / 2
        return (
          <path
            key={node.id}
            d={`M${from} ${start.y}C${middle} ${start.y} ${middle} ${y} ${x.service - 24} ${y}`}
            className={css.broken}
          />
        )
      })}
    </svg>
  )
}

function ServiceGate({
  service,
  x,
  mode,
}: {
  service: Placed<TrafficLayout['services'][number]['node']>
  x: TrafficLayout['x']
  mode: ProxyMode | null
}) {
  const { node, y, height } = service
  if (node.address === null) {
    return (
      <path
        d={`M${x.service - 10} ${y - 10}l20 20m0 -20l-20 20`}
        stroke="var(--fail)"
        strokeWidth="4"
        strokeLinecap="round"
      />
    )
  }
  const tall = height + 28
  const port = portHeight(service)
  return (
    <>
      <rect
        x={x.service - 9}
        y={y - tall / 2 - 4}
        width="18"
        height={tall + 8}
        fill="var(--bg)"
        opacity=".55"
      />
      {mode === 'userspace' ? (
        <rect
          x={x.service - 8}
          y={y - tall / 2}
          width="16"
          height={tall}
          rx="5"
          fill="var(--t1)"
          fillOpacity=".4"
          stroke="var(--t1)"
          strokeWidth="2.5"
        />
      ) : (
        <Perforation x={x.service} y={y} height={tall} />
      )}
      {node.pods.length > 0 && (
        <path
          d={`M${x.port + 3} ${y - port / 2}V${y + port / 2}`}
          stroke="var(--t1)"
          strokeWidth="3"
          strokeLinecap="round"
        />
      )}
    </>
  )
}

const DOT = { width: 7, height: 8, pitch: 15 }

/** A kernel rule: packets pass through. */
function Perforation({ x, y, height }: { x: number; y: number; height: number }) {
  const count = Math.max(3, Math.round(height / DOT.pitch))
  const step = (height - DOT.height) / (count - 1)
  return Array.from({ length: count }, (_, place) => y - height / 2 + place * step).map((top) => (
    <rect
      key={top}
      x={x - DOT.width / 2}
      y={top}
      width={DOT.width}
      height={DOT.height}
      rx="2"
      fill="var(--t1)"
    />
  ))
}
