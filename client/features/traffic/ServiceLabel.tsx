import { splitKey } from '../../../shared/kubernetes/meta.ts'
import { select } from '../../live/selection.ts'
import { at, rateText } from './placing.ts'
import css from './Traffic.module.css'
import type { Placed } from './placed.ts'
import type { TrafficLayout } from './trafficLayout.ts'
import type { ServiceNode } from './trafficModel.ts'

/** A Service's name over its gate, what passes behind it, and in words why nothing does. */
export function ServiceLabel({
  service: { node, y, height },
  layout: { x, isLow },
}: {
  service: Placed<ServiceNode>
  layout: TrafficLayout
}) {
  const open = (): void => {
    const { namespace = null, name } = splitKey(node.key)
    select({ kind: 'services', namespace, name })
  }
  const answered = Object.values(node.byPod).reduce((sum, rate) => sum + rate, 0)
  return (
    <>
      <div
        className={css.service}
        style={at(isLow ? x.service + 14 : x.service, y - height / 2 - 22)}
        data-low={isLow}
      >
        <h2>
          {node.address === null ? (
            <>Service {node.name}</>
          ) : (
            <button type="button" onClick={open}>
              Service {node.name}
            </button>
          )}
        </h2>
        {node.problem === null ? <code>{node.address}</code> : <p>{node.problem}: 503</p>}
      </div>
      {answered > 0 && (
        <p className={css.pill} style={at((x.service + x.port) / 2, y)}>
          <b>{rateText(Math.round(answered))}</b>
        </p>
      )}
    </>
  )
}
