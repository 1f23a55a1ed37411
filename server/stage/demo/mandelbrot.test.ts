import { expect, it } from 'vitest'
import { mandelbrotJob } from './mandelbrot.ts'

it('has a band for each index, small enough for a termination message', () => {
  const { completions = 0, completionMode, template } = mandelbrotJob('default').spec
  const args = template.spec.containers[0]?.args ?? []
  const option = (name: string): number => Number(args[args.indexOf(name) + 1])
  expect(completionMode).toBe('Indexed')
  expect(option('--tiles')).toBe(completions)
  expect((option('--width') * option('--height')) / completions).toBeLessThan(4000)
})
