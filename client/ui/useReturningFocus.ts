import { useEffect, useState } from 'react'

/** Where the keyboard was before a panel opened is where it goes back to when that closes. */
export function useReturningFocus(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    },
    [before],
  )
}
