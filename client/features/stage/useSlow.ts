import { useEffect, useRef, useState } from 'react'
import { usePreferences } from '../../ui/preferences.tsx'

const CALM_MS = 1_000

/** The value as it comes; at most once a second while motion is reduced. */
export function useSlow<T>(value: T): T {
  const { calm } = usePreferences()
  const [shown, setShown] = useState(value)
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  }, [value])
  useEffect(() => {
    if (!calm) return
    setShown(latest.current)
    const timer = setInterval(() => setShown(latest.current), CALM_MS)
    return () => clearInterval(timer)
  }, [calm])
  return calm ? shown : value
}
