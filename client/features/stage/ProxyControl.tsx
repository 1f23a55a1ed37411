import type { ProxyMode } from '../../../shared/stage.ts'
import { Kbd } from '../../ui/Kbd.tsx'
import { formatClock, formatLatency } from '../../ui/numbers.ts'
import { Segments } from '../../ui/Segments.tsx'
import { Tip } from '../../ui/Tip.tsx'
import { ControlGroup } from './ControlGroup.tsx'
import type { Controls } from './controls.ts'
import css from './Dock.module.css'
import type { Measured, Measurement } from './measuredModes.ts'
import { MODES, useMeasuredModes } from './measuredModes.ts'

/** `4.7× lower p99`, once both modes were measured. */
export function comparison(
  mode: ProxyMode | null,
  { userspace, iptables }: Measured,
): string | null {
  if (!mode || !userspace || !iptables) return null
  const ofOthers = mode === 'iptables' ? userspace : iptables
  const own = (mode === 'iptables' ? iptables : userspace).p99Ms
  const other = ofOthers.p99Ms
  if (Math.abs(own / other - 1) < 0.05) return 'same p99'
  return own < other
    ? `${(other / own).toFixed(1)}× lower p99`
    : `${(own / other).toFixed(1)}× higher p99`
}

function Mode({
  mode,
  measured,
  isRunning,
  share,
  isClosed,
}: {
  mode: ProxyMode
  measured: Measurement | undefined
  isRunning: boolean
  share: number
  isClosed: boolean
}) {
  const p99 = measured?.p99Ms
  const { figure, unit } = formatLatency(p99 ?? null)
  return (
    <span className={isClosed ? `${css.mode} ${css.closed}` : css.mode}>
      {mode}
      {measured && !isRunning && (
        <time className={css.measuredAt}>{formatClock(measured.at).slice(0, 5)}</time>
      )}
      <b>
        {p99 === undefined ? (
          <small className={css.unknown}>{isClosed ? 'unavailable' : 'not measured'}</small>
        ) : (
          figure
        )}
        {p99 !== undefined && <small>{unit} p99</small>}
      </b>
      {p99 !== undefined && <i className={css.meter} style={{ width: `${share * 100}%` }} />}
    </span>
  )
}

/** How the Service reaches its endpoints: a process that copies bytes, or rules in the kernel. */
export function ProxyControl({ controls }: { controls: Controls }) {
  const mode = controls.proxyMode
  const measured = useMeasuredModes(mode)
  const slowest = Math.max(...Object.values(measured).map(({ p99Ms }) => p99Ms), 0.001)
  const closedReasons = MODES.filter((each) => each !== mode).map(controls.proxyReason)
  return (
    <ControlGroup
      label="Proxy mode"
      error={controls.errorOf('proxy')}
      className={css.proxy}
      aside={
        <span>
          {comparison(mode, measured)} <Kbd>M</Kbd>
        </span>
      }
    >
      <Tip text={closedReasons[0] ?? null} className={css.wide}>
        {(describedBy) => (
          <Segments
            look="figures"
            label="Proxy mode"
            value={mode}
            describedBy={describedBy}
            onPick={controls.setProxyMode}
            segments={MODES.map((each) => ({
              value: each,
              content: (
                <Mode
                  mode={each}
                  measured={measured[each]}
                  isRunning={each === mode}
                  share={(measured[each]?.p99Ms ?? 0) / slowest}
                  isClosed={!controls.proxyModes.includes(each)}
                />
              ),
            }))}
          />
        )}
      </Tip>
    </ControlGroup>
  )
}
