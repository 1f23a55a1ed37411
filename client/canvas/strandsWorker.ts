// Draws strands beside the page's own thread: many blurred lines cost tens of milliseconds, which tiles cannot wait for.
import type { StrandsPicture } from './drawStrands.ts'
import { drawStrands } from './drawStrands.ts'

export interface StrandsOrder extends StrandsPicture {
  /** In device pixels. */
  width: number
  height: number
}

export interface DrawnStrands {
  picture: ImageBitmap
  tookMs: number
}

addEventListener('message', ({ data }: MessageEvent<StrandsOrder>) => {
  const began = performance.now()
  const canvas = new OffscreenCanvas(data.width, data.height)
  drawStrands(canvas, data)
  const picture = canvas.transferToImageBitmap()
  const drawn: DrawnStrands = { picture, tookMs: performance.now() - began }
  postMessage(drawn, { transfer: [picture] })
})
