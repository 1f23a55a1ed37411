import { useMemo } from 'react'
import type { LoadView, ProxyMode } from '../../../shared/stage.ts'
import { useLoad } from '../../live/live.ts'
import { Kbd } from '../../ui/Kbd.tsx'
import { formatLatency } from '../../ui/numbers.ts'
import { Segments } from '../../ui/Segments.tsx'
import { Tip } from '../../ui/Tip.tsx'
import { ControlGroup } from './ControlGroup.tsx'
import type { Controls } from './controls.ts'
import css from './Dock.module.css'
import { useFold } from './useFold.ts'

const MODES: readonly ProxyMode[] = ['userspace', 'iptables']

type Measured = Partial<Record<ProxyMode, number>>

/** The newest p99s of each mode, in ms. */
type Recent = Partial<Record<ProxyMode, readonly number[]>>

/** Five seconds' worth: what is remembered of a mode is their middle, not the one moment it was left at. */
const REMEMBERED = 20

interface Reading {
  mode: ProxyMode | null
  load: LoadView | null
}

function foldRecent({ mode, load }: Reading, previous: Recent = {}): Recent {
  const p99 = load?.p99Ms ?? null
  if (mode === null || p99 === null) return previous
  return { ...previous, [mode]: [...(previous[mode] ?? []), p99].slice(-REMEMBERED) }
}

function middleOf(values: readonly number[] | undefined): number | undefined {
  return values && [...values].sort((a, b) => a - b)[values.length >> 1]
}

/** The p99 of the running mode now, and what it was in the other one while this page was open. */
function useMeasured(mode: ProxyMode | null): Measured {
  const load = useLoad()
  const recent = useFold(
    useMemo(() => ({ mode, load }), [mode, load]),
    foldRecent,
  )
  return useMemo(() => {
    const measured: Measured = {}
    for (const each of MODES) {
      const p99 = each === mode ? recent[each]?.at(-1) : middleOf(recent[each])
      if (p99 !== undefined) measured[each] = p99
    }
    return measured
  }, [mode, recent])
}

/** `4.7× lower p99`, once both modes were measured. */
export function comparison(
  mode: ProxyMode | null,
  { userspace, iptables }: Measured,
): string | null {
  if (!mode || !userspace || !iptables) return null
  const [own, other] = mode === 'iptables' ? [iptables, userspace] : [userspace, iptables]
  if (Math.abs(own / other - 1) < 0.05) return 'same p99'
  return own < other
    ? `${(other / own).toFixed(1)}× lower p99`
    : `${(own / other).toFixed(1)}× higher p99`
}

function Mode({
  mode,
  p99,
  share,
  isClosed,
}: {
  mode: ProxyMode
  p99: number | undefined
  share: number
  isClosed: boolean
}) {
  const { figure, unit } = formatLatency(p99 ?? null)
  return (
    <span className={isClosed ? `${css.mode} ${css.closed}` : css.mode}>
      {mode}
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
  const measured = useMeasured(mode)
  const slowest = Math.max(...Object.values(measured), 0.001)
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
                  p99={measured[each]}
                  share={(measured[each] ?? 0) / slowest}
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
