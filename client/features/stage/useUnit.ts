// How large one u is, for what is measured in script: the same rule as --u in the style sheet.
import { useSyncExternalStore } from 'react'

export type Layout = 'wide' | 'narrow' | 'phone'

const PHONE = '(max-width: 599px)'
const NARROW = '(max-width: 1179px), (max-aspect-ratio: 3/2)'

function onResize(onChange: () => void): () => void {
  window.addEventListener('resize', onChange)
  return () => window.removeEventListener('resize', onChange)
}

/** Which of the three layouts the window has room for. */
export function useLayout(): Layout {
  return useSyncExternalStore(onResize, () => {
    if (matchMedia(PHONE).matches) return 'phone'
    return matchMedia(NARROW).matches ? 'narrow' : 'wide'
  })
}

/** CSS pixels per u, read from the style sheet. */
export function useUnit(): number {
  return useSyncExternalStore(onResize, () => {
    const probe = document.getElementById('unit-probe')
    return (probe?.getBoundingClientRect().width ?? 1000) / 1000
  })
}
