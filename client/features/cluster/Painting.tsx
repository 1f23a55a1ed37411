import { useEffect, useRef } from 'react'
import { usePreferences } from '../../ui/preferences.tsx'
import css from './Cards.module.css'
import type { Picture } from './picture.ts'
import { shadesOf } from './picture.ts'

/** A picture as its bands come in; what is not painted yet stays open. */
export function Painting({ picture }: { picture: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { theme } = usePreferences()
  const { width, height, bands } = picture
  useEffect(() => {
    const g = canvas.current?.getContext('2d')
    if (!g) return
    g.clearRect(0, 0, width, height)
    const ink = inkOf(theme)
    for (const band of bands) {
      const image = g.createImageData(width, band.rows)
      shadesOf(band).forEach((shade, at) => {
        image.data.set(ink(shade), at * 4)
      })
      g.putImageData(image, 0, band.first)
    }
  }, [bands, width, height, theme])
  const painted = bands.reduce((sum, { rows }) => sum + rows, 0)
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      className={css.painting}
      role="img"
      aria-label={`The Mandelbrot set, ${Math.round((painted / height) * 100)} % painted`}
    />
  )
}

/** From the page's ground to its ink, by shade: the set itself is the ground. */
function inkOf(theme: string): (shade: number) => [number, number, number, number] {
  const [ground, ink] = theme === 'light' ? ([246, 20] as const) : ([10, 244] as const)
  return (shade) => {
    const value = ground + (ink - ground) * shade ** 0.8
    return [value, value * 0.99, value * 0.965, 255]
  }
}
