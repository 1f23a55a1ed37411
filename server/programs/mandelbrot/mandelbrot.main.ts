// A pod of an Indexed Job that paints the Mandelbrot set: it computes the band of its completion index, prints it, and
// leaves its pixels as the termination message, where whoever watches the Job can put the picture together.
import { parseArgs } from 'node:util'
import { leaveTerminationMessage, numberOption } from '../process.ts'
import { bandOf, drawBand, lettersOf, renderBand } from './render.ts'

/** What Kubernetes keeps of a container's last words. */
const LAST_WORDS_BYTES = 4096
const TERMINAL_COLUMNS = 80

const { values } = parseArgs({
  options: {
    tile: { type: 'string', default: process.env.JOB_COMPLETION_INDEX ?? '0' },
    tiles: { type: 'string', default: '20' },
    width: { type: 'string', default: '320' },
    height: { type: 'string', default: '200' },
    samples: { type: 'string', default: '4' },
    iterations: { type: 'string', default: '20000' },
  },
})

const tiles = numberOption('tiles', values.tiles, 1, 10_000)
const tile = numberOption('tile', values.tile, 0, tiles - 1)
const picture = {
  width: numberOption('width', values.width, 1, 4_000),
  height: numberOption('height', values.height, 1, 4_000),
  samples: numberOption('samples', values.samples, 1, 16),
  iterations: numberOption('iterations', values.iterations, 1, 10_000_000),
}

const { first, rows } = bandOf(picture, tile, tiles)
const shades = renderBand(picture, first, rows)
process.stdout.write(`${drawBand(shades, picture.width, TERMINAL_COLUMNS).join('\n')}\n`)
const { width, height } = picture
const message = JSON.stringify({
  mandelbrot: { width, height, first, rows, pixels: lettersOf(shades) },
})
if (message.length <= LAST_WORDS_BYTES) leaveTerminationMessage(message)
else process.stderr.write(`the band is too large for a termination message: use more tiles\n`)
