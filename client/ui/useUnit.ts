// How large one u is, for what is measured in script: the same rule as --u in the style sheet.
import { useLayoutEffect, useState, useSyncExternalStore } from 'react'

export type Layout = 'wide' | 'narrow' | 'phone'

const PHONE = matchMedia('(max-width: 599px)')
const NARROW = matchMedia('(max-width: 1179px), (max-aspect-ratio: 3/2)')

function onResize(onChange: () => void): () => void {
  window.addEventListener('resize', onChange)
  return () => window.removeEventListener('resize', onChange)
}

/** Which of the three layouts the window has room for. */
export function useLayout(): Layout {
  return useSyncExternalStore(onResize, () => {
    if (PHONE.matches) return 'phone'
    return NARROW.matches ? 'narrow' : 'wide'
  })
}

const PROBE_U = 1000

function measure(): number {
  const probe = document.getElementById('unit-probe')
  return (probe?.getBoundingClientRect().width ?? PROBE_U) / PROBE_U
}

/** CSS pixels per u, read from the style sheet once and after every resize. */
export function useUnit(): number {
  const [unit, setUnit] = useState(measure)
  useLayoutEffect(() => {
    const update = (): void => setUnit(measure())
    update()
    return onResize(update)
  }, [])
  return unit
}
