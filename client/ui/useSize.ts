import { useLayoutEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'

/** An element's size in CSS pixels, kept up to date; null before it is on the page. */
export function useSize<E extends HTMLElement>(): [
  RefObject<E | null>,
  { width: number; height: number } | null,
] {
  const ref = useRef<E>(null)
  const [size, setSize] = useState<{ width: number; height: number } | null>(null)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const measure = (): void => {
      const { width, height } = element.getBoundingClientRect()
      setSize((old) => (old?.width === width && old.height === height ? old : { width, height }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size]
}
