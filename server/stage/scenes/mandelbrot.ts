// A Job whose pods paint one band each of a picture everybody knows.
import { mandelbrotJob } from '../demo/mandelbrot.ts'
import { create } from './script.ts'
import type { Scene } from './script.ts'

export const mandelbrot: Scene = {
  async play(play) {
    const job = mandelbrotJob(play.namespace)
    await create(play, [job])
    const { completions = 0, parallelism = 0 } = job.spec
    play.say(
      `${completions} bands, ${parallelism} at a time; each pod leaves its band as its last words.`,
    )
  },
}
