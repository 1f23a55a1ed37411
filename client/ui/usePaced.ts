import { useEffect, useRef, useState } from 'react'

/** `value`, looked at again only every `paceMs`; 0 follows every change. For what costs more than it is worth at each. */
export function usePaced<T>(value: T, paceMs: number): T {
  const [held, setHeld] = useState(value)
  const newest = useRef(value)
  useEffect(() => {
    newest.current = value
  })
  useEffect(() => {
    if (paceMs === 0) return
    const timer = setInterval(() => setHeld(newest.current), paceMs)
    return () => clearInterval(timer)
  }, [paceMs])
  return paceMs === 0 ? value : held
}
